/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stack of loaded livepatches, and which of them klpdep has inserted. */
#include "config.h"

#include "libklpdep/live/notes.h"
#include "libklpdep/live/stack.h"

#define PROC_MODULES_MAX ((size_t)4 << 20)

/* ---- the order --------------------------------------------------------------------- */

/* The names in /proc/modules, where the last module comes first. */
static int read_modules(struct klp_strv *names)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int err = klp_read_file(PROC_DIR "/modules", PROC_MODULES_MAX, &text, NULL);

	if (err < 0)
		return err == -ENOMEM ? err : 0;
	for (rest = text; (line = strsep(&rest, "\n"));) {
		line[strcspn(line, " ")] = '\0';
		if (*line && klp_strv_add(names, line) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Linux has stack_order since 6.14.  Earlier, a patch is enabled when it is loaded, and
 * never again. */
static long find_order(const char *name, const struct klp_strv *modules)
{
	long order = klp_live_stack_order(name);

	for (size_t i = 0; order < 0 && i < modules->n; i++) {
		if (klp_streq(modules->v[i], name))
			order = (long)(modules->n - i);
	}
	return order;
}

static int cmp_loaded(const void *p, const void *q)
{
	const struct klp_loaded *a = p, *b = q;

	if (!a->seen != !b->seen)
		return a->seen ? 1 : -1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int look_at(const char *name, const struct klp_strv *modules, struct klp_loaded *loaded)
{
	int err;

	if (klp_name_normalize(name, loaded->name) < 0)
		return -EINVAL;
	loaded->state = klp_live_patch(name);
	loaded->replace = klp_live_replace(name);
	err = klp_live_read(name, &loaded->seen);
	loaded->order = find_order(name, modules);
	loaded->noted = klp_note_find_inserted(name, &loaded->note);
	return err == -ENOMEM ? err : 0;
}

int klp_stack_read(struct klp_stack *stack)
{
	_cleanup_strv_ struct klp_strv names = { 0 }, modules = { 0 };
	int err = klp_live_modules(&names);

	klp_stack_clear(stack);
	if (err == 0)
		err = read_modules(&modules);
	stack->v = calloc(names.n + 1, sizeof(*stack->v));
	if (!stack->v)
		return -ENOMEM;
	for (size_t i = 0; i < names.n && err == 0; i++) {
		if (!klp_live_is_patch(names.v[i]) ||
		    klp_live_module(names.v[i]) == KLP_MODULE_ABSENT)
			continue;
		err = look_at(names.v[i], &modules, &stack->v[stack->n]);
		stack->n += err == 0;
	}
	klp_sort(stack->v, stack->n, cmp_loaded);
	return err == -ENOMEM ? err : 0;
}

void klp_stack_clear(struct klp_stack *stack)
{
	for (size_t i = 0; i < stack->n; i++)
		klpdep_patch_unref(stack->v[i].seen);
	free(stack->v);
	*stack = (struct klp_stack){ 0 };
}

size_t klp_stack_find(const struct klp_stack *stack, const char *name)
{
	size_t i = 0;

	while (i < stack->n && !klp_streq(stack->v[i].name, name))
		i++;
	return i;
}
