/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep verify: patches that the kernel would refuse. */
#include "config.h"

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

static int strict;
static bool by_file;

static const struct option verify_options[] = {
	{ "strict", no_argument, &strict, true },
	{ 0 },
};

/* ---- findings ---------------------------------------------------------------------- */

/* The finding's texts, in the order of the columns after the severity. */
enum { TEXT_CODE, TEXT_PATCH, TEXT_FILE, TEXT_OBJECT, TEXT_SUBJECT, TEXT_MESSAGE, N_TEXTS };

struct finding {
	enum klpdep_severity severity;
	char *texts[N_TEXTS]; /* NULL: none */
};

struct findings {
	struct finding *v;
	size_t n;
};

static void findings_clear(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		for (size_t j = 0; j < N_TEXTS; j++)
			free(findings->v[i].texts[j]);
	}
	free(findings->v);
}

static int add_finding(void *data, const struct klpdep_finding *from)
{
	const char *texts[N_TEXTS] = {
		klpdep_finding_get_code(from),	 klpdep_finding_get_patch(from),
		klpdep_finding_get_file(from),	 klpdep_finding_get_object(from),
		klpdep_finding_get_subject(from), klpdep_finding_get_message(from),
	};
	struct findings *findings = data;
	struct finding *finding = klp_append(findings->v, findings->n);
	int err = finding ? 0 : -ENOMEM;

	if (finding)
		finding->severity = klpdep_finding_get_severity(from);
	for (size_t i = 0; i < N_TEXTS && err == 0; i++) {
		if (texts[i])
			err = klp_set_string(&finding->texts[i], texts[i]);
	}
	return err;
}

static int cmp_texts(const char *a, const char *b)
{
	return klp_name_cmp(a ? a : "", b ? b : "");
}

/* By patch, and then the worst first. */
static int cmp_findings(const void *p, const void *q)
{
	static const int order[] = { TEXT_CODE, TEXT_OBJECT, TEXT_SUBJECT, TEXT_MESSAGE };
	const struct finding *a = p, *b = q;
	int cmp = cmp_texts(a->texts[TEXT_PATCH], b->texts[TEXT_PATCH]);

	/* there may be several builds of one patch */
	if (!cmp)
		cmp = cmp_texts(a->texts[TEXT_FILE], b->texts[TEXT_FILE]);
	if (!cmp)
		cmp = (int)b->severity - (int)a->severity;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(order) && !cmp; i++)
		cmp = cmp_texts(a->texts[order[i]], b->texts[order[i]]);
	return cmp;
}

static int print_table(struct tool *tool, const struct findings *findings)
{
	_cleanup_table_ struct table *table = NULL;
	int status = table_new(tool, verify_layouts, &table);

	for (size_t i = 0; i < findings->n && status == 0; i++) {
		const struct finding *finding = &findings->v[i];

		table_row(table);
		table_cell(table, VERIFY_SEVERITY, klpdep_severity_name(finding->severity));
		for (size_t j = 0; j < N_TEXTS; j++)
			table_cell(table, VERIFY_CODE + j, finding->texts[j]);
		if (finding->severity == KLPDEP_NOTE)
			table_dim(table);
	}
	/* A heading alone says nothing. */
	return status != 0 || (!findings->n && !tool->json) ? status : table_print(table);
}

/* Print a text, and ": " after it. */
static void put_part(FILE *line, const char *text)
{
	if (text)
		fprintf(line, "%s: ", text);
}

/* Print a finding like a compiler: where, what is wrong, and the code by which klpdep.d
 * can ignore it. */
static int print_diagnostic(const struct finding *finding)
{
	static const char *const colours[] = {
		[KLPDEP_NOTE] = DIM,
		[KLPDEP_WARNING] = MAGENTA,
		[KLPDEP_ERROR] = RED,
	};
	const bool coloured = wants_colours();
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *line = open_memstream(&text, &size);

	if (!line)
		return -ENOMEM;
	put_part(line, finding->texts[by_file ? TEXT_FILE : TEXT_PATCH]);
	put_part(line, finding->texts[TEXT_OBJECT]);
	put_part(line, finding->texts[TEXT_SUBJECT]);
	fprintf(line, "%s [%s]", finding->texts[TEXT_MESSAGE], finding->texts[TEXT_CODE]);
	if (klp_close_text(line, &text) < 0)
		return -ENOMEM;
	klp_clean_text(text);
	printf("%s%s:%s %s\n", coloured ? colours[finding->severity] : "",
	       klpdep_severity_name(finding->severity), coloured ? PLAIN : "", text);
	return 0;
}

static int print_diagnostics(struct tool *tool, const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		if (print_diagnostic(&findings->v[i]) < 0)
			return tool_no_memory(tool);
	}
	return TOOL_OK;
}

static int print_findings(struct tool *tool, struct findings *findings)
{
	if (findings->n)
		qsort(findings->v, findings->n, sizeof(*findings->v), cmp_findings);
	if (tool->json || tool->raw || tool->noheadings || tool->columns)
		return print_table(tool, findings);
	return print_diagnostics(tool, findings);
}

static size_t count_at_least(const struct findings *findings,
			     enum klpdep_severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += findings->v[i].severity >= severity;
	return n;
}

/* ---- patches ----------------------------------------------------------------------- */

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

/* The file of the tree's patch; NULL: there is none, which has been reported. */
static const char *find_file(struct tool *tool, struct klpdep_tree **tree, const char *argument)
{
	const struct klpdep_module *module;

	if (!*tree && klpdep_tree_new(tool->ctx, tool->kernel, tree) < 0)
		return NULL;
	module = klpdep_tree_find_module(*tree, argument);
	if (!module)
		tool_error(tool, "kernel %s has no module %s", tool->kernel, argument);
	return module ? klpdep_module_get_file(module) : NULL;
}

static int add_patch(struct tool *tool, struct klpdep_tree **tree, struct patches *patches,
		     const char *argument)
{
	bool file_given = strpbrk(argument, "/."); /* no module has a dot in its name */
	const char *file = file_given ? argument : find_file(tool, tree, argument);
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	struct klpdep_patch **slot;

	if (!file || tool_read_patch(tool, file, &patch) < 0)
		return TOOL_FAILED;
	slot = klp_append(patches->v, patches->n);
	if (!slot)
		return TOOL_FAILED;
	by_file |= file_given;
	*slot = klp_take(patch);
	return TOOL_OK;
}

static int verify_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_tree_ struct klpdep_tree *tree = NULL;
	_cleanup_(patches_clear) struct patches patches = { 0 };
	_cleanup_(findings_clear) struct findings findings = { 0 };
	int result = TOOL_OK, status;

	for (int i = 0; i < argc; i++) {
		if (add_patch(tool, &tree, &patches, argv[i]) != TOOL_OK)
			result = TOOL_FAILED;
	}
	if (tool_read_config(tool, &config) != TOOL_OK)
		return TOOL_FAILED;
	/* No patches would mean all of them. */
	if ((!argc || patches.n) &&
	    klpdep_verify(tool->ctx, tool->kernel, config, patches.v, patches.n, add_finding,
			  &findings) < 0)
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
	.run = verify_run,
};
