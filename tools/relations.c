/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What patches are to each other, as it is shown. */
#include "config.h"

#include "tools/relations.h"

/* ---- lists ------------------------------------------------------------------------- */

static int add(struct relation_list *list, const struct klpdep_patch *from,
	       const struct klpdep_patch *to, const char *name, const char *reason,
	       const struct klpdep_patch *met_by)
{
	_cleanup_free_ char *copy = strdup(reason);
	struct relation *relation = copy ? klp_append(list->v, list->n) : NULL;

	if (!relation)
		return -ENOMEM;
	*relation = (struct relation){ from, to, name, klp_take(copy), met_by };
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

/* Of several requirements all have to be met. */
static int add_relation(struct relation *relation, const struct relation *other)
{
	char *both;

	if (asprintf(&both, "%s,%s", relation->reason, other->reason) < 0)
		return -ENOMEM;
	free(relation->reason);
	relation->reason = both;
	if (!other->met_by)
		relation->met_by = NULL;
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
			err = add_relation(last, &list->v[i]);
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
	const struct klpdep_index *index = relations->view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_requires && err == 0; i++) {
		const struct klp_link *link = &index->requires[i];

		err = add(&relations->requires, link->from, link->to, link->to->name,
			  klp_link_reason_name(link->reason),
			  klp_view_met_by(relations->view, link));
	}
	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		/* A patch of an index keeps only those that the tree has not. */
		for (size_t j = 0; j < patch->requires.n && err == 0; j++) {
			const char *name = patch->requires.v[j];

			if (!klp_index_find(index, name))
				err = add(&relations->requires, patch, NULL, name,
					  "declared", NULL);
		}
	}
	return err < 0 ? err : finish(&relations->requires);
}

/* ---- supersedes -------------------------------------------------------------------- */

static int find_supersedes(struct relations *relations)
{
	const struct klpdep_view *view = relations->view;
	int err = 0;

	for (size_t i = 0; i < view->n_claims && err == 0; i++) {
		const struct klp_claim *claim = &view->claims[i];

		err = add(&relations->supersedes, claim->newer, claim->older,
			  claim->older->name, klp_claim_text(claim), NULL);
	}
	return err < 0 ? err : finish(&relations->supersedes);
}

/* ---- all of it --------------------------------------------------------------------- */

int relations_find(struct relations *relations, const struct klpdep_view *view)
{
	int err;

	*relations = (struct relations){ .view = view };
	err = find_requires(relations);
	return err < 0 ? err : find_supersedes(relations);
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
}

const char *relations_find_name(const struct tool *tool, const struct klpdep_index *index,
				const char *given)
{
	char name[KLP_MODULE_NAME_LEN];
	const struct klp_index_edge *edges;
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
