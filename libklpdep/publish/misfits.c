/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reasons why patches of a tree are incompatible. */
#include "config.h"

#include "libklpdep/fit/fit-cache.h"
#include "libklpdep/publish/publish.h"

int klp_publish_misfits(struct klpdep_publisher *publisher, const struct klp_moddep *moddep,
			struct klpdep_index *index)
{
	struct klp_fit fit = { .ctx = publisher->ctx, .kernel = index->kernel,
			       .threads = publisher->threads };
	int err;

	if (!index->n_patches)
		return 0;
	err = klp_publisher_config(publisher);
	if (err < 0)
		return err;
	fit.config = publisher->config;
	err = klp_fit_init(&fit, moddep);
	if (err == 0 && !(publisher->flags & (KLPDEP_PUBLISH_NO_CACHE | KLPDEP_PUBLISH_DRY_RUN)))
		err = klp_fit_cache_read(&fit, &fit.cache);
	if (err == 0)
		err = klp_fit_targets(&fit, index);
	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = klp_fit_patch(&fit, index, index->patches[i]);
	klp_index_sort_misfits(index);
	if (err == 0 && fit.cache && !fit.is_incomplete)
		err = klp_fit_cache_write(&fit, index);
	klp_fit_cache_free(fit.cache);
	klp_fit_clear(&fit);
	return err < 0 ? err : fit.is_incomplete;
}
