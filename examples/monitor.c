/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * monitor: a check for a monitoring system, as Nagios' plugins are: one line, and an exit status of
 * 0 OK, 1 WARNING (a transition takes longer than a minute), 2 CRITICAL (something that is loaded is
 * not patched as it should be) or 3 UNKNOWN (there is no index, or nothing can be seen).
 *
 *	cc -o monitor monitor.c $(pkg-config --cflags --libs libklpdep)
 */
#include <klpdep.h>
#include <sys/utsname.h>

enum { OK, WARNING, CRITICAL, UNKNOWN };

/* The first line is enough: the rest is what follows from it. */
static void keep_first(void *data, int priority, const char *message)
{
	char *line = data;

	(void)priority;
	if (!*line)
		snprintf(line, 256, "%s", message);
}

static int check(const struct klpdep_status *status)
{
	const struct klpdep_transition *transition = klpdep_status_get_transition(status);
	long seconds = transition ? klpdep_transition_get_seconds(transition) : 0;
	const struct klpdep_row *row;

	if (seconds > 60) {
		printf("WARNING: the transition of %s takes %ld s\n",
		       klpdep_transition_get_patch(transition), seconds);
		return WARNING;
	}
	if (klpdep_status_is_patched(status)) {
		puts("OK: all that is loaded is patched");
		return OK;
	}
	printf("CRITICAL:");
	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		if (klpdep_row_is_failing(row))
			printf(" %s: %s is %s;", klpdep_row_get_target(row), klpdep_row_get_patch(row),
			       klpdep_condition_name(klpdep_row_get_condition(row)));
	}
	putchar('\n');
	return CRITICAL;
}

int main(void)
{
	struct klpdep_ctx *ctx;
	struct klpdep_config *config = NULL;
	struct klpdep_index *index = NULL;
	struct klpdep_view *view = NULL;
	struct klpdep_status *status = NULL;
	char said[256] = "";
	struct utsname uts;
	int result = UNKNOWN;

	if (uname(&uts) < 0 || klpdep_new(&ctx) < 0)
		return UNKNOWN;
	klpdep_set_log_fn(ctx, keep_first, said);
	if (klpdep_config_new(ctx, NULL, &config) == 0 &&
	    klpdep_index_open(ctx, uts.release, 0, &index) == 0 &&
	    klpdep_view_new(ctx, index, config, KLPDEP_VIEW_LIVE, &view) == 0 &&
	    klpdep_status_new(ctx, view, &status) == 0)
		result = check(status);
	else
		printf("UNKNOWN: %s\n", said);
	klpdep_status_unref(status);
	klpdep_view_unref(view);
	klpdep_index_unref(index);
	klpdep_config_unref(config);
	klpdep_unref(ctx);
	return result;
}
