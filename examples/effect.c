/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * effect [PATCH...]: whether livepatches are in effect in the running kernel, one line for
 * each of their objects:
 *
 *	PATCH OBJECT CONDITION[: REASON]
 *
 * Without a PATCH: all, those that others have loaded too.  Exit status 0: they are, wherever
 * what they patch is loaded; 1: they are not; 2: it cannot be told.
 *
 *	cc -o effect effect.c $(pkg-config --cflags --libs libklpdep)
 */
#include <klpdep.h>
#include <string.h>
#include <sys/utsname.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "effect: %s\n", message);
}

/* Print the rows of @name; NULL: all.  Returns whether there are some, and all is well. */
static bool print_rows(const struct klpdep_status *status, const char *name)
{
	const struct klpdep_row *row;
	bool found = false, good = true;

	for (size_t i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		enum klpdep_condition condition = klpdep_row_get_condition(row);
		const char *object = klpdep_row_get_target(row);
		const char *reason = klpdep_row_get_reason(row);

		if (name && strcmp(klpdep_row_get_patch(row), name) != 0)
			continue;
		found = true;
		if (condition != KLPDEP_CONDITION_PATCHED && condition != KLPDEP_CONDITION_IDLE)
			good = false;
		printf("%s %s %s%s%s\n", klpdep_row_get_patch(row), object ? object : "-",
		       klpdep_condition_name(condition), reason ? ": " : "",
		       reason ? reason : "");
	}
	if (name && !found)
		printf("%s - unknown\n", name);
	return name ? found && good : klpdep_status_is_patched(status);
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx;
	struct klpdep_config *config = NULL;
	struct klpdep_index *index = NULL;
	struct klpdep_view *view = NULL;
	struct klpdep_status *status = NULL;
	struct utsname uts;
	int result = 2;

	if (uname(&uts) < 0 || klpdep_new(&ctx) < 0)
		return 2;
	klpdep_set_log_fn(ctx, print_message, NULL);
	if (klpdep_config_new(ctx, NULL, &config) == 0 &&
	    klpdep_index_open(ctx, uts.release, 0, &index) == 0 &&
	    klpdep_view_new(ctx, index, config, KLPDEP_VIEW_LIVE, &view) == 0 &&
	    klpdep_status_new(ctx, view, &status) == 0)
		result = argc == 1 && !print_rows(status, NULL);
	for (int i = 1; status && i < argc; i++) {
		for (char *c = argv[i]; *c; c++) /* as the kernel spells it */
			*c = *c == '-' ? '_' : *c;
		result |= !print_rows(status, argv[i]);
	}
	klpdep_status_unref(status);
	klpdep_view_unref(view);
	klpdep_index_unref(index);
	klpdep_config_unref(config);
	klpdep_unref(ctx);
	return result;
}
