/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the kernel until nothing has moved on for some time, or others' sake forbids
 * it. */
#ifndef KLP_PATIENCE_H
#define KLP_PATIENCE_H

#include "libklpdep/live/live.h"
#include "libklpdep/live/wait.h"

/* sysfs has no event for the end of a transition, so it is looked at again and again: at first
 * so often, and less often the longer it takes, so that those who wait leave the processors to
 * others and are late by a tenth at most. */
#define KLP_POLL_MS 20
#define KLP_POLL_MS_MAX 200

struct klp_patience {
	struct klp_wait *wait; /* the limits of others' sake; or NULL */
	unsigned int seconds;
	unsigned int at_least; /* seconds in which wait does not count */
	long long start;       /* for others, too: since when that transition is waited for */
	long long begun;       /* we have begun */
	char transition[KLP_MODULE_NAME_LEN]; /* the one that is being waited for, or "" */
	enum klp_limit limit;  /* that was met */
};

void klp_be_patient(struct klp_patience *patience, struct klp_wait *wait,
		    unsigned int seconds, unsigned int at_least);

/* Whether the time is over. */
bool klp_patience_is_over(struct klp_patience *patience);
/* Whether another transition is running than before, in which case the clock starts afresh, or
 * there is time left. */
bool klp_patience_moves_on(struct klp_patience *patience);
/* Whether a transition is running. */
bool klp_patience_is_busy(const struct klp_patience *patience);
/* Wait for a moment, unless others' sake forbids it: until it is time to look again, and so
 * many ms, less than a second, at least. */
bool klp_patience_pause(struct klp_patience *patience, long long at_least);

#endif /* KLP_PATIENCE_H */
