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

static void print_rows(const struct klpdep_status *status)
{
	long counts[N_CONDITIONS] = { 0 };
	struct klpdep_status_row row;

	begin_family("klpdep_patch_state", NULL,
		     "The state that a patch and a target are in; always 1.");
	for (size_t i = 0; klpdep_status_get_row(status, i, &row) == 0; i++) {
		const struct label labels[] = {
			{ "target", row.target },
			{ "patch", row.patch },
			{ "state", condition_name(row.condition) },
		};

		counts[row.condition]++;
		print_sample("klpdep_patch_state", labels, KLP_ARRAY_SIZE(labels), 1);
	}
	begin_family("klpdep_patches", NULL,
		     "How many patches and targets are in each state.");
	for (size_t i = 0; i < N_CONDITIONS; i++) {
		const struct label label = { "state",
					     condition_name((enum klpdep_condition)i) };

		print_sample("klpdep_patches", &label, 1, counts[i]);
	}
}

static void print_transition(const struct klpdep_status *status)
{
	struct klpdep_transition transition = { .seconds = -1, .tasks = -1 };
	bool running = klpdep_status_get_transition(status, &transition) == 0;
	const struct label labels[] = {
		{ "patch", transition.patch },
		{ "direction", transition.patching ? "patching" : "unpatching" },
	};
	size_t n = KLP_ARRAY_SIZE(labels);

	begin_family("klpdep_transition", NULL,
		     "The transition that is running; always 1.");
	if (running)
		print_sample("klpdep_transition", labels, n, 1);
	begin_family("klpdep_transition_seconds", "seconds",
		     "How long the transition has been running, where that is known.");
	if (transition.seconds >= 0)
		print_sample("klpdep_transition_seconds", labels, n, transition.seconds);
	begin_family("klpdep_transition_tasks", NULL,
		     "How many tasks hold the transition up, where that is known.");
	if (transition.tasks >= 0)
		print_sample("klpdep_transition_tasks", labels, n, transition.tasks);
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

void print_metrics(const struct tool *tool, const struct klpdep_status *status,
		   bool index, const struct klp_strv *lost)
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
	print_transition(status);
	puts("# EOF");
}
