/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the rules are in force, or other configuration stands before them. */
#include "config.h"

#include "libklpdep/graph.h"
#include "libklpdep/kmod.h"
#include "libklpdep/rules.h"

static int check_edge(struct klpdep_ctx *ctx, struct klp_kmod *kmod, const char *target,
		      const char *patch)
{
	_cleanup_strv_ struct klp_strv pre = { 0 }, post = { 0 };
	const char *command;
	int err = klp_kmod_softdeps(kmod, target, &pre, &post);

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	if (pre.n + post.n) {
		if (!klp_strv_has(&pre, patch) && !klp_strv_has(&post, patch))
			klp_warn(ctx, "%s: its patch %s will not be loaded with it: a "
				 "softdep line in modprobe.d stands before the one in "
				 SOFTDEP_FILE, target, patch);
		return 0;
	}
	command = klp_kmod_install_command(kmod, target);
	if (!command || !strstr(command, HELPER_PATH))
		klp_warn(ctx,
			 "%s: its patch %s will not be loaded with it: modprobe.d has "
			 "another install rule: %s",
			 target, patch, command ? command : "(none)");
	return 0;
}

int klp_rules_check(struct klpdep_ctx *ctx, const struct klpdep_index *index,
		    const struct klpdep_config *config)
{
	_cleanup_kmod_ struct klp_kmod *kmod = NULL;
	int err = index->n_edges ? klp_kmod_new(ctx, index->kernel, 0, &kmod) : 0;

	for (size_t i = 0; i < index->n_edges && err == 0; i++) {
		const struct klp_edge *edge = &index->edges[i];
		const char *reason;

		if (klp_graph_order(edge, config, &reason) != KLPDEP_ORDER_NONE &&
		    klp_graph_state(index, config, edge->patch, &reason) ==
			    KLPDEP_STATE_ACTIVE)
			err = check_edge(ctx, kmod, edge->object->name,
					 edge->patch->name);
	}
	return err;
}
