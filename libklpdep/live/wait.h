/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a helper may wait for the kernel, with regard to others.
 *
 * Below the kernel's request_module() and below udev only so many helpers wait at a time:
 * what they keep busy there is needed for modules that have no patch.  And whoever loads
 * modules waits for all their helpers together, one after the other: that has a limit, too.
 */
#ifndef KLP_WAIT_H
#define KLP_WAIT_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/live/caller.h"

/* What has put an end to waiting. */
enum klp_limit {
	KLP_LIMIT_NONE,
	KLP_LIMIT_TIME,	  /* retry-timeout or settle-timeout */
	KLP_LIMIT_PLACES, /* so many wait already */
	KLP_LIMIT_BUDGET, /* the caller has waited enough */
};

struct klp_wait {
	struct klp_caller caller;
	bool has_places;      /* only so many may wait: */
	unsigned int waiters;
	bool has_budget;      /* in which all waiting below the caller has to be: */
	unsigned int budget;  /* seconds */
	bool is_waiting;
	int place, account;   /* descriptors while it waits, or -1 */
	long long counted;    /* until then its waiting is in the account */
};

/* @required: by policy require.  All waiting below the caller may then take as long as
 * retry-timeout says, where that is more. */
void klp_wait_init(struct klp_wait *wait, const struct klp_caller *caller,
		   const struct klpdep_config *config, bool required);

/* To be asked before each pause, of some ms each: whether to go on waiting, KLP_LIMIT_NONE,
 * or what forbids it.  A NULL wait has no limits. */
enum klp_limit klp_wait_go_on(struct klp_wait *wait);
/* Waiting is over for now; the place is somebody else's. */
void klp_wait_end(struct klp_wait *wait);

/* Milliseconds by CLOCK_MONOTONIC. */
long long klp_now_ms(void);

#endif /* KLP_WAIT_H */
