/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making a plan: a depth-first walk.  A module comes after what it needs, and before what
 * it brings.  If modules and patches need each other in a circle, the step that was begun
 * first comes last. */
#include "config.h"

#include "libklpdep/plan/planner.h"

bool klp_planner_loaded(const struct planner *planner, const char *name)
{
	return planner->source->loaded &&
	       planner->source->loaded(planner->source->data, name);
}

int klp_planner_add(struct planner *planner, enum klpdep_action action, const char *name,
		    bool patch, bool required, const char *reason, const char *of)
{
	_cleanup_free_ char *file = NULL;

	errno = 0;
	file = planner->source->file(planner->source->data, name);
	if (!file && errno == ENOMEM)
		return -ENOMEM;

	const struct klpdep_step step = { .action = action,
					  .module = name,
					  .file = file,
					  .patch = patch,
					  .required = required,
					  .reason = reason };

	return klp_plan_add(planner->plan, &step, of);
}

/* ---- the stack --------------------------------------------------------------------- */

/* The walk's own stack instead of recursion: modules decide how deep it goes. */

enum work {
	VISIT,	 /* insert the module or patch after everything that it needs */
	INSERT,	 /* everything that it needs is done */
	PATCHES, /* a target's patches of that order */
	SOFTDEPS_PRE,
	SOFTDEPS_POST,
};

/* The stack owns none of these strings. */
struct todo {
	enum work work;
	const char *name;
	bool required;
	const char *reason, *of;
	enum klpdep_order order; /* PATCHES: of this target */
	size_t next;		 /* and from this one on */
};

static int push(struct planner *planner, const struct todo *todo)
{
	struct todo *slot = klp_append(planner->todo, planner->n_todo);

	if (!slot)
		return -ENOMEM;
	*slot = *todo;
	return 0;
}

static int push_work(struct planner *planner, const struct todo *of, enum work work,
		     enum klpdep_order order)
{
	struct todo todo = *of;

	todo.work = work;
	todo.order = order;
	return push(planner, &todo);
}

/* The first one has to be on top. */
static int push_visits(struct planner *planner, const struct klp_strv *names,
		       bool required, const char *reason, const char *of)
{
	int err = 0;

	for (size_t i = names->n; i-- > 0 && err == 0;) {
		struct todo todo = { .work = VISIT,
				     .name = klp_set_intern(&planner->names, names->v[i]),
				     .required = required,
				     .reason = reason,
				     .of = of };

		err = todo.name ? push(planner, &todo) : -ENOMEM;
	}
	return err;
}

/* ---- softdeps ---------------------------------------------------------------------- */

bool klp_planner_counts(const struct planner *planner, const char *name)
{
	const struct klpdep_patch *patch = klp_index_find(planner->view->index, name);

	return !patch || klp_view_is_active(planner->view, patch);
}

static int visit_softdeps(struct planner *planner, const struct todo *todo)
{
	const struct klp_softdep *softdep =
		klp_index_find_softdep(planner->view->index, todo->name);
	_cleanup_strv_ struct klp_strv names = { 0 }, counting = { 0 };
	const struct klp_strv *words;
	int err = 0;

	/* sync does not need them, and they may be targets. */
	if (!softdep || planner->sync || planner->source->no_softdeps)
		return 0;
	words = todo->work == SOFTDEPS_PRE ? &softdep->pre : &softdep->post;
	/* kmod ignores unresolvable names, too. */
	for (size_t i = 0; i < words->n; i++) {
		if (planner->source->lookup(planner->source->data, words->v[i],
					    &names) == -ENOMEM)
			return -ENOMEM;
	}
	for (size_t i = 0; i < names.n && err == 0; i++) {
		if (klp_planner_counts(planner, names.v[i]))
			err = klp_strv_add(&counting, names.v[i]);
	}
	return err < 0 ? err :
			 push_visits(planner, &counting, false, "softdep of", todo->name);
}

/* ---- patches ----------------------------------------------------------------------- */

/* The patches that @patch requires, in order. */
static int find_needed(const struct planner *planner, const struct klpdep_patch *patch,
		       struct klp_strv *needed)
{
	const struct klp_link *links;
	int err = 0;
	size_t n;

	links = klp_index_requires_of(planner->view->index, patch, &n);
	for (size_t i = 0; i < n && err == 0; i++) {
		const struct klpdep_patch *other =
			klp_view_met_by(planner->view, &links[i]);

		if (other)
			err = klp_strv_add_unique(needed, other->name);
	}
	klp_strv_sort(needed);
	return err;
}

static int visit_patch(struct planner *planner, const struct klpdep_patch *patch,
		       const struct todo *todo)
{
	_cleanup_strv_ struct klp_strv needed = { 0 }, deps = { 0 };
	int err = find_needed(planner, patch, &needed);

	if (err == 0)
		err = planner->source->deps(planner->source->data, patch->name, &deps);
	/* If the file is gone, inserting it will fail and say so. */
	if (err == -ENOENT)
		err = 0;
	if (err == 0)
		err = push_work(planner, todo, SOFTDEPS_POST, KLPDEP_ORDER_NONE);
	if (err == 0)
		err = push_work(planner, todo, INSERT, KLPDEP_ORDER_NONE);
	if (err == 0)
		err = push_work(planner, todo, SOFTDEPS_PRE, KLPDEP_ORDER_NONE);
	if (err == 0)
		err = push_visits(planner, &deps, todo->required, "dependency of",
				  patch->name);
	return err < 0 ? err :
			 push_visits(planner, &needed, todo->required, "required by",
				     patch->name);
}

/* The foreign patches that are evicted; ours have steps of their own. */
static int say_evicted(struct planner *planner)
{
	const struct klp_stack *stack = &planner->view->stack;
	int err = 0;

	for (size_t i = 0; i < stack->n && err == 0; i++) {
		const struct klpdep_step step = { .action = KLPDEP_ACTION_EVICT,
						  .module = stack->v[i].name,
						  .patch = true,
						  .reason = "replaced by" };

		if (stack->v[i].state == KLP_PATCH_ENABLED &&
		    !klp_view_is_ours(planner->view, &stack->v[i]))
			err = klp_plan_add(planner->plan, &step, planner->evictor);
	}
	return err;
}

static int insert_patch(struct planner *planner, const struct todo *todo)
{
	const struct klpdep_patch *patch =
		klp_index_find(planner->view->index, todo->name);
	int action = KLPDEP_ACTION_INSERT, err;

	if (planner->source->patch_action)
		action = planner->source->patch_action(planner->source->data, todo->name);
	if (action < 0)
		return !planner->evictor ?
			       0 :
			       klp_planner_add(planner, KLPDEP_ACTION_RELOAD, todo->name,
					       true, todo->required, "evicted by",
					       planner->evictor);
	err = klp_planner_add(planner, (enum klpdep_action)action, todo->name, true,
			      todo->required, todo->reason, todo->of);
	if (err < 0 || patch->replace != KLPDEP_REPLACE_YES)
		return err;
	planner->evictor = patch->name;
	return say_evicted(planner);
}

static int cmp_states(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	size_t i;

	for (i = 0; i < a->n_states && i < b->n_states; i++) {
		const struct klp_state *x = &a->states[i], *y = &b->states[i];

		if (x->id != y->id)
			return x->id < y->id ? -1 : 1;
		if (x->version != y->version)
			return x->version < y->version ? -1 : 1;
	}
	return (i < a->n_states) - (i < b->n_states);
}

/* A patch with replace comes first, or it would evict the others again.  Then come lower
 * versions of a klp_state: the kernel refuses them after a higher one. */
int klp_planner_cmp(const void *p, const void *q)
{
	const struct klpdep_patch *a = *(struct klpdep_patch *const *)p;
	const struct klpdep_patch *b = *(struct klpdep_patch *const *)q;
	int cmp = (b->replace == KLPDEP_REPLACE_YES) - (a->replace == KLPDEP_REPLACE_YES);

	if (cmp == 0)
		cmp = cmp_states(a, b);
	return cmp ? cmp : klp_name_cmp(a->name, b->name);
}

static int cmp_edges(const void *p, const void *q)
{
	return klp_planner_cmp(&(*(const struct klpdep_edge *const *)p)->patch,
			       &(*(const struct klpdep_edge *const *)q)->patch);
}

/* The edges of a target in the order of insertion; of the last target they are kept, since
 * its patches are visited one by one. */
static int sort_edges(struct planner *planner, const char *target)
{
	const struct klpdep_edge *edges;
	size_t n;

	if (planner->n_sorted && klp_streq(planner->sorted[0]->object->name, target))
		return 0;
	edges = klp_index_edges_of(planner->view->index, target, &n);
	free(planner->sorted);
	planner->n_sorted = 0;
	planner->sorted = calloc(n + 1, sizeof(*planner->sorted));
	if (!planner->sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		planner->sorted[i] = &edges[i];
	klp_sort(planner->sorted, n, cmp_edges);
	planner->n_sorted = n;
	return 0;
}

/* One patch of a target, and then the others. */
static int visit_patches(struct planner *planner, const struct todo *todo)
{
	const char *target = todo->name;
	bool required = klp_config_policy(planner->view->config, target) ==
			KLPDEP_POLICY_REQUIRE;
	int err = sort_edges(planner, target);

	for (size_t i = todo->next; err == 0 && i < planner->n_sorted; i++) {
		const struct klpdep_edge *edge = planner->sorted[i];
		const struct klpdep_patch *patch = edge->patch;
		const struct todo visit = { .work = VISIT,
					    .name = patch->name,
					    .required = required,
					    .reason = "patch of",
					    .of = target };
		struct todo rest = *todo;
		const char *reason;

		if (!klp_view_is_edge_wanted(planner->view, edge) ||
		    klp_edge_order(edge, planner->view->config, &reason) != todo->order ||
		    klp_set_has(&planner->visited, patch->name))
			continue;
		err = klp_planner_blocked(planner, patch, target);
		if (err > 0) {
			err = klp_planner_put_off(planner, patch, target, required, err);
			continue;
		}
		rest.next = i + 1;
		if (err == 0)
			err = push(planner, &rest);
		return err < 0 ? err : push(planner, &visit);
	}
	return err;
}

/* ---- modules ----------------------------------------------------------------------- */

static int visit_module(struct planner *planner, const struct todo *todo)
{
	static const struct {
		enum work work;
		enum klpdep_order order;
	} works[] = {
		{ SOFTDEPS_POST, KLPDEP_ORDER_NONE },
		{ PATCHES, KLPDEP_ORDER_AFTER },
		{ INSERT, KLPDEP_ORDER_NONE },
		{ PATCHES, KLPDEP_ORDER_BEFORE },
		{ SOFTDEPS_PRE, KLPDEP_ORDER_NONE },
	};
	_cleanup_strv_ struct klp_strv deps = { 0 };
	int err = planner->source->deps(planner->source->data, todo->name, &deps);

	/* sync visits all patches anyway. */
	for (size_t i = 0; i < KLP_ARRAY_SIZE(works) && err == 0; i++) {
		if (!planner->sync || works[i].work == INSERT)
			err = push_work(planner, todo, works[i].work, works[i].order);
	}
	return err < 0 ? err :
			 push_visits(planner, &deps, todo->required, "dependency of",
				     todo->name);
}

static int visit(struct planner *planner, const struct todo *todo)
{
	const struct klpdep_patch *patch = klp_index_find(planner->view->index, todo->name);

	if (klp_set_has(&planner->visited, todo->name))
		return 0;
	if (klp_set_add(&planner->visited, todo->name) < 0)
		return -ENOMEM;
	return patch ? visit_patch(planner, patch, todo) : visit_module(planner, todo);
}

static int insert(struct planner *planner, const struct todo *todo)
{
	int err = 0;

	if (klp_index_find(planner->view->index, todo->name))
		err = insert_patch(planner, todo);
	else if (!klp_planner_loaded(planner, todo->name))
		err = klp_planner_add(planner, KLPDEP_ACTION_INSERT, todo->name, false,
				      todo->required, todo->reason, todo->of);
	return err < 0 ? err : klp_set_add(&planner->done, todo->name);
}

static int walk(struct planner *planner, const struct todo *first)
{
	int err = push(planner, first);

	while (err == 0 && planner->n_todo) {
		const struct todo todo = planner->todo[--planner->n_todo];

		switch (todo.work) {
		case VISIT:
			err = visit(planner, &todo);
			break;
		case INSERT:
			err = insert(planner, &todo);
			break;
		case PATCHES:
			err = visit_patches(planner, &todo);
			break;
		case SOFTDEPS_PRE:
		case SOFTDEPS_POST:
			err = visit_softdeps(planner, &todo);
		}
	}
	planner->n_todo = 0;
	return err;
}

int klp_planner_visit(struct planner *planner, const char *name, bool required,
		      const char *reason, const char *of)
{
	const struct todo todo = { .work = VISIT,
				   .name = name,
				   .required = required,
				   .reason = reason,
				   .of = of };

	return walk(planner, &todo);
}

int klp_planner_visit_patches_of(struct planner *planner, const char *target,
				 enum klpdep_order order)
{
	const struct todo todo = { .work = PATCHES, .name = target, .order = order };

	return walk(planner, &todo);
}

void klp_planner_clear(struct planner *planner)
{
	klp_set_clear(&planner->visited);
	klp_set_clear(&planner->done);
	klp_strv_clear(&planner->delayed);
	klp_set_clear(&planner->deferred);
	klp_set_clear(&planner->checked);
	klp_set_clear(&planner->names);
	free(planner->sorted);
	free(planner->todo);
}
