/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reasons why patches of a tree are incompatible. */
#include "config.h"

#include "libklpdep/fit/fit-cache.h"
#include "libklpdep/publish/publish.h"

static int check_all(struct klp_fit *fit, struct klpdep_index *index)
{
	int err = klp_fit_build_ids(fit, index);

	for (size_t i = 0; i < index->n_patches && err == 0; i++)
		err = klp_fit_patch(fit, index, index->patches[i]);
	return err;
}

int klp_publish_misfits(struct klpdep_publisher *publisher, const struct klp_moddep *moddep,
			struct klpdep_index *index)
{
	const bool use_cache =
		!(publisher->flags & (KLPDEP_PUBLISH_NO_CACHE | KLPDEP_PUBLISH_DRY_RUN));
	struct klp_fit fit = { .ctx = publisher->ctx, .kernel = index->kernel,
			       .threads = publisher->threads };
	char key[KLP_FIT_KEY_SIZE];
	int err, known = 0;

	if (!index->n_patches)
		return 0;
	err = klp_publisher_config(publisher);
	if (err < 0)
		return err;
	fit.config = publisher->config;
	err = klp_fit_init(&fit, moddep);
	if (err == 0 && use_cache)
		err = klp_fit_key(&fit, index, key);
	if (err == 0)
		err = klp_fit_targets(&fit, index);
	if (err == 0 && use_cache)
		known = klp_fit_cache_take(&fit, key, index);
	if (err == 0)
		err = known == 0 ? check_all(&fit, index) : known < 0 ? known : 0;
	klp_index_sort_misfits(index);
	if (err == 0 && use_cache && !known && !fit.is_incomplete)
		err = klp_fit_cache_store(&fit, key, index);
	klp_fit_clear(&fit);
	return err < 0 ? err : fit.is_incomplete;
}
