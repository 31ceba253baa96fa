/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of representations, and what all of them share: .modinfo and symbols. */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/livepatch/format.h"

/* In this order: the first reader that finds something gives the patch's format.  The tools
 * have sections of their own.  klp relocations exist together with any of the others. */
static const struct klp_format *const formats[] = {
	&klp_format_kpatch,
	&klp_format_klp_build,
	&klp_format_klp_patch,
	&klp_format_klp_rela,
};

int klp_read_func(const struct klp_pointers *pointers, const char *what,
		  struct klp_place record, uint64_t name, uint64_t sympos,
		  struct klpdep_patch *patch)
{
	const char *string =
		klp_pointer_string(pointers, klp_pointer_at(pointers, record, name));
	const unsigned char *p;
	int err = -EBADMSG;

	if (!string)
		return klp_place_fail(pointers->elf, what, record, "has no name");
	p = klp_elf_data(pointers->elf, record.section, record.offset + sympos, 8, &err);
	return p ? klp_patch_add_func(patch, string, klp_elf_u64(pointers->elf, p)) : err;
}

int klp_read_object(const struct klp_pointers *pointers, const char *what,
		    struct klp_place at, struct klpdep_patch *patch,
		    struct klpdep_object **object)
{
	const struct klp_pointer *name = klp_pointer_at(pointers, at, KLP_OBJECT_NAME);
	const char *string = klp_pointer_string(pointers, name);
	int err;

	if (name && !string)
		return klp_place_fail(pointers->elf, what, at, "has a name that is no string");
	err = klp_patch_add_object(patch, string, object);
	if (err < 0)
		return err;
	(*object)->n_structs++;
	if (string && klp_streq(string, "vmlinux"))
		(*object)->is_misnamed = true;
	for (unsigned int bit = 0; klp_callback_name(bit); bit++) {
		if (klp_pointer_at(pointers, at, KLP_OBJECT_CALLBACKS + 8 * bit))
			(*object)->callbacks |= 1U << bit;
	}
	return 0;
}

/* The format if only the author names the objects. */
static const char modinfo_format[] = "modinfo";

const char *klp_format_name(const char *name)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(formats); i++) {
		if (klp_streq(formats[i]->name, name))
			return formats[i]->name;
	}
	return klp_streq(name, modinfo_format) ? modinfo_format : "other";
}

/* Room for a thousand names of maximal length, and for everything that a build adds.  All
 * of it goes into the index, or is looked up among all modules and patches. */
#define MODINFO_MAX 65536

struct modinfo {
	struct klpdep_patch *patch;
	char *name;
	struct klp_strv objects;
	struct klp_strv target_srcversions;
	struct klp_strv target_build_ids;
	char *retire;
};

static void modinfo_clear(struct modinfo *info)
{
	free(info->name);
	klp_strv_clear(&info->objects);
	klp_strv_clear(&info->target_srcversions);
	klp_strv_clear(&info->target_build_ids);
	free(info->retire);
}

static int add_softdep(struct klpdep_patch *patch, const char *value)
{
	_cleanup_strv_ struct klp_strv words = { 0 };
	struct klp_strv *list = NULL;
	int err = klp_strv_split(&words, value, " \t");

	for (size_t i = 0; i < words.n && err == 0; i++) {
		if (klp_streq(words.v[i], "pre:"))
			list = &patch->pre;
		else if (klp_streq(words.v[i], "post:"))
			list = &patch->post;
		else if (list)
			err = klp_strv_add(list, words.v[i]);
	}
	return err;
}

/* The kernel checks only that the tag exists: check_modinfo_livepatch(). */
static int is_livepatch(void *data, const char *key, const char *value)
{
	(void)data;
	(void)value;
	return klp_streq(key, "livepatch");
}

static int read_modinfo(void *data, const char *key, const char *value)
{
	struct modinfo *info = data;
	struct klpdep_patch *patch = info->patch;
	const struct {
		const char *key;
		char **text;
		struct klp_strv *list;
	} entries[] = {
		{ "name", &info->name, NULL },
		{ "version", &patch->version, NULL },
		{ "srcversion", &patch->srcversion, NULL },
		{ "vermagic", &patch->vermagic, NULL },
		{ "depends", NULL, &patch->needs },
		{ "klp_set", &patch->set, NULL },
		{ "klp_requires", NULL, &patch->requires },
		{ "klp_fixes", NULL, &patch->fixes },
		{ "klp_supersedes", NULL, &patch->supersedes },
		{ "klp_objects", NULL, &info->objects },
		{ "klp_target_srcversion", NULL, &info->target_srcversions },
		{ "klp_target_buildid", NULL, &info->target_build_ids },
		{ "klp_retire", &info->retire, NULL },
	};

	if (klp_streq(key, "softdep"))
		return add_softdep(patch, value);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(entries); i++) {
		if (klp_streq(entries[i].key, key))
			return entries[i].text ? klp_set_string(entries[i].text, value) :
						 klp_strv_split(entries[i].list, value, ", \t");
	}
	return 0;
}

static int check_modinfo_size(const struct klp_elf *elf)
{
	uint64_t size = elf->sections[klp_elf_find_section(elf, ".modinfo")].size;

	return size <= MODINFO_MAX ? 0 :
		klp_file_fail(elf->file, -EBADMSG,
			      "a .modinfo of %" PRIu64 " bytes: that of a livepatch has "
			      "up to %d", size, MODINFO_MAX);
}

static int check_modules(struct klp_file *file, const char *key, struct klp_strv *names)
{
	for (size_t i = 0; i < names->n; i++) {
		char *name = names->v[i], normal[KLP_MODULE_NAME_LEN];

		if (klp_name_normalize(name, normal) < 0)
			return klp_file_fail(file, -EBADMSG,
					     "modinfo %s: '%.100s' is not the name of a module",
					     key, name);
		memcpy(name, normal, strlen(normal));
	}
	return 0;
}

/* These names of patches go into the index, so nothing else may be among them. */
static int check_names(struct klp_file *file, struct klpdep_patch *patch)
{
	int err = check_modules(file, "klp_requires", &patch->requires);

	if (err == 0)
		err = check_modules(file, "depends", &patch->needs);
	if (err < 0)
		return err;
	for (size_t i = 0; i < patch->fixes.n; i++) {
		if (!klp_fix_valid(patch->fixes.v[i]))
			return klp_file_fail(file, -EBADMSG,
					     "modinfo klp_fixes: '%.100s' is no identifier of a fix",
					     patch->fixes.v[i]);
	}
	for (size_t i = 0; i < patch->supersedes.n; i++) {
		if (!klp_glob_valid(patch->supersedes.v[i]))
			return klp_file_fail(file, -EBADMSG,
					     "modinfo klp_supersedes: '%.100s' matches no name "
					     "of a module", patch->supersedes.v[i]);
	}
	return 0;
}

static int name_patch(struct klp_file *file, const char *modinfo_name,
		      struct klpdep_patch *patch)
{
	const char *given = modinfo_name ? modinfo_name : file->path;
	bool is_long = modinfo_name && strlen(modinfo_name) >= KLP_MODULE_NAME_LEN;
	char name[KLP_MODULE_NAME_LEN];
	int err;

	if (modinfo_name)
		err = klp_name_normalize(modinfo_name, name);
	else
		err = klp_name_from_path(file->path, name);
	if (err == -EINVAL)
		return klp_file_fail(file, -EBADMSG, "'%.100s' is no name for a module%s",
				     given, is_long ? ", too long" : "");
	return err < 0 ? err : klp_set_string(&patch->name, name);
}

/* The objects of the author's klp_objects tag, in addition to those found. */
static int add_tagged_objects(struct klpdep_patch *patch, const struct klp_strv *objects)
{
	for (size_t i = 0; i < objects->n; i++) {
		char name[KLP_MODULE_NAME_LEN];
		bool valid = klp_name_normalize(objects->v[i], name) == 0;
		struct klpdep_object *object;
		int err = klp_patch_add_object(patch, valid ? name : objects->v[i],
					       &object);

		if (err < 0)
			return err;
	}
	if (objects->n && !patch->format)
		patch->format = modinfo_format;
	return 0;
}

/* The builds of targets that the patch was made for: OBJECT:VALUE.  An entry for an object
 * that is not patched has no effect. */
static int add_target_builds(struct klp_file *file, struct klpdep_patch *patch,
			     const struct klp_strv *entries, const char *key,
			     const char *form, bool is_build_id)
{
	int err = 0;

	for (size_t i = 0; i < entries->n && err == 0; i++) {
		char *text = entries->v[i], *colon = strchr(text, ':');
		char name[KLP_MODULE_NAME_LEN];
		struct klpdep_object *object;

		if (colon)
			*colon = '\0';
		if (!colon || !colon[1] || klp_name_normalize(text, name) < 0)
			return klp_file_fail(file, -EBADMSG,
					     "modinfo %s: '%.100s' is not of the form %s", key,
					     text, form);
		object = klp_patch_find_object(patch, name);
		if (object)
			err = klp_set_string(is_build_id ? &object->target_build_id :
							   &object->target_srcversion,
					     colon + 1);
	}
	return err;
}

static int read_build_id(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	char id[KLP_BUILD_ID_SIZE];
	int err = klp_elf_build_id(elf, id);

	return err <= 0 ? err : klp_set_string(&patch->build_id, id);
}

static int set_retire(struct klp_file *file, struct klpdep_patch *patch, const char *value)
{
	if (!value || klp_retire_from_name(value, &patch->retire) == 0)
		return 0;
	return klp_file_fail(file, -EBADMSG,
			     "modinfo klp_retire: '%.100s' is none of auto, always, never",
			     value);
}

/* The last step of kpatch-build removes these sections, and that of klp-build removes
 * undefined symbols, below.  The kernel accepts modules that still have them; then kpatch's
 * reads other data than its structures, and klp-build's calls address 0. */
static int find_unfinished(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	static const char *const sections[] = { ".kpatch.relocations", ".kpatch.symbols" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(sections); i++) {
		uint32_t section = klp_elf_find_section(elf, sections[i]);

		if (section && elf->sections[section].size)
			return klp_set_string(&patch->unfinished, sections[i]);
	}
	return 0;
}

static int read_imports(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	int err = 0;

	for (uint32_t i = 1; i < klp_elf_count_symbols(elf) && err == 0; i++) {
		struct klp_symbol symbol;

		err = klp_elf_symbol(elf, i, &symbol);
		if (err < 0 || symbol.raw_section != SHN_UNDEF || !symbol.name ||
		    !*symbol.name)
			continue;
		if (!patch->unfinished && klp_after_prefix(symbol.name, ".klp.sym."))
			err = klp_set_string(&patch->unfinished, symbol.name);
		if (err == 0)
			err = klp_patch_add_symbol(patch, &patch->imports, symbol.name);
	}
	klp_strv_sort_unique(&patch->imports);
	return err;
}

/* Strings one after another.  Some are empty, and in some kernels some are names of
 * namespaces. */
static int read_exports(const struct klp_elf *elf, struct klpdep_patch *patch)
{
	uint32_t section = klp_elf_find_section(elf, "__ksymtab_strings");
	const char *name;
	int err = 0;

	for (uint64_t at = 0; section && err == 0; at += strlen(name) + 1) {
		name = klp_elf_string(elf, section, at);
		if (!name)
			break;
		if (*name)
			err = klp_patch_add_symbol(patch, &patch->exports, name);
	}
	klp_strv_sort_unique(&patch->exports);
	return err;
}

static int read_objects(struct klp_elf *elf, struct klpdep_patch *patch)
{
	int err = klp_elf_load(elf);

	/* A file that points to the same data over and over could need any amount of
	 * memory.  A real one never has more than its own size. */
	patch->room = 4 * (size_t)elf->file->size + ((size_t)1 << 20);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(formats) && err >= 0; i++) {
		/* A tool's module makes its klp_patch at run time. */
		if (formats[i] == &klp_format_klp_patch && patch->format)
			continue;
		err = formats[i]->read(elf, patch);
		if (err == 0 && !patch->format)
			patch->format = formats[i]->name;
	}
	if (err >= 0 && patch->replace == KLPDEP_REPLACE_UNKNOWN &&
	    (patch->format == klp_format_kpatch.name ||
	     patch->format == klp_format_klp_build.name))
		err = klp_tool_replace(elf, &patch->replace);
	if (err >= 0)
		err = find_unfinished(elf, patch);
	if (err >= 0)
		err = read_imports(elf, patch);
	return err < 0 ? err : read_exports(elf, patch);
}

int klp_format_read(struct klp_file *file, struct klpdep_patch **out)
{
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	_cleanup_(modinfo_clear) struct modinfo info = { 0 };
	_cleanup_elf_ struct klp_elf elf = { 0 };
	int err = klp_elf_open(&elf, file);

	if (err == 0)
		err = klp_elf_modinfo(&elf, is_livepatch, NULL);
	if (err <= 0)
		return err ? err : -ENODATA;
	err = check_modinfo_size(&elf);
	if (err < 0)
		return err;
	patch = info.patch = klp_patch_new();
	err = patch ? klp_elf_modinfo(&elf, read_modinfo, &info) : -ENOMEM;
	if (err < 0)
		return err;
	err = name_patch(file, info.name, patch);
	if (err == 0)
		err = check_names(file, patch);
	if (err == 0)
		err = klp_set_string(&patch->file, file->path);
	if (err == 0)
		err = read_objects(&elf, patch);
	if (err == 0)
		err = add_tagged_objects(patch, &info.objects);
	if (err == -E2BIG)
		err = klp_file_fail(file, -EBADMSG,
				    "names more objects, functions and symbols than a "
				    "file of its size holds");
	if (err == 0)
		err = klp_patch_finish(patch);
	if (err == 0)
		err = add_target_builds(file, patch, &info.target_srcversions,
					"klp_target_srcversion", "OBJECT:SRCVERSION", false);
	if (err == 0)
		err = add_target_builds(file, patch, &info.target_build_ids,
					"klp_target_buildid", "OBJECT:BUILDID", true);
	if (err == 0)
		err = read_build_id(&elf, patch);
	if (err == 0)
		err = set_retire(file, patch, info.retire);
	if (err < 0)
		return err;
	*out = klp_take(patch);
	return 0;
}

int klpdep_patch_new_from_file(struct klpdep_ctx *ctx, const char *path,
			       struct klpdep_patch **patch)
{
	_cleanup_file_ struct klp_file *file = NULL;
	int err = klp_file_open(path, &file);

	if (err == 0)
		err = klp_format_read(file, patch);
	if (err < 0) /* "no livepatch" is an answer */
		klp_log(ctx, err == -ENODATA ? LOG_DEBUG : LOG_ERR, "%s: %s", path,
			file && file->error ? file->error : klpdep_strerror(err));
	return err;
}
