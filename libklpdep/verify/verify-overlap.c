/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: functions that several active patches change.  Each patch is compared only with
 * the ones before and after it by name, so that n patches of a function do not make n²
 * pairs. */
#include "config.h"

#include "libklpdep/verify/verify.h"

/* A function that an active patch changes. */
struct klp_change {
	const char *object, *func;
	uint64_t sympos;
	const struct klpdep_patch *patch;
};

/* A function of an object that a patch shares with another. */
struct shared {
	const struct klpdep_patch *other;
	const char *func;
};

static struct klp_change make_change(const struct klpdep_patch *patch,
				     const struct klpdep_object *object, size_t i)
{
	const struct klp_func *func = &object->funcs[i];

	/* position 0, the only one, is the first */
	return (struct klp_change){ object->name, func->name, func->sympos ? func->sympos : 1,
				    patch };
}

static int cmp_func(const struct klp_change *a, const struct klp_change *b)
{
	int cmp = strcmp(a->object, b->object);

	if (!cmp)
		cmp = strcmp(a->func, b->func);
	return cmp ? cmp : (a->sympos > b->sympos) - (a->sympos < b->sympos);
}

static int cmp_changes(const void *p, const void *q)
{
	const struct klp_change *a = p, *b = q;
	int cmp = cmp_func(a, b);

	return cmp ? cmp : klp_name_cmp(a->patch->name, b->patch->name);
}

/* klp_lower_bound() then finds the place after equal elements. */
static int cmp_behind(const void *p, const void *q)
{
	return cmp_changes(p, q) < 0 ? -1 : 1;
}

static int gather_changes(struct klp_verification *verify)
{
	for (size_t i = 0; i < verify->index->n_patches; i++) {
		const struct klpdep_patch *patch = verify->index->patches[i];

		if (!klp_view_is_active(verify->view, patch))
			continue;
		for (size_t j = 0; j < patch->n_objects; j++) {
			for (size_t k = 0; k < patch->objects[j].n_funcs; k++) {
				struct klp_change *change =
					klp_append(verify->changes, verify->n_changes);

				if (!change)
					return -ENOMEM;
				*change = make_change(patch, &patch->objects[j], k);
			}
		}
	}
	if (verify->n_changes)
		qsort(verify->changes, verify->n_changes, sizeof(*verify->changes),
		      cmp_changes);
	return 0;
}

/* The patches before and after by name.  The one after reports both, if it is checked
 * itself. */
static void find_neighbours(const struct klp_verification *verify,
			    const struct klp_change *own, struct shared *shared, size_t *n)
{
	const struct klp_change *v = verify->changes;
	size_t before = klp_lower_bound(own, v, verify->n_changes, sizeof(*v), cmp_changes);
	size_t behind = klp_lower_bound(own, v, verify->n_changes, sizeof(*v), cmp_behind);

	if (before > 0 && cmp_func(&v[before - 1], own) == 0)
		shared[(*n)++] = (struct shared){ v[before - 1].patch, own->func };
	if (behind < verify->n_changes && cmp_func(&v[behind], own) == 0 &&
	    !klp_verify_state(verify, v[behind].patch)->chosen)
		shared[(*n)++] = (struct shared){ v[behind].patch, own->func };
}

static int cmp_shared(const void *p, const void *q)
{
	const struct shared *a = p, *b = q;
	int cmp = strcmp(a->other->name, b->other->name);

	return cmp ? cmp : strcmp(a->func, b->func);
}

static int say_overlap(struct klp_verification *verify, const struct klpdep_patch *patch,
		       const char *object, const struct shared *first, size_t n)
{
	_cleanup_free_ char *more =
		n > 1 ? klp_format(", and %zu more functions", n - 1) : strdup("");

	if (!more)
		return -ENOMEM;
	klp_fit_say(&verify->fit, KLPDEP_WARNING, "overlap", patch, object, first->func,
		    "%s changes it, too%s, and whichever is loaded later counts: if "
		    "one is to take the other's place, say so with klp_supersedes, or "
		    "supersede in klpdep.d; else build them as one",
		    first->other->name, more);
	return 0;
}

static int check_object(struct klp_verification *verify, const struct klpdep_patch *patch,
			const struct klpdep_object *object)
{
	_cleanup_free_ struct shared *shared = calloc(2 * object->n_funcs + 1, sizeof(*shared));
	size_t n = 0, end;
	int err = shared ? 0 : -ENOMEM;

	for (size_t i = 0; i < object->n_funcs && err == 0; i++) {
		const struct klp_change own = make_change(patch, object, i);

		find_neighbours(verify, &own, shared, &n);
	}
	if (n)
		qsort(shared, n, sizeof(*shared), cmp_shared);
	for (size_t i = 0; i < n && err == 0; i = end) {
		for (end = i + 1; end < n && shared[end].other == shared[i].other; end++)
			;
		err = say_overlap(verify, patch, object->name, &shared[i], end - i);
	}
	return err;
}

int klp_verify_overlap(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	int err = 0;

	if (!klp_view_is_wanted(verify->view, patch))
		return 0;
	if (!verify->changes)
		err = gather_changes(verify);
	for (size_t i = 0; i < patch->n_objects && err == 0; i++)
		err = check_object(verify, patch, &patch->objects[i]);
	return err;
}
