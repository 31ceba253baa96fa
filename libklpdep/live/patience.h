/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the kernel until nothing has progressed for some time, or a limit forbids
 * it. */
#ifndef KLP_PATIENCE_H
#define KLP_PATIENCE_H

#include "libklpdep/live/live.h"
#include "libklpdep/live/wait.h"

/* sysfs has no event for the end of a transition, so we poll: often at first, then less and
 * less often.  So waiting processes leave the processors to others, and are late by a tenth
 * at most. */
#define KLP_POLL_MS 20
#define KLP_POLL_MS_MAX 200

struct klp_patience {
	struct klp_wait *wait; /* limits for the sake of others; or NULL */
	unsigned int seconds;
	unsigned int at_least; /* seconds in which wait does not count */
	long long start;       /* also count what others have waited for that transition */
	long long begun;       /* we have begun */
	char transition[KLP_MODULE_NAME_LEN]; /* the transition that we wait for, or "" */
	enum klp_limit limit;  /* the limit that was reached */
};

void klp_be_patient(struct klp_patience *patience, struct klp_wait *wait,
		    unsigned int seconds, unsigned int at_least);

/* Whether the time is over. */
bool klp_patience_is_over(struct klp_patience *patience);
/* Whether another transition is running than before, which restarts the clock, or there is
 * time left. */
bool klp_patience_moves_on(struct klp_patience *patience);
/* Whether a transition is running. */
bool klp_patience_is_busy(const struct klp_patience *patience);
/* Pause until it is time to poll again, at least @ms (below a second); unless a limit
 * forbids waiting. */
bool klp_patience_pause(struct klp_patience *patience, long long at_least);

#endif /* KLP_PATIENCE_H */
