/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep info FILE...: what livepatch modules patch. */
#include "config.h"

#include "libklpdep/livepatch/patch.h"
#include "tools/table.h"

enum { INFO_PATCH, INFO_FILE, INFO_FORMAT, INFO_OBJECT, INFO_REPLACE, INFO_FUNCS,
       INFO_CALLBACKS, INFO_RELOCS, INFO_VERSION, INFO_SRCVERSION, INFO_VERMAGIC,
       INFO_SET, INFO_REQUIRES, INFO_SUPERSEDES, INFO_TARGET_SRCVERSION };

static const struct column info_columns[] = {
	[INFO_PATCH] = { "patch", COLUMN_TEXT },
	[INFO_FILE] = { "file", COLUMN_TEXT },
	[INFO_FORMAT] = { "format", COLUMN_TEXT },
	[INFO_OBJECT] = { "object", COLUMN_TEXT },
	[INFO_REPLACE] = { "replace", COLUMN_TEXT },
	[INFO_FUNCS] = { "funcs", COLUMN_NUMBER },
	[INFO_CALLBACKS] = { "callbacks", COLUMN_TEXT },
	[INFO_RELOCS] = { "relocs", COLUMN_NUMBER },
	[INFO_VERSION] = { "version", COLUMN_TEXT, .on_request = true },
	[INFO_SRCVERSION] = { "srcversion", COLUMN_TEXT, .on_request = true },
	[INFO_VERMAGIC] = { "vermagic", COLUMN_TEXT, .on_request = true },
	[INFO_SET] = { "set", COLUMN_TEXT, .on_request = true },
	[INFO_REQUIRES] = { "requires", COLUMN_TEXT, .on_request = true },
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

static const char *const callback_names[] = { "pre_patch", "post_patch", "pre_unpatch",
					      "post_unpatch" };

static void callbacks_cell(struct table *table, unsigned int callbacks)
{
	char text[64] = "";

	for (size_t i = 0; i < KLP_ARRAY_SIZE(callback_names); i++) {
		if (!(callbacks & 1U << i))
			continue;
		if (*text)
			strcat(text, ",");
		strcat(text, callback_names[i]);
	}
	if (*text)
		table_cell(table, INFO_CALLBACKS, text);
}

static void list_cell(struct table *table, size_t column, const struct klp_strv *list)
{
	_cleanup_free_ char *text = klp_strv_join(list, ",");

	if (list->n)
		table_cell(table, column, text ? text : "");
}

static void add_patch_cells(struct table *table, const struct klpdep_patch *patch)
{
	table_row(table);
	table_cell(table, INFO_PATCH, patch->name);
	table_cell(table, INFO_FILE, patch->file);
	table_cell(table, INFO_FORMAT, patch->format ? patch->format : "undeterminable");
	table_cell(table, INFO_REPLACE, klp_replace_name(patch->replace));
	table_cell(table, INFO_VERSION, patch->version);
	table_cell(table, INFO_SRCVERSION, patch->srcversion);
	table_cell(table, INFO_VERMAGIC, patch->vermagic);
	table_cell(table, INFO_SET, patch->set);
	list_cell(table, INFO_REQUIRES, &patch->requires);
	list_cell(table, INFO_SUPERSEDES, &patch->supersedes);
}

static void add_objects(struct table *table, const struct klpdep_patch *patch)
{
	/* A patch of no objects, or of unknown ones, has a row all the same. */
	if (!patch->n_objects)
		add_patch_cells(table, patch);
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		add_patch_cells(table, patch);
		table_cell(table, INFO_OBJECT, object->name);
		table_cellf(table, INFO_FUNCS, "%zu", object->n_funcs);
		callbacks_cell(table, object->callbacks);
		table_cellf(table, INFO_RELOCS, "%zu", object->n_relocs);
		table_cell(table, INFO_TARGET_SRCVERSION, object->target_srcversion);
	}
}

static void add_funcs(struct table *table, const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		for (size_t j = 0; j < object->n_funcs; j++) {
			table_row(table);
			table_cell(table, FUNC_PATCH, patch->name);
			table_cell(table, FUNC_OBJECT, object->name);
			table_cell(table, FUNC_FUNCTION, object->funcs[j].name);
			table_cellf(table, FUNC_SYMPOS, "%" PRIu64,
				    object->funcs[j].sympos);
		}
	}
}

static void add_relocs(struct table *table, const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		for (size_t j = 0; j < object->n_relocs; j++) {
			const struct klp_reloc *reloc = &object->relocs[j];

			table_row(table);
			table_cell(table, RELOC_PATCH, patch->name);
			table_cell(table, RELOC_OBJECT, object->name);
			table_cell(table, RELOC_SYMOBJECT, reloc->symobject);
			table_cell(table, RELOC_SYMBOL, reloc->symbol);
			table_cellf(table, RELOC_SYMPOS, "%" PRIu64, reloc->sympos);
		}
	}
}

/* The three views of a patch. */
enum view { VIEW_OBJECTS, VIEW_FUNCS, VIEW_RELOCS };

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

enum { OPTION_FUNCS = OPTION_OF_COMMAND, OPTION_RELOCS };

static const struct option info_options[] = {
	{ "funcs", no_argument, NULL, OPTION_FUNCS },
	{ "relocs", no_argument, NULL, OPTION_RELOCS },
	{ 0 }
};

static enum view chosen;

static int info_option(struct tool *tool, int option, const char *argument)
{
	(void)tool;
	(void)argument;
	chosen = option == OPTION_FUNCS ? VIEW_FUNCS : VIEW_RELOCS;
	return 0;
}

static int info_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_table_ struct table *table = NULL;
	int result = TOOL_OK, status;

	if (argc == 0)
		return tool_usage(tool, "a module file is missing");
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
		if (!patch->format && !tool->quiet)
			tool_error(tool,
				   "warning: %s: what it patches cannot be read from "
				   "the file",
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
	.option = info_option,
	.run = info_run,
};
