/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What patches of a tree are to each other by what they say and what they use: which
 * requires which, which declares to take the place of which, and the order of patch and
 * target. */
#include "config.h"

#include <fnmatch.h>

#include "libklpdep/tree/links.h"

/* ---- requires ---------------------------------------------------------------------- */

/* An ordinary dependency, since one imports what the other exports. */
static int add_imports(struct klpdep_index *index, const struct klp_moddep *moddep,
		       struct klpdep_patch *patch)
{
	const struct klp_module *module = klp_moddep_find(moddep, patch->name);
	int err = 0;

	for (size_t i = 0; module && i < module->n_deps && err == 0; i++) {
		const char *name = moddep->modules[module->deps[i]].name;
		struct klpdep_patch *needed = klp_index_find(index, name);

		if (needed)
			err = klp_index_add_requires(index, patch, needed, KLP_LINK_IMPORT);
	}
	return err;
}

static int add_named(struct klpdep_index *index, struct klpdep_patch *patch,
		     const struct klp_strv *names, enum klp_link_reason reason)
{
	int err = 0;

	for (size_t i = 0; i < names->n && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];
		struct klpdep_patch *needed;

		if (klp_name_normalize(names->v[i], name) < 0)
			continue;
		needed = klp_index_find(index, name);
		if (needed && needed != patch)
			err = klp_index_add_requires(index, patch, needed, reason);
	}
	return err;
}

/* ---- patched exports --------------------------------------------------------------- */

/* A function that a patch changes. */
struct changed {
	const char *name;
	struct klpdep_patch *patch;
	const struct klpdep_object *object;
};

struct exports {
	struct klpdep_index *index;
	struct klp_kmod *kmod;
	struct changed *changed; /* sorted by name */
	size_t n;
};

static int cmp_changed(const void *p, const void *q)
{
	const struct changed *a = p, *b = q;
	int cmp = strcmp(a->name, b->name);

	if (!cmp)
		cmp = strcmp(a->patch->name, b->patch->name);
	return cmp ? cmp : strcmp(a->object->name, b->object->name);
}

static int cmp_changed_name(const void *name, const void *changed)
{
	return strcmp(name, ((const struct changed *)changed)->name);
}

static int gather_changed(struct exports *exports)
{
	for (size_t i = 0; i < exports->index->n_patches; i++) {
		struct klpdep_patch *patch = exports->index->patches[i];

		for (size_t j = 0; j < patch->n_objects; j++) {
			const struct klpdep_object *object = &patch->objects[j];

			for (size_t k = 0; k < object->n_funcs; k++) {
				struct changed *changed =
					klp_append(exports->changed, exports->n);

				if (!changed)
					return -ENOMEM;
				*changed = (struct changed){ object->funcs[k].name, patch,
							     object };
			}
		}
	}
	if (exports->n)
		qsort(exports->changed, exports->n, sizeof(*exports->changed),
		      cmp_changed);
	return 0;
}

static bool is_of_one_set(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	return a->set && b->set ? klp_streq(a->set, b->set) : !a->set && !b->set;
}

/* Whether an object exports a symbol; vmlinux does where no module has it, given that a
 * module imports it. */
static int does_export(const struct exports *exports, const char *object,
		       const char *symbol)
{
	_cleanup_free_ char *alias = NULL;
	_cleanup_strv_ struct klp_strv names = { 0 };
	int err;

	if (asprintf(&alias, "symbol:%s", symbol) < 0) {
		alias = NULL;
		return -ENOMEM;
	}
	err = klp_kmod_lookup(exports->kmod, alias, &names);
	if (err == -ENOMEM)
		return err;
	return klp_streq(object, "vmlinux") ? names.n == 0 : klp_strv_has(&names, object);
}

/* @patch uses a symbol, which is in the object of that name, or in any for NULL. */
static int add_use(const struct exports *exports, struct klpdep_patch *patch,
		   const char *object, const char *symbol)
{
	size_t i = klp_lower_bound(symbol, exports->changed, exports->n,
				   sizeof(*exports->changed), cmp_changed_name);

	for (; i < exports->n && klp_streq(exports->changed[i].name, symbol); i++) {
		const struct changed *changed = &exports->changed[i];
		int err;

		if (changed->patch == patch || !is_of_one_set(patch, changed->patch) ||
		    (object && !klp_streq(object, changed->object->name)) ||
		    klp_patch_find_object(patch, changed->object->name))
			continue;
		err = does_export(exports, changed->object->name, symbol);
		if (err > 0)
			err = klp_index_add_requires(exports->index, patch,
						     changed->patch, KLP_LINK_PATCHED_EXPORT);
		if (err < 0)
			return err;
	}
	return 0;
}

static int add_uses(const struct exports *exports, struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < patch->imports.n && err == 0; i++)
		err = add_use(exports, patch, NULL, patch->imports.v[i]);
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		/* Whether vmlinux exports what klp relocations refer to is not known. */
		for (size_t j = 0; j < object->n_relocs && err == 0; j++) {
			if (!klp_streq(object->relocs[j].symobject, "vmlinux"))
				err = add_use(exports, patch, object->relocs[j].symobject,
					      object->relocs[j].symbol);
		}
	}
	return err;
}

/* A patch that was written against functions of other objects, as their patches leave
 * them. */
static int add_patched_exports(struct klpdep_index *index, struct klp_kmod *kmod)
{
	struct exports exports = { .index = index, .kmod = kmod };
	int err = gather_changed(&exports);

	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = add_uses(&exports, index->patches[i]);
	free(exports.changed);
	return err;
}

/* ---- supersedes -------------------------------------------------------------------- */

bool klp_links_declare(const struct klpdep_patch *newer, const struct klpdep_patch *older)
{
	for (size_t i = 0; i < newer->supersedes.n; i++) {
		if (fnmatch(newer->supersedes.v[i], older->name, 0) == 0)
			return !klp_streq(newer->name, older->name);
	}
	return false;
}

/* ---- what a patch requires, directly or not ---------------------------------------- */

struct closure {
	const struct klpdep_patch **v; /* the patch itself is the first */
	size_t *by;		       /* the place of the one that requires it */
	size_t n;
	bool is_circle;
	size_t last; /* the place of the one that requires the first, in a circle */
};

static void closure_clear(struct closure *closure)
{
	free(closure->v);
	free(closure->by);
}

static int gather_closure(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct closure *closure)
{
	_cleanup_free_ bool *seen = calloc(index->n_patches, sizeof(*seen));

	closure->v = calloc(index->n_patches, sizeof(*closure->v));
	closure->by = calloc(index->n_patches, sizeof(*closure->by));
	if (!seen || !closure->v || !closure->by)
		return -ENOMEM;
	closure->v[closure->n++] = patch;
	seen[patch->number] = true;
	for (size_t i = 0; i < closure->n; i++) {
		const struct klp_link *links;
		size_t n;

		links = klp_index_requires_of(index, closure->v[i], &n);
		for (size_t j = 0; j < n; j++) {
			const struct klpdep_patch *next = links[j].to;

			if (next == patch && !closure->is_circle) {
				closure->is_circle = true;
				closure->last = i;
			}
			if (seen[next->number])
				continue;
			seen[next->number] = true;
			closure->by[closure->n] = i;
			closure->v[closure->n++] = next;
		}
	}
	return 0;
}

int klp_links_find_circle(const struct klpdep_index *index,
			  const struct klpdep_patch *patch, struct klp_strv *circle)
{
	_cleanup_(closure_clear) struct closure closure = { 0 };
	int err = patch->circle ? gather_closure(index, patch, &closure) : 0;

	/* From the last one back to the first, and then the other way around. */
	for (size_t i = closure.last; i && err == 0; i = closure.by[i])
		err = klp_strv_add(circle, closure.v[i]->name);
	if (err == 0 && closure.is_circle)
		err = klp_strv_add(circle, patch->name);
	for (size_t i = 0; i < circle->n / 2; i++) {
		char *name = circle->v[i];

		circle->v[i] = circle->v[circle->n - 1 - i];
		circle->v[circle->n - 1 - i] = name;
	}
	return err;
}

/* ---- circles ----------------------------------------------------------------------- */

/* Tarjan's algorithm, with a stack of its own instead of recursion: how deep it goes is up
 * to the patches. */
struct circles {
	const struct klpdep_index *index;
	size_t *found;	 /* when a patch was found, from 1; 0: not yet */
	size_t *lowest;	 /* the earliest that its requirements lead back to */
	size_t *open;	 /* the patches whose circle is not known yet */
	size_t *path;	 /* those that are being gone through */
	size_t *next;	 /* and with which requirement each goes on */
	size_t n_found, n_open, n_path;
};

static void enter(struct circles *circles, size_t number)
{
	circles->found[number] = circles->lowest[number] = ++circles->n_found;
	circles->open[circles->n_open++] = number;
	circles->path[circles->n_path++] = number;
}

static void lower(struct circles *circles, size_t number, size_t to)
{
	if (to < circles->lowest[number])
		circles->lowest[number] = to;
}

/* All that a patch leads to has been gone through: what is open since then is one circle,
 * or the patch alone. */
static void leave(struct circles *circles, size_t number, size_t *circle_of)
{
	size_t member;

	circles->n_path--;
	if (circles->n_path)
		lower(circles, circles->path[circles->n_path - 1],
		      circles->lowest[number]);
	if (circles->lowest[number] != circles->found[number])
		return;
	do {
		member = circles->open[--circles->n_open];
		circle_of[member] = number + 1;
	} while (member != number);
}

static void go_through(struct circles *circles, size_t first, size_t *circle_of)
{
	enter(circles, first);
	while (circles->n_path) {
		size_t number = circles->path[circles->n_path - 1], n, to;
		const struct klp_link *links = klp_index_requires_of(
			circles->index, circles->index->patches[number], &n);

		if (circles->next[number] == n) {
			leave(circles, number, circle_of);
			continue;
		}
		to = links[circles->next[number]++].to->number;
		if (!circles->found[to])
			enter(circles, to);
		else if (!circle_of[to])
			lower(circles, number, circles->found[to]);
	}
}

int klp_links_find_circles(const struct klpdep_index *index, size_t *circle_of)
{
	size_t n = index->n_patches;
	_cleanup_free_ size_t *room = calloc(5 * n + 1, sizeof(*room));
	struct circles circles = { .index = index };

	if (!room)
		return -ENOMEM;
	circles.found = room;
	circles.lowest = room + n;
	circles.open = room + 2 * n;
	circles.path = room + 3 * n;
	circles.next = room + 4 * n;
	memset(circle_of, 0, n * sizeof(*circle_of));
	for (size_t i = 0; i < n; i++) {
		if (!circle_of[i])
			go_through(&circles, i, circle_of);
	}
	return 0;
}

/* ---- order ------------------------------------------------------------------------- */

/* A patch that depends on a module, by its number, that patches are for. */
struct dependent {
	size_t module, patch;
};

struct orders {
	const struct klpdep_index *index;
	const struct klp_moddep *moddep;
	struct dependent *dependents; /* sorted by module */
	size_t n;
	struct klp_link *back; /* what is required, sorted by that */
	size_t *reached;       /* by patches' numbers: of which module it was, from 1 */
	const struct klpdep_patch **queue;
};

static void orders_clear(struct orders *orders)
{
	free(orders->dependents);
	free(orders->back);
	free(orders->reached);
	free(orders->queue);
}

static int cmp_dependents(const void *p, const void *q)
{
	const struct dependent *a = p, *b = q;

	return a->module < b->module ? -1 : a->module > b->module;
}

static int cmp_back(const void *p, const void *q)
{
	const struct klp_link *a = p, *b = q;

	return a->to->number < b->to->number ? -1 : a->to->number > b->to->number;
}

static int gather_dependents(struct orders *orders)
{
	const struct klp_moddep *moddep = orders->moddep;

	for (size_t i = 0; i < orders->index->n_patches; i++) {
		const struct klp_module *module =
			klp_moddep_find(moddep, orders->index->patches[i]->name);

		for (size_t j = 0; module && j < module->n_deps; j++) {
			size_t on = module->deps[j], n_edges;
			struct dependent *dependent;

			klp_index_edges_of(orders->index, moddep->modules[on].name, &n_edges);
			if (!n_edges)
				continue;
			dependent = klp_append(orders->dependents, orders->n);
			if (!dependent)
				return -ENOMEM;
			*dependent = (struct dependent){ on, i };
		}
	}
	if (orders->n)
		qsort(orders->dependents, orders->n, sizeof(*orders->dependents),
		      cmp_dependents);
	return 0;
}

/* Only where there are dependents: most patches have none. */
static int prepare_orders(struct orders *orders)
{
	const struct klpdep_index *index = orders->index;
	int err = gather_dependents(orders);

	if (err < 0 || !orders->n)
		return err;
	orders->back = calloc(index->n_requires + 1, sizeof(*orders->back));
	orders->reached = calloc(index->n_patches + 1, sizeof(*orders->reached));
	orders->queue = calloc(index->n_patches + 1, sizeof(*orders->queue));
	if (!orders->back || !orders->reached || !orders->queue)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_requires; i++)
		orders->back[i] = index->requires[i];
	if (index->n_requires)
		qsort(orders->back, index->n_requires, sizeof(*orders->back), cmp_back);
	return 0;
}

static void reach(struct orders *orders, const struct klpdep_patch *patch, size_t module,
		  size_t *n)
{
	if (orders->reached[patch->number] == module + 1)
		return;
	orders->reached[patch->number] = module + 1;
	orders->queue[(*n)++] = patch;
}

/* Loading a patch takes what it requires first, and the modules that that depends on: find all
 * that have this one loaded, from those that depend on it backwards. */
static void find_after(struct orders *orders, const struct dependent *dependents, size_t n)
{
	const struct klpdep_index *index = orders->index;
	const struct klpdep_edge *edges;
	size_t module = dependents->module, n_reached = 0, n_edges;

	for (size_t i = 0; i < n; i++)
		reach(orders, index->patches[dependents[i].patch], module, &n_reached);
	for (size_t i = 0; i < n_reached; i++) {
		const struct klp_link key = { .to = (struct klpdep_patch *)orders->queue[i] };
		size_t j = klp_lower_bound(&key, orders->back, index->n_requires,
					   sizeof(key), cmp_back);

		for (; j < index->n_requires && orders->back[j].to == key.to; j++)
			reach(orders, orders->back[j].from, module, &n_reached);
	}
	edges = klp_index_edges_of(index, orders->moddep->modules[module].name, &n_edges);
	for (size_t i = 0; i < n_edges; i++) {
		if (orders->reached[edges[i].patch->number] == module + 1)
			edges[i].object->order = KLPDEP_ORDER_AFTER;
	}
}

int klp_links_find_orders(struct klpdep_index *index, const struct klp_moddep *moddep)
{
	_cleanup_(orders_clear) struct orders orders = { .index = index, .moddep = moddep };
	int err = prepare_orders(&orders);

	for (size_t i = 0; i < index->n_edges; i++) {
		struct klpdep_object *object = index->edges[i].object;

		object->order = klp_streq(object->name, "vmlinux") ||
						!klp_moddep_find(moddep, object->name) ?
					KLPDEP_ORDER_NONE :
					KLPDEP_ORDER_BEFORE;
	}
	for (size_t i = 0, end; i < orders.n && err == 0; i = end) {
		for (end = i + 1; end < orders.n; end++) {
			if (orders.dependents[end].module != orders.dependents[i].module)
				break;
		}
		find_after(&orders, &orders.dependents[i], end - i);
	}
	return err;
}

enum klpdep_order klp_edge_order(const struct klpdep_edge *edge,
				  const struct klpdep_config *config, const char **reason)
{
	const char *where = NULL;
	enum klpdep_order forced;

	*reason = NULL;
	if (edge->object->order == KLPDEP_ORDER_NONE)
		return KLPDEP_ORDER_NONE;
	forced = klp_config_order(config, edge->patch->name, &where);
	/* What hard-depends on its target cannot go in first, whatever is configured. */
	if (forced != KLPDEP_ORDER_NONE && edge->object->order != KLPDEP_ORDER_AFTER) {
		*reason = where;
		return forced;
	}
	if (edge->object->order == KLPDEP_ORDER_AFTER)
		*reason = "depends on its target";
	return edge->object->order;
}

/* ---- all of it --------------------------------------------------------------------- */

size_t klp_links_missing(const struct klpdep_index *index, const struct klpdep_patch *patch,
			 const char **first)
{
	size_t n = 0;

	for (size_t i = patch->requires.n; i-- > 0;) {
		if (klp_index_find(index, patch->requires.v[i]))
			continue;
		*first = patch->requires.v[i];
		n++;
	}
	return n;
}

static void warn_missing(struct klpdep_ctx *ctx, const struct klpdep_index *index,
			 const struct klpdep_patch *patch)
{
	const char *first;
	size_t n = klp_links_missing(index, patch, &first);

	if (n == 1)
		klp_warn(ctx, "%s: requires the patch '%s', which is not in the tree of %s",
			 patch->name, first, index->kernel);
	else if (n)
		klp_warn(ctx,
			 "%s: requires the patch '%s' and %zu more that are not in the tree "
			 "of %s", patch->name, first, n - 1, index->kernel);
}

static void warn_circle(struct klpdep_ctx *ctx, const struct klpdep_index *index,
			const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv circle = { 0 };
	_cleanup_free_ char *names = NULL;

	if (klp_links_find_circle(index, patch, &circle) < 0)
		return;
	names = klp_strv_join(&circle, " requires ");
	klp_warn(ctx, "%s requires %s: a circle, in which one will be loaded before what "
		 "it requires", names ? names : patch->name, patch->name);
}

/* Note and warn of each circle once: at the member that comes first. */
static int note_circles(struct klpdep_ctx *ctx, const struct klpdep_index *index)
{
	size_t n = index->n_patches;
	_cleanup_free_ size_t *circle_of = calloc(n + 1, sizeof(*circle_of));
	_cleanup_free_ struct klpdep_patch **first = calloc(n + 1, sizeof(*first));
	int err = circle_of && first ? klp_links_find_circles(index, circle_of) : -ENOMEM;

	for (size_t i = 0; i < n && err == 0; i++) {
		struct klpdep_patch *patch = index->patches[i], **of = &first[circle_of[i]];

		if (*of)
			patch->circle = (*of)->circle = circle_of[i];
		else
			*of = patch;
	}
	for (size_t i = 0; i < n && err == 0; i++) {
		if (index->patches[i]->circle && first[circle_of[i]] == index->patches[i])
			warn_circle(ctx, index, index->patches[i]);
	}
	return err;
}

int klp_links_find(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    const struct klp_moddep *moddep, struct klp_kmod *kmod)
{
	int err = 0;

	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		struct klpdep_patch *patch = index->patches[i];

		err = add_imports(index, moddep, patch);
		if (err == 0)
			err = add_named(index, patch, &patch->requires, KLP_LINK_DECLARED);
		if (err == 0)
			err = add_named(index, patch, &patch->pre, KLP_LINK_SOFTDEP);
		if (err == 0)
			warn_missing(ctx, index, patch);
	}
	if (err == 0)
		err = add_patched_exports(index, kmod);
	if (err < 0)
		return err;
	klp_index_sort_links(index);
	err = klp_links_find_orders(index, moddep);
	return err < 0 ? err : note_circles(ctx, index);
}
