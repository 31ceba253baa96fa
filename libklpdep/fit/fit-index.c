/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All patches of an index: the reasons why they are incompatible. */
#include "config.h"

#include "libklpdep/fit/fit.h"

/* A rebuilt kernel differs in many functions.  Only so many findings of each code are kept,
 * so that the index stays small. */
#define MISFITS_MAX 4

struct collector {
	struct klpdep_index *index;
	const struct klpdep_patch *patch;
	size_t first; /* of this patch */
};

static bool is_enough(const struct collector *collector, const char *code)
{
	const struct klpdep_index *index = collector->index;
	size_t n = 0;

	for (size_t i = collector->first; i < index->n_misfits; i++)
		n += klp_streq(index->misfits[i].code, code);
	return n >= MISFITS_MAX;
}

static int collect(void *data, const struct klpdep_finding *finding)
{
	struct collector *collector = data;
	_cleanup_free_ char *why = NULL;

	if (finding->severity != KLPDEP_ERROR || !klp_config_can_ignore(finding->code) ||
	    is_enough(collector, finding->code))
		return 0;
	why = klp_format("%s%s%s", finding->subject ? finding->subject : "",
			 finding->subject ? ": " : "", finding->message);
	return why ? klp_index_add_misfit(collector->index, collector->patch, finding->code,
					  finding->object, why) :
		     -ENOMEM;
}

int klp_fit_patch(struct klp_fit *fit, struct klpdep_index *index,
		  const struct klpdep_patch *patch)
{
	struct collector collector = { index, patch, index->n_misfits };
	struct klp_fit misfits = *fit;

	/* An unreadable file gives nothing to check. */
	if (patch->is_unreadable)
		return 0;
	misfits.fn = collect;
	misfits.data = &collector;
	misfits.only_misfits = true;
	misfits.is_other_vermagic = false;
	return klp_fit_check(&misfits, patch);
}
