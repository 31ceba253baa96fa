/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contents of a status. */
#ifndef KLP_ROW_H
#define KLP_ROW_H

#include "libklpdep/live/transition.h"
#include "libklpdep/view/view.h"

struct klpdep_row {
	char *target; /* or NULL */
	char *patch;
	char *set;    /* or NULL */
	char *reason; /* or NULL */
	enum klpdep_condition condition;
	long long since; /* seconds since the epoch, or -1 */
	enum klpdep_refusal refusal;
	bool target_loaded;
	bool loaded;
	bool enabled;
	bool transition;
	bool patched;
	bool fails; /* it is not as it should be */
};

struct klpdep_transition {
	struct klp_transition_info info;
	char held_up_by[KLP_TRANSITION_TEXT_SIZE];
};

struct klpdep_status {
	unsigned int refs;
	struct klpdep_row *rows;
	size_t n_rows;
	struct klpdep_view *view; /* by what is loaded; NULL: there is no index */
	struct klpdep_transition transition;
	bool supported;
	const char *off; /* why klpdep is off, or NULL */
};

/* Whether sysfs shows what is loaded here: 0, or an errno, which is logged. */
int klp_status_check_visible(struct klpdep_ctx *ctx);

/* The order of a status: by target, then by patch; rows without a target last. */
int klp_row_cmp(const void *p, const void *q);

#endif /* KLP_ROW_H */
