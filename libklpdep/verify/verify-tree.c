/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: the relations between the patches of a tree. */
#include "config.h"

#include "libklpdep/view/coverage.h"
#include "libklpdep/view/series.h"
#include "libklpdep/verify/verify.h"

static bool is_active(const struct klp_verification *verify, const struct klpdep_patch *patch)
{
	return klp_view_is_active(verify->view, patch);
}

/* ---- replace ----------------------------------------------------------------------- */

static const char *how_not_to_replace(const struct klpdep_patch *patch)
{
	if (patch->format && klp_streq(patch->format, "kpatch"))
		return "build it with kpatch-build --non-replace";
	if (patch->format && klp_streq(patch->format, "klp-build"))
		return "build it with klp-build --no-replace";
	return "have its klp_patch say .replace = false";
}

/* Another patch that replaces all others: the view blocks both. */
static const struct klpdep_patch *find_stranger(const struct klp_verification *verify,
						const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < verify->index->n_patches; i++) {
		const struct klpdep_patch *other = verify->index->patches[i];

		if (other != patch && other->replace == KLPDEP_REPLACE_YES &&
		    klp_view_is_wanted(verify->view, other))
			return other;
	}
	return NULL;
}

static bool say_stranger(struct klp_verification *verify,
			 const struct klpdep_patch *patch)
{
	const struct klpdep_patch *stranger =
		patch->replace == KLPDEP_REPLACE_YES &&
				klp_view_is_wanted(verify->view, patch) ?
			find_stranger(verify, patch) :
			NULL;

	if (stranger)
		klp_fit_say(&verify->fit, KLPDEP_ERROR, "replace", patch, NULL,
			    stranger->name,
			    "replaces all other patches, and so does %s: neither is loaded "
			    "where none is in effect; mask one, or say with klp_supersedes "
			    "or supersede which takes the other's place",
			    stranger->name);
	return stranger;
}

int klp_verify_replace(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	const struct klpdep_object *object = NULL;
	const struct klpdep_patch *victim = NULL;
	_cleanup_free_ char *more = NULL;
	bool certain = patch->replace == KLPDEP_REPLACE_YES;
	size_t n = 0;

	if (patch->replace == KLPDEP_REPLACE_NO || say_stranger(verify, patch))
		return 0;
	for (size_t i = 0; i < verify->index->n_patches; i++) {
		const struct klpdep_patch *other = verify->index->patches[i];

		if (other == patch || !is_active(verify, other) || !other->n_objects ||
		    klp_patch_covers(patch, other) || n++)
			continue;
		victim = other;
		object = &other->objects[0];
	}
	if (!victim)
		return 0;
	more = n > 1 ? klp_format(" and %zu more patch%s", n - 1, n > 2 ? "es" : "") :
		       strdup("");
	if (!more)
		return -ENOMEM;
	klp_fit_say(
		&verify->fit, certain ? KLPDEP_NOTE : KLPDEP_WARNING, "replace", patch,
		object->name, victim->name,
		"%s all other patches when it is enabled, %s of %s%s among them%s%s",
		certain ? "replaces" : "its code decides whether it replaces",
		victim->name, object->name, more,
		certain ? ", which klpdep puts back after that: for two transitions they "
			  "are not in effect" :
			  ": ",
		certain ? "" : how_not_to_replace(patch));
	return 0;
}

/* ---- links to other patches -------------------------------------------------------- */

/* A circle is reported once, for the first of its patches that is checked. */
static bool is_to_be_said(const struct klp_verification *verify,
			  const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->number && patch->circle; i++) {
		if (verify->index->patches[i]->circle == patch->circle &&
		    verify->states[i].chosen)
			return false;
	}
	return patch->circle;
}

static int check_circle(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv circle = { 0 };
	_cleanup_free_ char *names = NULL;
	int err = is_to_be_said(verify, patch) ?
			  klp_links_find_circle(verify->index, patch, &circle) : 0;

	if (err < 0 || circle.n == 0)
		return err;
	names = klp_strv_join(&circle, " requires ");
	if (!names)
		return -ENOMEM;
	klp_fit_say(&verify->fit, KLPDEP_ERROR, "cycle", patch, NULL,
		       circle.n > 1 ? circle.v[1] : NULL,
		    "%s requires %s: one of them is always loaded before a patch that it "
		    "requires; remove one requirement",
		       names, patch->name);
	return 0;
}

/* A required patch that will not be loaded keeps this one from being loaded. */
static void check_required(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	const struct klpdep_patch *said = NULL;
	const struct klp_link *links;
	const char *missing = patch->requires.n ? patch->requires.v[0] : NULL;
	size_t n = patch->requires.n;

	if (n == 1)
		klp_fit_say(&verify->fit, KLPDEP_WARNING, "missing-patch", patch, NULL,
			    missing,
			    "its klp_requires names %s, which kernel %s does not have: "
			    "install that, or take it out of klp_requires",
			    missing, verify->kernel);
	else if (n)
		klp_fit_say(&verify->fit, KLPDEP_WARNING, "missing-patch", patch, NULL,
			    missing,
			    "its klp_requires names %s and %zu more that kernel %s does not "
			    "have: install these, or take them out of klp_requires",
			    missing, n - 1, verify->kernel);
	links = klp_index_requires_of(verify->index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		const struct klpdep_patch *needed = links[i].to;
		enum klpdep_state state = klp_view_standing(verify->view, needed)->state;

		if (needed == said || klp_view_met_by(verify->view, &links[i]))
			continue;
		said = needed;
		klp_fit_say(&verify->fit, KLPDEP_WARNING, "missing-patch", patch, NULL,
			       needed->name,
			       "it requires %s, which is %s, and so it is not loaded, "
			       "either: %s",
			       needed->name, klpdep_state_name(state),
			       state == KLPDEP_STATE_MASKED ?
				       "mask both or none" :
			       state == KLPDEP_STATE_SUPERSEDED ?
				       "build it against what takes that one's place" :
				       "klpdep list says what is wrong with that one");
	}
}

/* A patch that depends on both of its targets can only be loaded after both. */
static int check_pulled(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	const struct klp_module *module = klp_moddep_find(&verify->moddep, patch->name);
	_cleanup_strv_ struct klp_strv targets = { 0 };
	_cleanup_free_ char *names = NULL;

	for (size_t i = 0; module && i < module->n_deps; i++) {
		const char *name = verify->moddep.modules[module->deps[i]].name;

		if (klp_patch_find_object(patch, name) &&
		    klp_strv_add_unique(&targets, name) < 0)
			return -ENOMEM;
	}
	if (targets.n < 2)
		return 0;
	klp_strv_sort(&targets);
	names = klp_strv_join(&targets, ", ");
	if (!names)
		return -ENOMEM;
	klp_fit_say(
		&verify->fit, KLPDEP_WARNING, "pulls-targets", patch, NULL, NULL,
		"it imports symbols of %s, which it patches, and can only be loaded "
		"once all of them are: split it, one patch for each, or use klp "
		"relocations",
		names);
	return 0;
}

int klp_verify_links(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	int err = check_circle(verify, patch);

	if (err == 0)
		check_required(verify, patch);
	return err < 0 ? err : check_pulled(verify, patch);
}

/* ---- sets -------------------------------------------------------------------------- */

/* Whether an active patch belongs to a later set of the series of @patch's set. */
static bool is_of_later_set(const struct klp_verification *verify,
			    const struct klpdep_patch *other,
			    const struct klpdep_patch *patch)
{
	return is_active(verify, other) && klp_series_compare(other, patch) > 0;
}

/* A patch of the next set after that of @patch, or NULL. */
static const struct klpdep_patch *find_next(const struct klp_verification *verify,
					    const struct klpdep_patch *patch)
{
	const struct klpdep_patch *next = NULL;

	for (size_t i = 0; i < verify->index->n_patches; i++) {
		const struct klpdep_patch *other = verify->index->patches[i];

		if (is_of_later_set(verify, other, patch) &&
		    (!next || klp_series_compare(other, next) < 0))
			next = other;
	}
	return next;
}

static void check_gap(struct klp_verification *verify, const struct klpdep_patch *patch,
		      const struct klpdep_patch *next, const char *object)
{
	const struct klpdep_edge *edges;
	size_t n;

	if (!klp_streq(object, "vmlinux") && !klp_moddep_find(&verify->moddep, object))
		return;
	edges = klp_index_edges_of(verify->index, object, &n);
	for (size_t i = 0; i < n; i++) {
		if (is_of_later_set(verify, edges[i].patch, patch))
			return;
	}
	klp_fit_say(&verify->fit, KLPDEP_WARNING, "set-gap", patch, object, next->set,
		       "the set %s comes after %s and has no patch for it, so that this "
		       "one stays in force: build one for %s, too, or remove this one "
		       "(or mask it in klpdep.d) if the fix is not wanted any more",
		       next->set, patch->set, next->set);
}

int klp_verify_sets(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	const struct klpdep_patch *next;

	/* A masked or superseded patch is in no other's way. */
	if (!klp_view_is_wanted(verify->view, patch))
		return 0;
	next = patch->set ? find_next(verify, patch) : NULL;
	for (size_t i = 0; next && i < patch->n_objects; i++)
		check_gap(verify, patch, next, patch->objects[i].name);
	return 0;
}

/* ---- names of files ---------------------------------------------------------------- */

/* modprobe uses the file's name, and the kernel the one inside. */
int klp_verify_file_name(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	char name[KLP_MODULE_NAME_LEN];

	if (patch->inner_name)
		klp_fit_say(
			&verify->fit, KLPDEP_WARNING, "bad-name", patch, NULL,
			patch->inner_name,
			"the module in %s calls itself %s, and modprobe goes by the "
			"file's name: name the file %s.ko",
			patch->file, patch->inner_name, patch->inner_name);
	else if (!klp_verify_state(verify, patch)->in_tree &&
		 (klp_name_from_path(patch->file, name) < 0 ||
		  !klp_streq(name, patch->name)))
		klp_fit_say(&verify->fit, KLPDEP_WARNING, "bad-name", patch, NULL, NULL,
			    "modprobe goes by the file's name: install %s as %s.ko",
			    patch->file, patch->name);
	return 0;
}
