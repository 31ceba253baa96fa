/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects of one kernel's tree, each read once, and asked for their symbols. */
#include "config.h"

#include "libklpdep/livepatch/patch.h"
#include "libklpdep/fit/object-file.h"

struct klp_object_files {
	struct klpdep_ctx *ctx;
	const char *kernel;
	const struct klp_moddep *moddep;
	struct klp_object_file **modules; /* by number in moddep; NULL: not read so far */
	struct klp_object_file *vmlinux;
	const struct klpdep_patch *patch; /* whose image this is: */
	struct klp_object_file *patch_image;
	bool looked_for_model;
	struct klp_object_file *model;
};

void klp_object_file_clear(struct klp_object_file *target)
{
	for (size_t i = 0; i < target->n_blocks; i++)
		free(target->blocks[i]);
	free(target->blocks);
	free(target->symbols);
	free(target->imports.v);
	free(target->exports.v);
	free(target->why);
	free(target->vermagic);
	free(target->srcversion);
	free(target->build_id);
	*target = (struct klp_object_file){ 0 };
}

static void target_free(struct klp_object_file *target)
{
	if (target)
		klp_object_file_clear(target);
	free(target);
}
KLP_CLEANUP(struct klp_object_file *, target_cleanup, target_free(*p))

int klp_object_files_new(struct klpdep_ctx *ctx, const char *kernel,
			 const struct klp_moddep *moddep, struct klp_object_files **out)
{
	struct klp_object_files *targets = calloc(1, sizeof(*targets));

	if (!targets)
		return -ENOMEM;
	targets->modules = calloc(moddep->n_modules + 1, sizeof(targets->modules[0]));
	if (!targets->modules) {
		free(targets);
		return -ENOMEM;
	}
	targets->ctx = klpdep_ref(ctx);
	targets->kernel = kernel;
	targets->moddep = moddep;
	*out = targets;
	return 0;
}

void klp_object_files_free(struct klp_object_files *targets)
{
	if (!targets)
		return;
	for (size_t i = 0; i < targets->moddep->n_modules; i++)
		target_free(targets->modules[i]);
	free(targets->modules);
	target_free(targets->vmlinux);
	target_free(targets->patch_image);
	target_free(targets->model);
	klpdep_unref(targets->ctx);
	free(targets);
}

/* ---- reading what is asked for ----------------------------------------------------- */

static int read_module(const struct klp_object_files *targets, const struct klp_module *module,
		       unsigned int what, struct klp_object_file **out)
{
	_cleanup_(target_cleanup) struct klp_object_file *target = calloc(1, sizeof(*target));
	_cleanup_free_ char *path = klp_moddep_file(targets->ctx, targets->kernel, module);
	int err = target && path ? klp_object_file_read(path, what, target) : -ENOMEM;

	if (err < 0)
		return err;
	target->name = module->name;
	*out = klp_take(target);
	return 0;
}

static int get_vmlinux(struct klp_object_files *targets, const struct klp_object_file **out)
{
	_cleanup_(target_cleanup) struct klp_object_file *target = NULL;
	int err = 0;

	if (!targets->vmlinux) {
		target = calloc(1, sizeof(*target));
		err = target ? klp_object_file_read_vmlinux(targets->ctx, targets->kernel,
							    target) :
			       -ENOMEM;
		if (err == 0)
			targets->vmlinux = klp_take(target);
	}
	*out = targets->vmlinux;
	return err;
}

int klp_object_files_get(struct klp_object_files *targets, const char *object,
			 const struct klp_object_file **out)
{
	const struct klp_module *module;
	struct klp_object_file **slot;
	int err = 0;

	if (klp_streq(object, "vmlinux"))
		return get_vmlinux(targets, out);
	module = klp_moddep_find(targets->moddep, object);
	if (!module)
		return -ENOENT;
	slot = &targets->modules[module - targets->moddep->modules];
	if (!*slot)
		err = read_module(targets, module, KLP_OBJECT_FILE_SYMBOLS, slot);
	*out = *slot;
	return err;
}

int klp_object_files_get_patch(struct klp_object_files *targets,
			       const struct klpdep_patch *patch,
			       const struct klp_object_file **out)
{
	const struct klp_module *module = klp_moddep_find(targets->moddep, patch->name);
	_cleanup_(target_cleanup) struct klp_object_file *target = NULL;
	int err = 0;

	if (targets->patch != patch) {
		/* One that is not installed is where its user says it is. */
		if (module && klp_streq(module->path, patch->file)) {
			err = read_module(targets, module, 0, &target);
		} else {
			target = calloc(1, sizeof(*target));
			err = target ? klp_object_file_read(patch->file, 0, target) : -ENOMEM;
		}
		if (err < 0)
			return err;
		target_free(targets->patch_image);
		targets->patch_image = klp_take(target);
		targets->patch = patch;
	}
	*out = targets->patch_image;
	return 0;
}

/* What depmod found in kernel/ is the kernel's own; in other directories there may be
 * what was built for another one. */
int klp_object_files_get_model(struct klp_object_files *targets,
			       const struct klp_object_file **out)
{
	const struct klp_moddep *moddep = targets->moddep;
	int err = 0;

	for (size_t i = 0; i < moddep->n_modules && !targets->looked_for_model; i++) {
		_cleanup_(target_cleanup) struct klp_object_file *target = NULL;

		if (!klp_after_prefix(moddep->modules[i].path, "kernel/"))
			continue;
		err = read_module(targets, &moddep->modules[i], 0, &target);
		if (err < 0)
			return err;
		if (target->vermagic) {
			targets->model = klp_take(target);
			break;
		}
	}
	targets->looked_for_model = true;
	*out = targets->model;
	return 0;
}

/* ---- looking things up ------------------------------------------------------------- */

static int cmp_symbol_name(const void *name, const void *symbol)
{
	return strcmp(name, ((const struct klp_object_file_symbol *)symbol)->name);
}

/* The first symbol that is not in front of @name. */
static size_t lower_bound(const struct klp_object_file *target, const char *name)
{
	return klp_lower_bound(name, target->symbols, target->n_symbols,
			       sizeof(*target->symbols), cmp_symbol_name);
}

size_t klp_object_file_count(const struct klp_object_file *target, const char *name, bool live)
{
	size_t n = 0;

	for (size_t i = lower_bound(target, name);
	     i < target->n_symbols && klp_streq(target->symbols[i].name, name); i++)
		n += !live || target->symbols[i].stays;
	return n;
}

const struct klp_object_file_symbol *klp_object_file_symbol(
	const struct klp_object_file *target, const char *name, uint64_t position, bool live)
{
	for (size_t i = lower_bound(target, name);
	     i < target->n_symbols && klp_streq(target->symbols[i].name, name); i++) {
		if ((!live || target->symbols[i].stays) && --position == 0)
			return &target->symbols[i];
	}
	return NULL;
}

const char *klp_object_file_variant(const struct klp_object_file *target, const char *name)
{
	size_t len = strcspn(name, ".");
	_cleanup_free_ char *base = len ? strndup(name, len) : NULL;

	if (!base)
		return NULL;
	for (size_t i = lower_bound(target, base);
	     i < target->n_symbols && strncmp(target->symbols[i].name, base, len) == 0; i++) {
		const char *found = target->symbols[i].name;

		/* What is cold is a part of a function, and cannot be patched. */
		if ((found[len] == '\0' || found[len] == '.') && !strstr(found, ".cold"))
			return found;
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

/* ---- putting it in order ----------------------------------------------------------- */

int klp_object_file_keep(struct klp_object_file *target, void *block)
{
	void **slot = block ? klp_append(target->blocks, target->n_blocks) : NULL;

	if (slot)
		*slot = block;
	else
		free(block);
	return slot ? 0 : -ENOMEM;
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

void klp_object_file_sort(struct klp_object_file *target)
{
	if (target->n_symbols)
		qsort(target->symbols, target->n_symbols, sizeof(target->symbols[0]),
		      cmp_names);
}

bool klp_object_file_is_mapping(const char *name)
{
	/* The kernel's is_mapping_symbol(). */
	return name[0] == '$' || (name[0] == '.' && name[1] == 'L') ||
	       (name[0] == 'L' && name[1] == '0');
}
