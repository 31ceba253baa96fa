/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the rules are in force, or other configuration stands before them. */
#include "config.h"

#include "libklpdep/view/view.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/rules/rules.h"

struct klp_shadows {
	const struct klpdep_config *config;
	struct klp_kmod *all;	  /* the configuration as it is */
	struct klp_kmod *foreign; /* less what klpdep generates */
	struct klp_kmod *earlier; /* of that, what comes before our softdeps */
};

int klp_shadows_new(struct klpdep_ctx *ctx, const char *kernel,
		    const struct klpdep_config *config, struct klp_shadows **out)
{
	struct klp_shadows *shadows = calloc(1, sizeof(*shadows));
	int err;

	if (!shadows)
		return -ENOMEM;
	shadows->config = config;
	err = klp_kmod_new(ctx, kernel, 0, &shadows->all);
	if (err == 0)
		err = klp_kmod_new(ctx, kernel, KLP_KMOD_FOREIGN, &shadows->foreign);
	if (err == 0)
		err = klp_kmod_new(ctx, kernel, KLP_KMOD_EARLIER, &shadows->earlier);
	if (err == 0)
		*out = shadows;
	else
		klp_shadows_free(shadows);
	return err;
}

void klp_shadows_free(struct klp_shadows *shadows)
{
	if (!shadows)
		return;
	klp_kmod_free(shadows->all);
	klp_kmod_free(shadows->foreign);
	klp_kmod_free(shadows->earlier);
	free(shadows);
}

/* ---- texts ------------------------------------------------------------------------- */

static int say_command(char **why, const char *whose, const char *command)
{
	if (asprintf(why, "modprobe.d has another install rule%s: %s", whose, command) <
	    0)
		*why = NULL;
	return *why ? 0 : -ENOMEM;
}

static int say_softdep(char **why)
{
	*why = strdup(
		"a softdep line in modprobe.d stands before the one in " SOFTDEP_FILE);
	return *why ? 0 : -ENOMEM;
}

static int say_missing(char **why)
{
	*why = strdup("no rule of klpdep's is in force; run klpdep depmod, unless its "
		      "files in modprobe.d are masked");
	return *why ? 0 : -ENOMEM;
}

/* ---- checks ------------------------------------------------------------------------ */

/* With the rules that klp_rules_make() will make. */
static int find_expected(const struct klp_shadows *shadows, const char *target,
			 const char *patch, char **why)
{
	bool required = klpdep_config_get_policy(shadows->config, target) ==
			KLPDEP_POLICY_REQUIRE;
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
	const char *command;
	int err = klp_kmod_softdeps(shadows->foreign, target, &pre, &post);

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	if (pre.n + post.n && klp_kmod_has_softdep_line(shadows->earlier, target))
		return !required && (klp_strv_has(&pre, patch) ||
				     klp_strv_has(&post, patch)) ?
			       0 :
			       say_softdep(why);
	if (pre.n + post.n && !required)
		return 0;
	command = klp_kmod_install_command(shadows->foreign, target);
	return command ? say_command(why, "", command) : 0;
}

/* With the rules as they are, where nothing that comes before them shadows them. */
static int find_written(const struct klp_shadows *shadows, const char *target,
			const char *patch, char **why)
{
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
	const char *command;
	int err = klp_kmod_softdeps(shadows->all, target, &pre, &post);

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	if (pre.n + post.n)
		return klp_strv_has(&pre, patch) || klp_strv_has(&post, patch) ?
			       0 :
			       say_missing(why);
	command = klp_kmod_install_command(shadows->all, target);
	if (!command)
		return say_missing(why);
	return strstr(command, HELPER_PATH) ? 0 : say_command(why, "", command);
}

int klp_shadows_find(const struct klp_shadows *shadows, const char *target,
		     const char *patch, bool written, char **why)
{
	const char *command = klp_kmod_install_command(shadows->foreign, patch);
	int err;

	*why = NULL;
	/* Then the helper does not load it, either. */
	if (command)
		return say_command(why, " for the patch", command);
	err = find_expected(shadows, target, patch, why);
	if (err == 0 && !*why && written)
		err = find_written(shadows, target, patch, why);
	return err;
}

int klp_rules_check(struct klpdep_ctx *ctx, const struct klpdep_view *view)
{
	const struct klpdep_index *index = view->index;
	struct klp_shadows *shadows = NULL;
	int err = 0;

	if (index->n_edges)
		err = klp_shadows_new(ctx, index->kernel, view->config, &shadows);

	for (size_t i = 0; i < index->n_edges && err == 0; i++) {
		const struct klp_index_edge *edge = &index->edges[i];
		_cleanup_free_ char *why = NULL;

		if (klp_view_wanted_order(view, edge) == KLPDEP_ORDER_NONE)
			continue;
		err = klp_shadows_find(shadows, edge->object->name, edge->patch->name,
				       true, &why);
		if (why)
			klp_warn(ctx, "%s: its patch %s will not be loaded with it: %s",
				 edge->object->name, edge->patch->name, why);
	}
	klp_shadows_free(shadows);
	return klp_said(ctx, err);
}
