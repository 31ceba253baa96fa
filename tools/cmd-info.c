/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep info FILE...: what livepatch modules patch. */
#include "config.h"

#include "tools/table.h"

enum { INFO_PATCH, INFO_FILE, INFO_FORMAT, INFO_OBJECT, INFO_REPLACE, INFO_FUNCS,
       INFO_CALLBACKS, INFO_RELOCS, INFO_VERSION, INFO_SRCVERSION, INFO_VERMAGIC,
       INFO_SET, INFO_FIXES, INFO_REQUIRES, INFO_SUPERSEDES, INFO_TARGET_SRCVERSION };

static const struct column info_columns[] = {
	[INFO_PATCH] = { "patch", COLUMN_TEXT },
	[INFO_FILE] = { "file", COLUMN_TEXT, .below = true },
	[INFO_FORMAT] = { "format", COLUMN_TEXT },
	[INFO_OBJECT] = { "object", COLUMN_TEXT },
	[INFO_REPLACE] = { "replace", COLUMN_TEXT },
	[INFO_FUNCS] = { "funcs", COLUMN_NUMBER },
	[INFO_CALLBACKS] = { "callbacks", COLUMN_TEXT, .below = true },
	[INFO_RELOCS] = { "relocs", COLUMN_NUMBER },
	[INFO_VERSION] = { "version", COLUMN_TEXT, .on_request = true },
	[INFO_SRCVERSION] = { "srcversion", COLUMN_TEXT, .on_request = true },
	[INFO_VERMAGIC] = { "vermagic", COLUMN_TEXT, .on_request = true },
	[INFO_SET] = { "set", COLUMN_TEXT, .on_request = true },
	[INFO_REQUIRES] = { "requires", COLUMN_TEXT, .on_request = true },
	[INFO_FIXES] = { "fixes", COLUMN_TEXT, .on_request = true },
	[INFO_SUPERSEDES] = { "supersedes", COLUMN_TEXT, .on_request = true },
	[INFO_TARGET_SRCVERSION] = { "target_srcversion", COLUMN_TEXT,
				     .on_request = true },
};

enum { FUNC_PATCH, FUNC_OBJECT, FUNC_FUNCTION, FUNC_SYMPOS };

static const struct column func_columns[] = {
	[FUNC_PATCH] = { "patch", COLUMN_TEXT },
	[FUNC_OBJECT] = { "object", COLUMN_TEXT },
	[FUNC_FUNCTION] = { "function", COLUMN_TEXT },
	[FUNC_SYMPOS] = { "sympos", COLUMN_NUMBER },
};

enum { RELOC_PATCH, RELOC_OBJECT, RELOC_SYMOBJECT, RELOC_SYMBOL, RELOC_SYMPOS };

static const struct column reloc_columns[] = {
	[RELOC_PATCH] = { "patch", COLUMN_TEXT },
	[RELOC_OBJECT] = { "object", COLUMN_TEXT },
	[RELOC_SYMOBJECT] = { "symobject", COLUMN_TEXT },
	[RELOC_SYMBOL] = { "symbol", COLUMN_TEXT },
	[RELOC_SYMPOS] = { "sympos", COLUMN_NUMBER },
};

static void callbacks_cell(struct table *table, unsigned int callbacks)
{
	_cleanup_strv_ struct klp_strv names = { 0 };

	for (unsigned int bit = 1; bit <= callbacks; bit <<= 1) {
		const char *name = klpdep_callback_name((enum klpdep_callback)bit);

		if (callbacks & bit && name && klp_strv_add(&names, name) < 0)
			return;
	}
	table_list(table, INFO_CALLBACKS, &names);
}

/* What a getter returns for an index. */
static void names_cell(struct table *table, size_t column, const struct klpdep_patch *patch,
		       const char *(*get)(const struct klpdep_patch *patch, size_t i))
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	const char *name;

	for (size_t i = 0; (name = get(patch, i)); i++) {
		if (klp_strv_add(&names, name) < 0)
			return;
	}
	table_list(table, column, &names);
}

static void add_patch_cells(struct table *table, const struct klpdep_patch *patch)
{
	const char *format = klpdep_patch_get_format(patch);

	table_row(table);
	table_cell(table, INFO_PATCH, klpdep_patch_get_name(patch));
	table_cell(table, INFO_FILE, klpdep_patch_get_file(patch));
	table_cell(table, INFO_FORMAT, format ? format : "undeterminable");
	table_cell(table, INFO_REPLACE, klpdep_replace_name(klpdep_patch_get_replace(patch)));
	table_cell(table, INFO_VERSION, klpdep_patch_get_version(patch));
	table_cell(table, INFO_SRCVERSION, klpdep_patch_get_srcversion(patch));
	table_cell(table, INFO_VERMAGIC, klpdep_patch_get_vermagic(patch));
	table_cell(table, INFO_SET, klpdep_patch_get_set(patch));
	names_cell(table, INFO_REQUIRES, patch, klpdep_patch_get_requires);
	names_cell(table, INFO_FIXES, patch, klpdep_patch_get_fix);
	names_cell(table, INFO_SUPERSEDES, patch, klpdep_patch_get_supersedes);
}

static void add_objects(struct table *table, const struct klpdep_patch *patch)
{
	const struct klpdep_object *object;

	/* A patch without objects, or with unknown ones, still has a row. */
	if (!klpdep_patch_count_objects(patch))
		add_patch_cells(table, patch);
	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++) {
		add_patch_cells(table, patch);
		table_cell(table, INFO_OBJECT, klpdep_object_get_name(object));
		table_cellf(table, INFO_FUNCS, "%zu", klpdep_object_count_funcs(object));
		callbacks_cell(table, klpdep_object_get_callbacks(object));
		table_cellf(table, INFO_RELOCS, "%zu", klpdep_object_count_relocs(object));
		table_cell(table, INFO_TARGET_SRCVERSION,
			   klpdep_object_get_target_srcversion(object));
	}
}

static void add_funcs(struct table *table, const struct klpdep_patch *patch)
{
	const struct klpdep_object *object;
	const char *name;

	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++) {
		for (size_t j = 0; (name = klpdep_object_get_func(object, j)); j++) {
			table_row(table);
			table_cell(table, FUNC_PATCH, klpdep_patch_get_name(patch));
			table_cell(table, FUNC_OBJECT, klpdep_object_get_name(object));
			table_cell(table, FUNC_FUNCTION, name);
			table_cellf(table, FUNC_SYMPOS, "%" PRIu64,
				    klpdep_object_get_func_sympos(object, j));
		}
	}
}

static void add_relocs(struct table *table, const struct klpdep_patch *patch)
{
	const struct klpdep_object *object;
	const char *symbol;

	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++) {
		for (size_t j = 0; (symbol = klpdep_object_get_reloc(object, j)); j++) {
			table_row(table);
			table_cell(table, RELOC_PATCH, klpdep_patch_get_name(patch));
			table_cell(table, RELOC_OBJECT, klpdep_object_get_name(object));
			table_cell(table, RELOC_SYMOBJECT,
				   klpdep_object_get_reloc_symobject(object, j));
			table_cell(table, RELOC_SYMBOL, symbol);
			table_cellf(table, RELOC_SYMPOS, "%" PRIu64,
				    klpdep_object_get_reloc_sympos(object, j));
		}
	}
}

/* The three views of a patch. */
enum { VIEW_OBJECTS, VIEW_FUNCS, VIEW_RELOCS };

static const struct layout info_layouts[] = {
	[VIEW_OBJECTS] = LAYOUT("objects", NULL, info_columns),
	[VIEW_FUNCS] = LAYOUT("functions", "--funcs", func_columns),
	[VIEW_RELOCS] = LAYOUT("relocations", "--relocs", reloc_columns),
	{ 0 },
};

static void (*const add_rows[])(struct table *, const struct klpdep_patch *) = {
	[VIEW_OBJECTS] = add_objects,
	[VIEW_FUNCS] = add_funcs,
	[VIEW_RELOCS] = add_relocs,
};

static int chosen = VIEW_OBJECTS;

static const struct option info_options[] = {
	{ "funcs", no_argument, &chosen, VIEW_FUNCS },
	{ "relocs", no_argument, &chosen, VIEW_RELOCS },
	{ 0 },
};

static int info_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_table_ struct table *table = NULL;
	int result = TOOL_OK, status;

	if (argc == 0)
		return tool_usage(tool, "the argument FILE is missing");
	status = table_new(tool, &info_layouts[chosen], &table);
	if (status != 0)
		return status;
	for (int i = 0; i < argc; i++) {
		_cleanup_patch_ struct klpdep_patch *patch = NULL;
		int err = tool_read_patch(tool, argv[i], &patch);

		if (err < 0) {
			if (err == -ENOENT && !strpbrk(argv[i], "/."))
				tool_error(tool, "files are read; 'modinfo -n %s' says "
						 "where a module's is", argv[i]);
			result = TOOL_FAILED;
			continue;
		}
		if (!klpdep_patch_get_format(patch) && !tool->quiet)
			tool_error(tool,
				   "warning: %s: its objects cannot be read from the file",
				   argv[i]);
		add_rows[chosen](table, patch);
	}
	status = table_print(table);
	return status != 0 ? status : result;
}

const struct command command_info = {
	.name = "info",
	.arguments = "FILE...",
	.summary = "show what livepatch modules patch",
	.help = "      --funcs         show the functions\n"
		"      --relocs        show the symbols of klp relocations\n",
	.long_options = info_options,
	.layouts = info_layouts,
	.run = info_run,
};
