/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What makes the patches of a tree incompatible. */
#include "config.h"

#include "libklpdep/fit/fit.h"
#include "libklpdep/publish/publish.h"

int klp_publish_misfits(struct klp_publisher *publisher, struct klpdep_index *index)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	struct klp_fit fit = { .ctx = publisher->ctx, .kernel = index->kernel };
	int priority = publisher->ctx->log_priority, err;

	if (!index->n_patches)
		return 0;
	err = klp_publisher_config(publisher);
	if (err < 0)
		return err;
	fit.config = publisher->config;
	/* What is wrong with its lines has been said when the tree was read. */
	publisher->ctx->log_priority = LOG_CRIT;
	err = klp_moddep_read(publisher->ctx, index->kernel, &moddep);
	publisher->ctx->log_priority = priority;
	if (err < 0)
		return err;
	err = klp_fit_init(&fit, &moddep, NULL);
	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = klp_fit_patch(&fit, index, index->patches[i]);
	klp_index_sort_misfits(index);
	if (err == 0)
		err = klp_fit_targets(&fit, index);
	klp_fit_clear(&fit);
	return err;
}
