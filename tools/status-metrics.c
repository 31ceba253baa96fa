/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * klpdep status --openmetrics.  node_exporter, which reads such files, takes the older
 * Prometheus text only: so there is nothing here that this does not have, such as state
 * sets, and what OpenMetrics adds are comments to it.
 */
#include "config.h"

#include "tools/status.h"

/* ---- the format -------------------------------------------------------------------- */

struct label {
	const char *name;
	const char *value; /* NULL: empty, which is as if it were not there */
};

static void begin_family(const char *name, const char *unit, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	if (unit)
		printf("# UNIT %s %s\n", name, unit);
}

static void print_escaped(const char *value)
{
	for (const char *c = value; *c; c++) {
		if (*c == '\n')
			fputs("\\n", stdout);
		else if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else
			putchar(*c);
	}
}

static void print_sample(const char *name, const struct label *labels, size_t n,
			 long value)
{
	fputs(name, stdout);
	for (size_t i = 0; i < n; i++) {
		printf("%c%s=\"", i ? ',' : '{', labels[i].name);
		print_escaped(labels[i].value ? labels[i].value : "");
		putchar('"');
	}
	printf("%s %ld\n", n ? "}" : "", value);
}

/* ---- what there is to say ---------------------------------------------------------- */

static long count_rows(const struct klpdep_status *status, enum klpdep_condition condition)
{
	const struct klpdep_row *row;
	long n = 0;

	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++)
		n += klpdep_row_get_condition(row) == condition;
	return n;
}

static void print_rows(const struct klpdep_status *status)
{
	const struct klpdep_row *row;
	const char *name;

	begin_family("klpdep_patch_state", NULL,
		     "The state that a patch and a target are in; always 1.");
	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		const struct label labels[] = {
			{ "target", klpdep_row_get_target(row) },
			{ "patch", klpdep_row_get_patch(row) },
			{ "state", klpdep_condition_name(klpdep_row_get_condition(row)) },
		};

		print_sample("klpdep_patch_state", labels, KLP_ARRAY_SIZE(labels), 1);
	}
	begin_family("klpdep_refused", NULL,
		     "A patch that could not be loaded when that was last tried; always 1.");
	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		const struct label labels[] = {
			{ "target", klpdep_row_get_target(row) },
			{ "patch", klpdep_row_get_patch(row) },
			{ "reason", klpdep_refusal_name(klpdep_row_get_refusal(row)) },
		};

		if (klpdep_row_get_refusal(row))
			print_sample("klpdep_refused", labels, KLP_ARRAY_SIZE(labels), 1);
	}
	begin_family("klpdep_patches", NULL,
		     "How many patches and targets are in each state.");
	for (size_t i = 0; (name = klpdep_condition_name((enum klpdep_condition)i)); i++) {
		const struct label label = { "state", name };

		print_sample("klpdep_patches", &label, 1,
			     count_rows(status, (enum klpdep_condition)i));
	}
}

static void print_transition(const struct klpdep_status *status)
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

	begin_family("klpdep_transition", NULL,
		     "The transition that is running; always 1.");
	if (transition)
		print_sample("klpdep_transition", labels, n, 1);
	begin_family("klpdep_transition_seconds", "seconds",
		     "How long the transition has been running, where that is known.");
	if (seconds >= 0)
		print_sample("klpdep_transition_seconds", labels, n, seconds);
	begin_family("klpdep_transition_tasks", NULL,
		     "How many tasks hold the transition up, where that is known.");
	if (tasks >= 0)
		print_sample("klpdep_transition_tasks", labels, n, tasks);
}

static void print_lost(const struct klp_strv *lost)
{
	begin_family("klpdep_block_lost", NULL,
		     "An install line of modprobe.d that is not in force; always 1.");
	for (size_t i = 0; i < lost->n; i++) {
		const struct label label = { "module", lost->v[i] };

		print_sample("klpdep_block_lost", &label, 1, 1);
	}
}

static void print_fixes_metric(const struct klpdep_fixes *fixes)
{
	const struct klpdep_fix *fix;

	begin_family("klpdep_fix", NULL,
		     "A fix that livepatches name, and whether it is in effect; always 1.");
	for (size_t i = 0; (fix = klpdep_fixes_get_fix(fixes, i)); i++) {
		const struct label labels[] = {
			{ "fix", klpdep_fix_get_id(fix) },
			{ "state", klpdep_fix_state_name(klpdep_fix_get_state(fix)) },
		};

		print_sample("klpdep_fix", labels, KLP_ARRAY_SIZE(labels), 1);
	}
}

void print_metrics(const struct tool *tool, const struct klpdep_status *status,
		   const struct klpdep_fixes *fixes, bool index, const struct klp_strv *lost)
{
	const struct label kernel = { "kernel", tool->kernel };

	begin_family("klpdep_index", NULL,
		     "Whether there is an index of the running kernel.");
	print_sample("klpdep_index", &kernel, 1, index);
	begin_family("klpdep_patched", NULL,
		     "Whether every loaded target is patched, and no block is lost.");
	print_sample("klpdep_patched", NULL, 0,
		     index && klpdep_status_is_patched(status) && !lost->n);
	print_lost(lost);
	print_rows(status);
	print_fixes_metric(fixes);
	print_transition(status);
	puts("# EOF");
}
