/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: whether klpdep depmod would write the same now, and whether its rules are in
 * force. */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/rules/rules.h"
#include "libklpdep/tree/due.h"
#include "libklpdep/verify/verify.h"

/* ---- the index --------------------------------------------------------------------- */

/* The number of the word that names the line's patch; 0 for none. */
static unsigned int patch_word(const char *text)
{
	if (klp_after_prefix(text, KLP_WORD_SOFTDEP " "))
		return 0;
	return klp_after_prefix(text, KLP_WORD_OBJECT " ") ? 2 : 1;
}

/* Add a line with the name of its patch before it; softdeps of targets have none. */
static int add_line(struct klp_strv *lines, const char *text)
{
	unsigned int n = patch_word(text);
	const char *word = text;

	for (unsigned int i = 0; i < n; i++)
		word += strcspn(word, " ") + 1;
	return klp_strv_add_format(lines, "%.*s %s", n ? (int)strcspn(word, " ") : 0,
				   word, text);
}

static int read_lines(const struct klpdep_index *index, struct klp_strv *lines)
{
	_cleanup_free_ char *all = NULL;
	size_t size;
	int err = klp_index_format(index, &all, &size);
	char *rest = all, *text;

	while (err == 0 && (text = strsep(&rest, "\n"))) {
		/* Lines of targets come and go with patches, and have a check of their
		 * own. */
		if (*text && *text != '#' && !klp_streq(text, KLP_WORD_END) &&
		    !klp_after_prefix(text, KLP_WORD_TARGET " "))
			err = add_line(lines, text);
	}
	klp_strv_sort(lines);
	return err;
}

/* Find the patches with lines that only one of the two has; both are sorted. */
static int compare(const struct klp_strv *is, const struct klp_strv *was,
		   struct klp_strv *changed)
{
	size_t i = 0, j = 0;
	int err = 0;

	while ((i < is->n || j < was->n) && err == 0) {
		int cmp = i == is->n  ? 1 :
			  j == was->n ? -1 :
					klp_name_cmp(is->v[i], was->v[j]);
		const char *line = cmp <= 0 ? is->v[i] : was->v[j];

		if (cmp != 0)
			err = klp_strv_add_len(changed, line, strcspn(line, " "));
		i += cmp <= 0;
		j += cmp >= 0;
	}
	klp_strv_sort_unique(changed);
	return err;
}

static void say_stale(struct klp_verification *verify, char *name)
{
	const struct klpdep_patch *patch = klp_index_find(verify->index, name);
	const struct klpdep_patch gone = { .name = name };
	const char *what;

	/* If patches are named, skip the others. */
	if (verify->some && !(patch && klp_verify_state(verify, patch)->chosen))
		return;
	if (!*name)
		what = "softdeps of targets have changed since the index was written";
	else if (!klp_index_find(verify->written, name))
		what = "it is not in the index";
	else if (!patch)
		what = "it is in the index, but not in the tree";
	else
		what = "its lines in the index are out of date";
	klp_fit_say(&verify->fit, KLPDEP_WARNING, "stale-index",
		    !*name ? NULL :
		    patch  ? patch :
			     &gone,
		    NULL, NULL, "%s: run klpdep depmod %s", what, verify->kernel);
}

/* Report objects whose file has changed since the comparison with the patch. */
static bool compare_targets(struct klp_verification *verify)
{
	const struct klpdep_index *index = verify->index;
	bool differs = false;

	for (size_t i = 0; i < index->n_targets; i++) {
		const struct klp_target *is = &index->targets[i];
		const struct klp_target *was = klp_index_find_target(verify->written,
								     is->name);

		if (!was || !klp_fit_is_other_target(was, is))
			continue;
		differs = true;
		klp_fit_say(&verify->fit, KLPDEP_WARNING, "stale-index", NULL, is->name,
			    NULL,
			    "it is another file than when the index was written: run klpdep "
			    "depmod %s",
			    verify->kernel);
	}
	return differs;
}

/* Whether the index is older than modules.dep. */
static bool is_older(const struct klp_verification *verify)
{
	_cleanup_free_ char *index = klp_index_file(verify->ctx, verify->kernel);
	_cleanup_free_ char *dep = klp_module_path(verify->ctx, verify->kernel,
						   "modules.dep");
	struct stat a, b;

	return index && dep && stat(index, &a) == 0 && stat(dep, &b) == 0 &&
	       klp_cmp_times(&a.st_mtim, &b.st_mtim) < 0;
}

/* Neither the tree nor the index has modules that depmod(8) has not seen. */
static int say_due(struct klp_verification *verify)
{
	_cleanup_due_ struct klp_due due = { 0 };
	_cleanup_free_ char *what = NULL;
	int err = klp_due_find(verify->ctx, verify->kernel, &verify->moddep, false, &due);

	/* Unreadable ones have been reported. */
	if (err < 0)
		return err == -ENOMEM ? err : 0;
	what = klp_due_text(&due);
	if (what)
		klp_fit_say(&verify->fit, KLPDEP_WARNING, "depmod-due", NULL, NULL, NULL,
			    "%s: run depmod %s, then klpdep depmod %s", what,
			    verify->kernel, verify->kernel);
	return 0;
}

int klp_verify_index(struct klp_verification *verify)
{
	_cleanup_strv_ struct klp_strv is = { 0 }, was = { 0 }, changed = { 0 };
	bool is_other;
	int err = verify->some ? 0 : say_due(verify);

	if (err < 0)
		return err;
	if (!verify->written) {
		/* The error in an existing one has been logged. */
		if (verify->index->n_patches)
			klp_fit_say(&verify->fit, KLPDEP_WARNING, "stale-index", NULL, NULL,
				       NULL,
				       "there is no index that can be read: run "
				       "klpdep depmod %s",
				       verify->kernel);
		return 0;
	}
	err = read_lines(verify->index, &is);
	if (err == 0)
		err = read_lines(verify->written, &was);
	if (err == 0)
		err = compare(&is, &was, &changed);
	if (err < 0)
		return err;
	for (size_t i = 0; i < changed.n; i++)
		say_stale(verify, changed.v[i]);
	is_other = compare_targets(verify);
	if (!changed.n && !is_other && is_older(verify))
		klp_fit_say(
			&verify->fit, KLPDEP_WARNING, "stale-index", NULL, NULL, NULL,
			"the index is older than modules.dep: run klpdep depmod %s "
			"after depmod",
			verify->kernel);
	return 0;
}

/* ---- the rules --------------------------------------------------------------------- */

/* Whether a patch and its target should have rules. */
static bool is_written(const struct klp_verification *verify, const struct klpdep_patch *patch,
		       const char *object)
{
	const struct klpdep_patch *written =
		verify->written ? klp_index_find(verify->written, patch->name) : NULL;

	return written && klp_verify_state(verify, patch)->in_tree &&
	       klp_patch_find_object(written, object);
}

/* The reverse: lines that should keep a module out, and that our rules cancel. */
static int verify_block(struct klp_verification *verify, const struct klpdep_patch *patch,
			const char *object, bool *lost)
{
	_cleanup_free_ char *why = NULL;
	int err = klp_shadows_find_lost(verify->shadows, object ? object : patch->name, &why);

	*lost = why;
	if (why)
		klp_fit_say(&verify->fit, KLPDEP_ERROR, "block-lost", patch, object, NULL,
			    "%s", why);
	return err;
}

/* If a module has an active patch, verify_block() says this about that patch. */
static int say_block(void *data, const struct klpdep_finding *finding)
{
	struct klp_verification *verify = data;
	const struct klpdep_edge *edges;
	size_t n = 0;

	if (!finding->object)
		return 0;
	edges = klp_index_edges_of(verify->index, finding->object, &n);
	for (size_t i = 0; i < n; i++) {
		if (klp_view_is_active(verify->view, edges[i].patch))
			return 0;
	}
	klp_fit_say(&verify->fit, KLPDEP_ERROR, "block-lost", NULL, finding->object, NULL, "%s",
		    finding->message);
	return verify->fit.stop;
}

int klp_verify_blocks(struct klp_verification *verify)
{
	return klpdep_check_blocks(verify->ctx, verify->view, say_block, verify);
}

static int verify_target(struct klp_verification *verify, const struct klpdep_patch *patch,
			 const char *object)
{
	_cleanup_free_ char *why = NULL;
	bool lost;
	int err = verify_block(verify, patch, object, &lost);

	if (err < 0 || lost)
		return err;
	err = klp_shadows_find(verify->shadows, object, patch->name,
			       is_written(verify, patch, object), &why);
	if (why)
		klp_fit_say(&verify->fit, KLPDEP_WARNING, "shadowed", patch, object, NULL,
			    "it will not be loaded with %s: %s", object, why);
	return err;
}

int klp_verify_rules(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	bool lost;
	int err = 0;

	/* Masked and superseded patches are not loaded anyway. */
	if (!klp_view_is_active(verify->view, patch))
		return 0;
	if (!verify->shadows)
		err = klp_shadows_new(verify->ctx, verify->view, &verify->shadows);
	if (err == 0)
		err = verify_block(verify, patch, NULL, &lost);
	for (size_t i = 0; i < patch->n_objects && err == 0; i++) {
		if (patch->objects[i].order != KLPDEP_ORDER_NONE)
			err = verify_target(verify, patch, patch->objects[i].name);
	}
	return err;
}
