/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klpdep status --openmetrics and --textfile.  node_exporter reads such files, and
 * takes only the older Prometheus text.  So this uses nothing that the older format
 * lacks, such as state sets.  The additions of OpenMetrics are comments in the older
 * format.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "tools/status.h"

/* ---- the format -------------------------------------------------------------------- */

struct label {
	const char *name;
	const char *value; /* NULL: empty, which means the same as no label */
};

static void begin_family(FILE *out, const char *name, const char *unit, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
}

static void print_escaped(FILE *out, const char *value)
{
	for (const char *c = value; *c; c++) {
		if (*c == '\n')
			fputs("\\n", out);
		else if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else
			putc(*c, out);
	}
}

static void print_sample(FILE *out, const char *name, const struct label *labels, size_t n,
			 long value)
{
	fputs(name, out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%c%s=\"", i ? ',' : '{', labels[i].name);
		print_escaped(out, labels[i].value ? labels[i].value : "");
		putc('"', out);
	}
	fprintf(out, "%s %ld\n", n ? "}" : "", value);
}

/* ---- the metrics ------------------------------------------------------------------- */

static long count_rows(const struct klpdep_status *status, enum klpdep_condition condition)
{
	const struct klpdep_row *row;
	long n = 0;

	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++)
		n += klpdep_row_get_condition(row) == condition;
	return n;
}

/* @label may be NULL. */
static void print_row(FILE *out, const char *family, const struct klpdep_row *row,
		      const char *label, const char *value)
{
	const struct label labels[] = {
		{ "target", klpdep_row_get_target(row) },
		{ "patch", klpdep_row_get_patch(row) },
		{ label, value },
	};

	print_sample(out, family, labels, label ? 3 : 2, 1);
}

static void print_rows(FILE *out, const struct klpdep_status *status)
{
	const struct klpdep_row *row;
	const char *name;

	begin_family(out, "klpdep_patch_state", NULL,
		     "The state that a patch and a target are in; always 1.");
	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++)
		print_row(out, "klpdep_patch_state", row, "state",
			  klpdep_condition_name(klpdep_row_get_condition(row)));
	begin_family(out, "klpdep_refused", NULL,
		     "A patch that could not be loaded when that was last tried; always 1.");
	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		if (klpdep_row_get_refusal(row))
			print_row(out, "klpdep_refused", row, "reason",
				  klpdep_refusal_name(klpdep_row_get_refusal(row)));
	}
	begin_family(out, "klpdep_patches", NULL,
		     "How many patches and targets are in each state.");
	for (size_t i = 0; (name = klpdep_condition_name((enum klpdep_condition)i)); i++) {
		const struct label label = { "state", name };

		print_sample(out, "klpdep_patches", &label, 1,
			     count_rows(status, (enum klpdep_condition)i));
	}
}

static void print_transition(FILE *out, const struct klpdep_status *status)
{
	const struct klpdep_transition *transition = klpdep_status_get_transition(status);
	long seconds = transition ? klpdep_transition_get_seconds(transition) : -1;
	long tasks = transition ? klpdep_transition_get_tasks(transition) : -1;
	bool patching = transition && klpdep_transition_is_patching(transition);
	const struct label labels[] = {
		{ "patch", transition ? klpdep_transition_get_patch(transition) : NULL },
		{ "direction", patching ? "patching" : "unpatching" },
	};
	size_t n = KLP_ARRAY_SIZE(labels);

	begin_family(out, "klpdep_transition", NULL,
		     "The transition that is running; always 1.");
	if (transition)
		print_sample(out, "klpdep_transition", labels, n, 1);
	begin_family(out, "klpdep_transition_seconds", "seconds",
		     "How long the transition has been running, where that is known.");
	if (seconds >= 0)
		print_sample(out, "klpdep_transition_seconds", labels, n, seconds);
	begin_family(out, "klpdep_transition_tasks", NULL,
		     "How many tasks hold the transition up, where that is known.");
	if (tasks >= 0)
		print_sample(out, "klpdep_transition_tasks", labels, n, tasks);
}

static void print_lost(FILE *out, const struct klp_strv *lost)
{
	begin_family(out, "klpdep_block_lost", NULL,
		     "An install line of modprobe.d that is not in force; always 1.");
	for (size_t i = 0; i < lost->n; i++) {
		const struct label label = { "module", lost->v[i] };

		print_sample(out, "klpdep_block_lost", &label, 1, 1);
	}
}

static void print_fixes_metric(FILE *out, const struct klpdep_fixes *fixes)
{
	const struct klpdep_fix *fix;

	begin_family(out, "klpdep_fix", NULL,
		     "A fix that livepatches name, and whether it is in effect; always 1.");
	for (size_t i = 0; (fix = klpdep_fixes_get_fix(fixes, i)); i++) {
		const struct label labels[] = {
			{ "fix", klpdep_fix_get_id(fix) },
			{ "state", klpdep_fix_state_name(klpdep_fix_get_state(fix)) },
		};

		print_sample(out, "klpdep_fix", labels, KLP_ARRAY_SIZE(labels), 1);
	}
}

/* The build that is loaded may lack fixes that the installed one has. */
static void print_other_builds(FILE *out, const struct klpdep_status *status)
{
	const struct klpdep_row *row;

	begin_family(out, "klpdep_other_build", NULL,
		     "A patch in effect that is another build than the installed one; always 1.");
	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		if (klpdep_row_get_condition(row) == KLPDEP_CONDITION_UNPATCHED &&
		    klpdep_row_is_enabled(row) && klpdep_row_is_patched(row))
			print_row(out, "klpdep_other_build", row, NULL, NULL);
	}
}

static void print_host(FILE *out, const struct tool *tool, bool index)
{
	const struct label labels[] = { { "kernel", tool->kernel },
					{ "version", klpdep_get_version() } };
	bool due = false;

	begin_family(out, "klpdep_info", NULL,
		     "The running kernel, and the version of klpdep; always 1.");
	print_sample(out, "klpdep_info", labels, KLP_ARRAY_SIZE(labels), 1);
	begin_family(out, "klpdep_timestamp_seconds", "seconds",
		     "When these metrics were written, in seconds since 1970.");
	print_sample(out, "klpdep_timestamp_seconds", NULL, 0, (long)time(NULL));
	begin_family(out, "klpdep_index", NULL,
		     "Whether there is an index of the running kernel.");
	print_sample(out, "klpdep_index", labels, 1, index);
	begin_family(out, "klpdep_depmod_due", NULL,
		     "Whether modules have come, gone or changed since depmod was run.");
	if (klpdep_depmod_is_due(tool->ctx, tool->kernel, &due) == 0)
		print_sample(out, "klpdep_depmod_due", labels, 1, due);
}

static void print_all(FILE *out, const struct tool *tool, const struct metrics *metrics)
{
	print_host(out, tool, metrics->index);
	begin_family(out, "klpdep_patched", NULL,
		     "Whether every loaded target is patched, and no block is lost.");
	print_sample(out, "klpdep_patched", NULL, 0,
		     metrics->index && klpdep_status_is_patched(metrics->status) &&
			     !metrics->lost->n);
	print_lost(out, metrics->lost);
	print_rows(out, metrics->status);
	print_other_builds(out, metrics->status);
	print_fixes_metric(out, metrics->fixes);
	print_transition(out, metrics->status);
	fputs("# EOF\n", out);
}

/* ---- output ------------------------------------------------------------------------ */

/* Other users may read the file at any time. */
static bool write_new(const struct tool *tool, const struct metrics *metrics, char *file)
{
	int fd = mkostemp(file, O_CLOEXEC);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool written;

	if (!out)
		return false;
	print_all(out, tool, metrics);
	/* fclose(3) reports errors of the last writes. */
	written = !ferror(out) && fchmod(fd, 0644) == 0;
	return fclose(out) == 0 && written;
}

int print_metrics(const struct tool *tool, const struct metrics *metrics, const char *file)
{
	_cleanup_free_ char *new = NULL;

	if (!file) {
		print_all(stdout, tool, metrics);
		return TOOL_OK;
	}
	/* node_exporter reads all files *.prom, so the new file has another ending. */
	new = klp_format("%s.XXXXXX", file);
	if (!new)
		return tool_no_memory(tool);
	if (write_new(tool, metrics, new) && rename(new, file) == 0)
		return TOOL_OK;
	tool_error(tool, "%s: %s", file, strerror(errno));
	unlink(new);
	return TOOL_FAILED;
}
