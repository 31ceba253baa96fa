/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the kernel until nothing has moved on for some time, or others' sake forbids
 * it. */
#ifndef KLP_PATIENCE_H
#define KLP_PATIENCE_H

#include "libklpdep/live/live.h"
#include "libklpdep/live/wait.h"

/* sysfs has no event for the end of a transition; the kernel looks once a second whether
 * tasks have switched, so this adds little. */
#define KLP_POLL_MS 20

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
/* Wait so long, less than a second, unless others' sake forbids it. */
bool klp_patience_pause(struct klp_patience *patience, long long ms);

#endif /* KLP_PATIENCE_H */
