/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a status is made of. */
#ifndef KLP_ROW_H
#define KLP_ROW_H

#include "libklpdep/live/transition.h"

struct klpdep_row {
	char *target; /* or NULL */
	char *patch;
	char *set;    /* or NULL */
	char *reason; /* or NULL */
	enum klpdep_condition condition;
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

#endif /* KLP_ROW_H */
