/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * monitor: a check as Nagios' plugins are: one line, with figures behind a bar.  Exit status
 * 0 OK; 1 WARNING: a transition takes longer than a minute, or livepatches are switched off;
 * 2 CRITICAL: something runs without its patch; 3 UNKNOWN: nothing can be seen.
 *
 *	cc -o monitor monitor.c $(pkg-config --cflags --libs libklpdep)
 */
#include <klpdep.h>
#include <sys/utsname.h>

enum { OK, WARNING, CRITICAL, UNKNOWN };

static void keep_first(void *data, int priority, const char *message)
{
	if (!*(char *)data && priority <= 3) /* LOG_ERR */
		snprintf(data, 256, "%s", message);
}

static int check(struct klpdep_ctx *ctx, const struct klpdep_status *status)
{
	static const char *const names[] = { "OK", "WARNING", "CRITICAL" };
	const struct klpdep_transition *moving = klpdep_status_get_transition(status);
	long seconds = moving ? klpdep_transition_get_seconds(moving) : 0;
	const char *off = klpdep_get_switched_off(ctx);
	const struct klpdep_row *row, *first = NULL;
	int patched = 0, failing = 0, result;

	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		enum klpdep_condition condition = klpdep_row_get_condition(row);

		patched += condition == KLPDEP_CONDITION_PATCHED;
		/* One that is on its way is a matter of time, below. */
		if (klpdep_row_is_failing(row) && condition != KLPDEP_CONDITION_TRANSITION &&
		    ++failing == 1)
			first = row;
	}
	result = first ? CRITICAL : off || seconds > 60 ? WARNING : OK;
	printf("LIVEPATCH %s - ", names[result]);
	if (off)
		printf("switched off: %s; ", off);
	if (first)
		printf("%s is %s; ", klpdep_row_get_patch(first),
		       klpdep_condition_name(klpdep_row_get_condition(first)));
	if (moving)
		printf("%s in transition; ", klpdep_transition_get_patch(moving));
	printf("%d patched, %d not|patched=%d failing=%d;;0 transition=%lds;60\n", patched,
	       failing, patched, failing, seconds < 0 ? 0 : seconds);
	return result;
}

int main(void)
{
	struct klpdep_ctx *ctx;
	struct klpdep_config *config = NULL;
	struct klpdep_index *index = NULL;
	struct klpdep_view *view = NULL;
	struct klpdep_status *status = NULL;
	struct utsname uts;
	char said[256] = "";
	int result = UNKNOWN;

	if (uname(&uts) < 0 || klpdep_new(&ctx) < 0)
		return UNKNOWN;
	klpdep_set_log_fn(ctx, keep_first, said);
	if (klpdep_config_new(ctx, NULL, &config) == 0 &&
	    klpdep_index_open(ctx, uts.release, 0, &index) == 0 &&
	    klpdep_view_new(ctx, index, config, KLPDEP_VIEW_LIVE, &view) == 0 &&
	    klpdep_status_new(ctx, view, &status) == 0)
		result = check(ctx, status);
	else
		printf("LIVEPATCH UNKNOWN - %s\n", said);
	klpdep_status_unref(status);
	klpdep_view_unref(view);
	klpdep_index_unref(index);
	klpdep_config_unref(config);
	klpdep_unref(ctx);
	return result;
}
