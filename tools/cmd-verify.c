/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep verify: what the kernel would refuse of the patches. */
#include "config.h"

#include "libklpdep/host/moddep.h"
#include "libklpdep/livepatch/patch.h"
#include "tools/table.h"

enum {
	VERIFY_SEVERITY,
	VERIFY_CODE,
	VERIFY_PATCH,
	VERIFY_FILE,
	VERIFY_OBJECT,
	VERIFY_SUBJECT,
	VERIFY_MESSAGE
};

static const struct column verify_columns[] = {
	[VERIFY_SEVERITY] = { "severity", COLUMN_TEXT },
	[VERIFY_CODE] = { "code", COLUMN_TEXT },
	[VERIFY_PATCH] = { "patch", COLUMN_TEXT },
	[VERIFY_FILE] = { "file", COLUMN_TEXT, .on_request = true },
	[VERIFY_OBJECT] = { "object", COLUMN_TEXT },
	[VERIFY_SUBJECT] = { "subject", COLUMN_TEXT },
	[VERIFY_MESSAGE] = { "message", COLUMN_TEXT, .below = true },
};

static const struct layout verify_layouts[] = {
	LAYOUT("findings", NULL, verify_columns),
	{ 0 },
};

static const char *const severity_names[] = {
	[KLPDEP_NOTE] = "note",
	[KLPDEP_WARNING] = "warning",
	[KLPDEP_ERROR] = "error",
};

enum { OPTION_STRICT = OPTION_OF_COMMAND };

static const struct option verify_options[] = {
	{ "strict", no_argument, NULL, OPTION_STRICT }, { 0 }
};

static bool strict;

static int verify_option(struct tool *tool, int option, const char *argument)
{
	(void)tool;
	(void)option;
	(void)argument;
	strict = true;
	return 0;
}

/* ---- what is found ----------------------------------------------------------------- */

/* The finding's texts, in the order of the columns behind the severity. */
enum { TEXT_CODE, TEXT_PATCH, TEXT_FILE, TEXT_OBJECT, TEXT_SUBJECT, TEXT_MESSAGE, N_TEXTS };

struct finding {
	enum klpdep_severity severity;
	char *texts[N_TEXTS]; /* NULL: none */
};

struct findings {
	struct finding *v;
	size_t n;
	bool failed;
};

static void findings_clear(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		for (size_t j = 0; j < N_TEXTS; j++)
			free(findings->v[i].texts[j]);
	}
	free(findings->v);
}

static void add_finding(void *data, const struct klpdep_finding *from)
{
	const char *texts[N_TEXTS] = { from->code,   from->patch,   from->file,
				       from->object, from->subject, from->message };
	struct findings *findings = data;
	struct finding *finding = klp_append(findings->v, findings->n);

	if (!finding) {
		findings->failed = true;
		return;
	}
	finding->severity = from->severity;
	for (size_t i = 0; i < N_TEXTS; i++) {
		if (texts[i] && klp_set_string(&finding->texts[i], texts[i]) < 0)
			findings->failed = true;
	}
}

static int cmp_texts(const char *a, const char *b)
{
	return klp_name_cmp(a ? a : "", b ? b : "");
}

/* By patch, and what is worst of each first. */
static int cmp_findings(const void *p, const void *q)
{
	static const int order[] = { TEXT_CODE, TEXT_OBJECT, TEXT_SUBJECT, TEXT_MESSAGE };
	const struct finding *a = p, *b = q;
	int cmp = cmp_texts(a->texts[TEXT_PATCH], b->texts[TEXT_PATCH]);

	/* of several builds of one patch */
	if (!cmp)
		cmp = cmp_texts(a->texts[TEXT_FILE], b->texts[TEXT_FILE]);
	if (!cmp)
		cmp = (int)b->severity - (int)a->severity;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(order) && !cmp; i++)
		cmp = cmp_texts(a->texts[order[i]], b->texts[order[i]]);
	return cmp;
}

static int print_findings(struct tool *tool, struct findings *findings)
{
	_cleanup_table_ struct table *table = NULL;
	int status = table_new(tool, verify_layouts, &table);

	if (status != 0)
		return status;
	if (!findings->n && !tool->json)
		return TOOL_OK;
	if (findings->n)
		qsort(findings->v, findings->n, sizeof(*findings->v), cmp_findings);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *finding = &findings->v[i];

		table_row(table);
		table_cell(table, VERIFY_SEVERITY, severity_names[finding->severity]);
		for (size_t j = 0; j < N_TEXTS; j++)
			table_cell(table, VERIFY_CODE + j, finding->texts[j]);
		if (finding->severity == KLPDEP_NOTE)
			table_dim(table);
	}
	return table_print(table);
}

static size_t count_at_least(const struct findings *findings,
			     enum klpdep_severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += findings->v[i].severity >= severity;
	return n;
}

/* ---- what is asked about ----------------------------------------------------------- */

struct patches {
	struct klpdep_patch **v;
	size_t n;
};

static void patches_clear(struct patches *patches)
{
	for (size_t i = 0; i < patches->n; i++)
		klpdep_patch_unref(patches->v[i]);
	free(patches->v);
}

static bool is_file(const char *argument)
{
	static const char *const endings[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(endings); i++) {
		if (klp_ends_with(argument, endings[i]))
			return true;
	}
	return strchr(argument, '/');
}

/* The file of a patch that the tree has.  0, or TOOL_FAILED, which has been said. */
static int find_file(struct tool *tool, struct klp_moddep *moddep, const char *argument,
		     char **file)
{
	const struct klp_module *module = NULL;
	char name[KLP_MODULE_NAME_LEN];

	if (!moddep->n_modules && klp_moddep_read(tool->ctx, tool->kernel, moddep) < 0)
		return TOOL_FAILED; /* why has been said */
	if (klp_name_normalize(argument, name) == 0)
		module = klp_moddep_find(moddep, name);
	if (!module) {
		tool_error(tool, "kernel %s has no module %s", tool->kernel, argument);
		return TOOL_FAILED;
	}
	*file = klp_moddep_file(tool->ctx, tool->kernel, module);
	return *file ? TOOL_OK : TOOL_FAILED;
}

static int add_patch(struct tool *tool, struct klp_moddep *moddep,
		     struct patches *patches, const char *argument)
{
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	_cleanup_free_ char *file = NULL;
	struct klpdep_patch **slot;
	int status = TOOL_OK;

	if (!is_file(argument))
		status = find_file(tool, moddep, argument, &file);
	if (status != TOOL_OK)
		return status;
	if (tool_read_patch(tool, file ? file : argument, &patch) < 0)
		return TOOL_FAILED;
	slot = klp_append(patches->v, patches->n);
	if (!slot)
		return TOOL_FAILED;
	*slot = klp_take(patch);
	return TOOL_OK;
}

static int verify_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_(patches_clear) struct patches patches = { 0 };
	_cleanup_(findings_clear) struct findings findings = { 0 };
	int result = TOOL_OK, status, err;

	for (int i = 0; i < argc; i++) {
		if (add_patch(tool, &moddep, &patches, argv[i]) != TOOL_OK)
			result = TOOL_FAILED;
	}
	if (klpdep_config_new(tool->ctx, tool->config_dir, &config) < 0)
		return TOOL_FAILED; /* why has been said */
	/* No patches would mean all of them. */
	err = argc && !patches.n ?
		      0 :
		      klpdep_verify(tool->ctx, tool->kernel, config, patches.v, patches.n,
				    add_finding, &findings);
	if (err == 0 && findings.failed)
		err = -ENOMEM;
	if (err == -ENOENT)
		tool_missing(tool, tool->kernel, "modules.dep", "depmod");
	else if (err < 0)
		tool_error(tool, "%s: cannot be verified: %s", tool->kernel,
			   klpdep_strerror(err));
	if (err < 0)
		return TOOL_FAILED;
	if (!findings.n && tool->verbosity && result == TOOL_OK)
		tool_error(tool, "%s: nothing found", tool->kernel);
	status = print_findings(tool, &findings);
	if (status != TOOL_OK)
		return status;
	if (count_at_least(&findings, strict ? KLPDEP_WARNING : KLPDEP_ERROR))
		result = TOOL_FAILED;
	return result;
}

const struct command command_verify = {
	.name = "verify",
	.arguments = "[PATCH|FILE...]",
	.summary = "say what the kernel would refuse of the patches",
	.help = "      --strict        warnings, too, make the exit status 1\n",
	.long_options = verify_options,
	.layouts = verify_layouts,
	.option = verify_option,
	.run = verify_run,
};
