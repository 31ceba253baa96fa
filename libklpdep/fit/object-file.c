/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects of one kernel's tree.  Each is read once, and its symbols are looked up. */
#include "config.h"

#include <stdatomic.h>

#include "libklpdep/base/each.h"
#include "libklpdep/livepatch/patch.h"
#include "libklpdep/fit/object-file.h"

struct klp_object_files {
	struct klpdep_ctx *ctx;
	const char *kernel;
	const struct klp_moddep *moddep;
	struct klp_object_file **modules; /* by number in moddep; NULL: not read yet */
	struct klp_object_file *vmlinux;
	const struct klpdep_patch *patch; /* the patch of this image: */
	struct klp_object_file *patch_image;
	bool looked_for_model;
	struct klp_object_file *model;
};

void klp_object_file_clear(struct klp_object_file *image)
{
	for (size_t i = 0; i < image->n_blocks; i++)
		free(image->blocks[i]);
	free(image->blocks);
	free(image->symbols);
	free(image->imports.v);
	free(image->exports.v);
	free(image->why);
	free(image->vermagic);
	free(image->srcversion);
	free(image->build_id);
	*image = (struct klp_object_file){ 0 };
}

static void target_free(struct klp_object_file *image)
{
	if (image)
		klp_object_file_clear(image);
	free(image);
}
KLP_CLEANUP(struct klp_object_file *, target_cleanup, target_free(*p))

int klp_object_files_new(struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_moddep *moddep, struct klp_object_files **out)
{
	struct klp_object_files *files = calloc(1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	files->modules = calloc(moddep->n_modules + 1, sizeof(files->modules[0]));
	if (!files->modules) {
		free(files);
		return -ENOMEM;
	}
	files->ctx = klpdep_ref(ctx);
	files->kernel = kernel;
	files->moddep = moddep;
	*out = files;
	return 0;
}

void klp_object_files_free(struct klp_object_files *files)
{
	if (!files)
		return;
	for (size_t i = 0; i < files->moddep->n_modules; i++)
		target_free(files->modules[i]);
	free(files->modules);
	target_free(files->vmlinux);
	target_free(files->patch_image);
	target_free(files->model);
	klpdep_unref(files->ctx);
	free(files);
}

/* ---- reading ----------------------------------------------------------------------- */

static int read_module(const struct klp_object_files *files, const struct klp_module *module,
		       bool with_symbols, struct klp_object_file **out)
{
	_cleanup_(target_cleanup) struct klp_object_file *image = calloc(1, sizeof(*image));
	_cleanup_free_ char *path = klp_moddep_file(files->ctx, files->kernel, module);
	int err = image && path ? klp_object_file_read(path, with_symbols, image) : -ENOMEM;

	if (err < 0)
		return err;
	image->name = module->name;
	*out = klp_take(image);
	return 0;
}

static int read_vmlinux(const struct klp_object_files *files, struct klp_object_file **out)
{
	_cleanup_(target_cleanup) struct klp_object_file *image = calloc(1, sizeof(*image));
	int err = image ? klp_object_file_read_vmlinux(files->ctx, files->kernel, image) :
			  -ENOMEM;

	if (err == 0)
		*out = klp_take(image);
	return err;
}

int klp_object_files_get(struct klp_object_files *files, const char *object,
			 const struct klp_object_file **out)
{
	const struct klp_module *module = klp_moddep_find(files->moddep, object);
	bool is_vmlinux = klp_streq(object, "vmlinux");
	struct klp_object_file **slot;
	int err = 0;

	if (!module && !is_vmlinux)
		return -ENOENT;
	slot = is_vmlinux ? &files->vmlinux : &files->modules[module - files->moddep->modules];
	if (!*slot)
		err = is_vmlinux ? read_vmlinux(files, slot) :
				   read_module(files, module, true, slot);
	*out = *slot;
	return err;
}

struct reading {
	struct klp_object_files *files;
	const char *const *names;
	_Atomic int err;
};

static void read_one(void *data, size_t i)
{
	struct reading *reading = data;
	const struct klp_object_file *image;
	int err = klp_object_files_get(reading->files, reading->names[i], &image);

	if (err < 0)
		reading->err = err;
}

int klp_object_files_read(struct klp_object_files *files, const char *const *names, size_t n,
			  unsigned int threads)
{
	struct reading reading = { .files = files, .names = names };

	klp_each(threads, n, read_one, &reading, NULL, NULL);
	return reading.err;
}

int klp_object_files_get_patch(struct klp_object_files *files,
			       const struct klpdep_patch *patch,
			       const struct klp_object_file **out)
{
	const struct klp_module *module = klp_moddep_find(files->moddep, patch->name);
	_cleanup_(target_cleanup) struct klp_object_file *image = NULL;

	if (files->patch != patch) {
		int err = module ? read_module(files, module, false, &image) : -ENOENT;

		if (err < 0)
			return err;
		target_free(files->patch_image);
		files->patch_image = klp_take(image);
		files->patch = patch;
	}
	*out = files->patch_image;
	return 0;
}

/* Modules in kernel/ are the kernel's own.  Other directories may have modules built for
 * another kernel. */
int klp_object_files_get_model(struct klp_object_files *files,
			       const struct klp_object_file **out)
{
	const struct klp_moddep *moddep = files->moddep;
	int err = 0;

	for (size_t i = 0; i < moddep->n_modules && !files->looked_for_model; i++) {
		_cleanup_(target_cleanup) struct klp_object_file *image = NULL;

		if (!klp_after_prefix(moddep->modules[i].path, "kernel/"))
			continue;
		err = read_module(files, &moddep->modules[i], false, &image);
		if (err < 0)
			return err;
		if (image->vermagic) {
			files->model = klp_take(image);
			break;
		}
	}
	files->looked_for_model = true;
	*out = files->model;
	return 0;
}

/* ---- looking up -------------------------------------------------------------------- */

static int cmp_symbol_name(const void *name, const void *symbol)
{
	return strcmp(name, ((const struct klp_object_file_symbol *)symbol)->name);
}

/* The first symbol that is not before @name. */
static size_t lower_bound(const struct klp_object_file *image, const char *name)
{
	return klp_lower_bound(name, image->symbols, image->n_symbols,
			       sizeof(*image->symbols), cmp_symbol_name);
}

/* The symbols of a name: the first; *end is after the last. */
static size_t find_run(const struct klp_object_file *image, const char *name, size_t *end)
{
	size_t first = lower_bound(image, name);

	*end = first;
	if (first < image->n_symbols && klp_streq(image->symbols[first].name, name))
		*end += image->symbols[first].n_same;
	return first;
}

size_t klp_object_file_count(const struct klp_object_file *image, const char *name, bool live)
{
	size_t end, first = find_run(image, name, &end);

	return !live || first == end ? end - first : image->symbols[end - 1].n_staying;
}

const struct klp_object_file_symbol *klp_object_file_symbol(
	const struct klp_object_file *image, const char *name, uint64_t position, bool live)
{
	size_t end, low = find_run(image, name, &end);

	if (position == 0 || position > klp_object_file_count(image, name, live))
		return NULL;
	if (!live)
		return &image->symbols[low + position - 1];
	/* the first of which so many stay */
	for (size_t high = end - 1; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (image->symbols[middle].n_staying < position)
			low = middle + 1;
		else
			high = middle;
	}
	return &image->symbols[low];
}

const char *klp_object_file_variant(const struct klp_object_file *image, const char *name)
{
	size_t len = strcspn(name, "."), end, first;
	_cleanup_free_ char *base = len ? calloc(1, len + 2) : NULL;

	if (!base)
		return NULL;
	memcpy(base, name, len);
	first = find_run(image, base, &end);
	if (first < end)
		return image->symbols[first].name;
	/* A cold part of a function cannot be patched. */
	strcpy(base + len, ".");
	for (size_t i = lower_bound(image, base);
	     i < image->n_symbols && strncmp(image->symbols[i].name, base, len + 1) == 0; i++) {
		if (!strstr(image->symbols[i].name, ".cold"))
			return image->symbols[i].name;
	}
	return NULL;
}

static int cmp_crc_symbol(const void *symbol, const void *crc)
{
	return strcmp(symbol, ((const struct klp_crc *)crc)->symbol);
}

const struct klp_crc *klp_crc_find(const struct klp_crcs *crcs, const char *symbol)
{
	return crcs->n ? bsearch(symbol, crcs->v, crcs->n, sizeof(*crcs->v), cmp_crc_symbol) :
			 NULL;
}

/* ---- sorting ----------------------------------------------------------------------- */

int klp_object_file_keep(struct klp_object_file *image, void *block)
{
	void **slot = block ? klp_append(image->blocks, image->n_blocks) : NULL;

	if (slot)
		*slot = block;
	else
		free(block);
	return slot ? 0 : -ENOMEM;
}

int klp_object_file_copy(struct klp_object_file *image, const void *data, size_t size,
			 char **out)
{
	char *copy = malloc(size + 1);

	if (copy) {
		memcpy(copy, data, size);
		copy[size] = '\0';
	}
	*out = copy;
	return klp_object_file_keep(image, copy);
}

int klp_object_file_copy_section(struct klp_object_file *image, const struct klp_elf *elf,
				 uint32_t section, char **out)
{
	size_t size = (size_t)elf->sections[section].size;
	int err = -EBADMSG;
	const unsigned char *p = klp_elf_data(elf, section, 0, size, &err);

	return p ? klp_object_file_copy(image, p, size, out) : err;
}

static bool is_mapping(const char *name)
{
	/* The kernel's is_mapping_symbol(). */
	return name[0] == '$' || (name[0] == '.' && name[1] == 'L') ||
	       (name[0] == 'L' && name[1] == '0');
}

int klp_object_file_add(struct klp_object_file *image,
			const struct klp_object_file_symbol *symbol)
{
	struct klp_object_file_symbol *slot;

	if (!*symbol->name || is_mapping(symbol->name))
		return 0;
	slot = klp_append(image->symbols, image->n_symbols);
	if (!slot)
		return -ENOMEM;
	*slot = *symbol;
	return 0;
}

int klp_crcs_add(struct klp_crcs *crcs, const char *symbol, uint32_t crc)
{
	struct klp_crc *slot = klp_append(crcs->v, crcs->n);

	if (!slot)
		return -ENOMEM;
	*slot = (struct klp_crc){ symbol, crc };
	return 0;
}

static int cmp_names(const void *p, const void *q)
{
	const struct klp_object_file_symbol *a = p, *b = q;
	int cmp = strcmp(a->name, b->name);

	return cmp ? cmp : a->number < b->number ? -1 : a->number > b->number;
}

static int cmp_crcs(const void *p, const void *q)
{
	const struct klp_crc *a = p, *b = q;

	return strcmp(a->symbol, b->symbol);
}

void klp_crcs_sort(struct klp_crcs *crcs)
{
	if (crcs->n)
		qsort(crcs->v, crcs->n, sizeof(crcs->v[0]), cmp_crcs);
}

/* As many may have one name as a patch has functions. */
static void count_same(struct klp_object_file *image)
{
	struct klp_object_file_symbol *v = image->symbols;

	for (size_t i = 0, end; i < image->n_symbols; i = end) {
		uint32_t n_staying = 0;

		for (end = i; end < image->n_symbols && klp_streq(v[end].name, v[i].name); end++) {
			n_staying += v[end].stays;
			v[end].n_staying = n_staying;
		}
		v[i].n_same = (uint32_t)(end - i);
	}
}

void klp_object_file_sort(struct klp_object_file *image)
{
	if (image->n_symbols)
		qsort(image->symbols, image->n_symbols, sizeof(image->symbols[0]),
		      cmp_names);
	count_same(image);
}
