/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tools/relations.h"

/* ---- lists ------------------------------------------------------------------------- */

static int add(struct relation_list *list, const struct klpdep_patch *from,
	       const struct klpdep_patch *to, const char *name, const char *reason)
{
	_cleanup_free_ char *copy = strdup(reason);
	struct relation *relation = copy ? klp_append(list->v, list->n) : NULL;

	if (!relation)
		return -ENOMEM;
	*relation = (struct relation){ from, to, name, klp_take(copy), NULL };
	return 0;
}

static int cmp_ends(const void *p, const void *q)
{
	const struct relation *a = p, *b = q;
	int cmp = klp_name_cmp(a->from->name, b->from->name);

	return cmp ? cmp : klp_name_cmp(a->name, b->name);
}

static int cmp_relations(const void *p, const void *q)
{
	const struct relation *a = p, *b = q;
	int cmp = cmp_ends(a, b);

	return cmp ? cmp : strcmp(a->reason, b->reason);
}

static int add_reason(struct relation *relation, const char *reason)
{
	char *both;

	if (asprintf(&both, "%s,%s", relation->reason, reason) < 0)
		return -ENOMEM;
	free(relation->reason);
	relation->reason = both;
	return 0;
}

/* Sort, and make one of those between the same two patches. */
static int finish(struct relation_list *list)
{
	size_t n = 0, kept = 0;
	int err = 0;

	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), cmp_relations);
	for (size_t i = 0; i < list->n; i++) {
		if (n && cmp_relations(&list->v[n - 1], &list->v[i]) == 0)
			free(list->v[i].reason);
		else
			list->v[n++] = list->v[i];
	}
	for (size_t i = 0; i < n; i++) {
		struct relation *last = kept ? &list->v[kept - 1] : NULL;

		if (last && err == 0 && cmp_ends(last, &list->v[i]) == 0) {
			err = add_reason(last, list->v[i].reason);
			free(list->v[i].reason);
		} else {
			list->v[kept++] = list->v[i];
		}
	}
	list->n = kept;
	return err;
}

/* ---- requires ---------------------------------------------------------------------- */

static int find_requires(struct relations *relations)
{
	const struct klpdep_index *index = relations->index;
	int err = 0;

	for (size_t i = 0; i < index->n_requires && err == 0; i++) {
		const struct klp_link *link = &index->requires[i];

		err = add(&relations->requires, link->from, link->to, link->to->name,
			  link->reason);
	}
	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		/* A patch of an index keeps only those that the tree has not. */
		for (size_t j = 0; j < patch->requires.n && err == 0; j++) {
			const char *name = patch->requires.v[j];

			if (!klp_index_find(index, name))
				err = add(&relations->requires, patch, NULL, name,
					  "declared");
		}
	}
	return err < 0 ? err : finish(&relations->requires);
}

/* ---- supersedes -------------------------------------------------------------------- */

static bool share_an_object(const struct klpdep_patch *a, const struct klpdep_patch *b)
{
	for (size_t i = 0; i < a->n_objects; i++) {
		if (klp_patch_find_object(b, a->objects[i].name))
			return true;
	}
	return false;
}

/* What the configuration says; it counts among patches of one object only, as graph.c
 * has it. */
static int find_configured(struct relations *relations,
			   const struct klpdep_config *config)
{
	const struct klpdep_index *index = relations->index;
	size_t n;

	for (size_t i = 0; i < index->n_edges; i += n) {
		const struct klp_edge *edges = &index->edges[i];

		klp_index_edges_of(index, edges->object->name, &n);
		for (size_t j = 0; j < n * n; j++) {
			const struct klpdep_patch *from = edges[j / n].patch;
			const struct klpdep_patch *to = edges[j % n].patch;
			const char *where;

			if (from != to &&
			    klp_config_supersedes(config, from->name, to->name, &where) &&
			    add(&relations->supersedes, from, to, to->name, where) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static void drop(struct relation_list *list, size_t i)
{
	free(list->v[i].reason);
	memmove(&list->v[i], &list->v[i + 1], (--list->n - i) * sizeof(*list->v));
}

/* Of two that claim each other's place the later name has it. */
static void drop_lost_claims(struct relation_list *list)
{
	for (size_t i = 0; i < list->n;) {
		const struct relation *claim = &list->v[i];
		const struct relation other = { .from = claim->to,
						.name = claim->from->name };

		if (klp_name_cmp(claim->from->name, claim->name) < 0 &&
		    bsearch(&other, list->v, list->n, sizeof(other), cmp_ends))
			drop(list, i);
		else
			i++;
	}
}

static int find_supersedes(struct relations *relations,
			   const struct klpdep_config *config)
{
	const struct klpdep_index *index = relations->index;
	int err = find_configured(relations, config);

	for (size_t i = 0; i < index->n_supersedes && err == 0; i++) {
		const struct klp_link *link = &index->supersedes[i];

		if (share_an_object(link->from, link->to))
			err = add(&relations->supersedes, link->from, link->to,
				  link->to->name, link->reason);
	}
	if (err == 0)
		err = finish(&relations->supersedes);
	if (err == 0)
		drop_lost_claims(&relations->supersedes);
	return err;
}

/* ---- which patch meets a requirement ----------------------------------------------- */

static bool is_active(const struct relations *relations, const struct klpdep_patch *patch)
{
	return relations_state(relations, patch)->state == KLPDEP_STATE_ACTIVE;
}

/* The same as klp_graph_successor(), which would go through all patches. */
static const struct klpdep_patch *find_successor(const struct relations *relations,
						 const struct klpdep_patch *patch)
{
	const struct relation_list *list = &relations->supersedes;
	const struct klpdep_patch *successor = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct klpdep_patch *newer = list->v[i].from;

		if (list->v[i].to == patch && is_active(relations, newer) &&
		    (!successor || klp_name_cmp(newer->name, successor->name) > 0))
			successor = newer;
	}
	return successor;
}

/* What a superseded patch is required for its successor has, but for symbols. */
static void find_met(struct relations *relations)
{
	for (size_t i = 0; i < relations->requires.n; i++) {
		struct relation *relation = &relations->requires.v[i];

		if (!relation->to)
			continue;
		if (is_active(relations, relation->to))
			relation->met_by = relation->to;
		else if (!strstr(relation->reason, "import"))
			relation->met_by = find_successor(relations, relation->to);
	}
}

/* ---- all of it --------------------------------------------------------------------- */

int relations_find(struct relations *relations, const struct klpdep_index *index,
		   const struct klpdep_config *config)
{
	int err;

	*relations = (struct relations){ .index = index };
	relations->states = calloc(index->n_patches ? index->n_patches : 1,
				   sizeof(*relations->states));
	if (!relations->states)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_patches; i++) {
		struct patch_state *state = &relations->states[i];

		state->state = klp_graph_state(index, config, index->patches[i],
					       &state->why);
		if (state->state == KLPDEP_STATE_ACTIVE)
			state->why = NULL;
	}
	err = find_requires(relations);
	if (err == 0)
		err = find_supersedes(relations, config);
	if (err == 0)
		find_met(relations);
	return err;
}

static void clear_list(struct relation_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].reason);
	free(list->v);
}

void relations_clear(struct relations *relations)
{
	clear_list(&relations->requires);
	clear_list(&relations->supersedes);
	free(relations->states);
}

static int cmp_patch_name(const void *name, const void *patch)
{
	return strcmp(name, (*(struct klpdep_patch *const *)patch)->name);
}

size_t relations_place(const struct relations *relations,
		       const struct klpdep_patch *patch)
{
	const struct klpdep_index *index = relations->index;
	struct klpdep_patch **found =
		bsearch(patch->name, index->patches, index->n_patches,
			sizeof(*index->patches), cmp_patch_name);

	return (size_t)(found - index->patches);
}

const struct patch_state *relations_state(const struct relations *relations,
					  const struct klpdep_patch *patch)
{
	return &relations->states[relations_place(relations, patch)];
}

const char *state_name(enum klpdep_state state)
{
	static const char *const names[] = {
		[KLPDEP_STATE_ACTIVE] = "active",
		[KLPDEP_STATE_MASKED] = "masked",
		[KLPDEP_STATE_SUPERSEDED] = "superseded",
	};

	return names[state];
}

const char *relations_find_name(const struct tool *tool, const struct klpdep_index *index,
				const char *given)
{
	char name[KLP_MODULE_NAME_LEN];
	const struct klp_edge *edges;
	struct klpdep_patch *patch;
	size_t n;

	/* An object stands in the index as its patch spells it. */
	edges = klp_index_edges_of(index, given, &n);
	if (edges)
		return edges->object->name;
	if (klp_name_normalize(given, name) == 0) {
		patch = klp_index_find(index, name);
		if (patch)
			return patch->name;
		edges = klp_index_edges_of(index, name, &n);
		if (edges)
			return edges->object->name;
	}
	tool_no_module(tool, "patch and no target", given);
	return NULL;
}
