/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a helper may wait for the kernel, for the sake of others.
 *
 * Below the kernel's request_module() and below udev only some helpers may wait at a time:
 * they occupy slots that modules without a patch need.  And a process that loads modules
 * waits for all their helpers, one after another; that has a limit, too.
 */
#ifndef KLP_WAIT_H
#define KLP_WAIT_H

#include "libklpdep/host/configuration.h"
#include "libklpdep/live/caller.h"

/* Why waiting has ended. */
enum klp_limit {
	KLP_LIMIT_NONE,
	KLP_LIMIT_TIME,	  /* retry-timeout or settle-timeout */
	KLP_LIMIT_PLACES, /* too many are waiting already */
	KLP_LIMIT_BUDGET, /* the caller has waited enough */
};

struct klp_wait {
	struct klp_caller caller;
	bool has_places;      /* how many may wait: */
	unsigned int waiters;
	bool has_budget;      /* the limit of all waiting below the caller: */
	unsigned int budget;  /* seconds */
	bool is_waiting;
	int place, account;   /* descriptors while waiting, or -1 */
	long long counted;    /* its waiting up to then is in the account */
};

/* @required: by policy require.  All waiting below the caller may then take as long as
 * retry-timeout, if that is more. */
void klp_wait_init(struct klp_wait *wait, const struct klp_caller *caller,
		   const struct klpdep_config *config, bool required);

/* Ask before each pause of some ms whether to go on waiting: KLP_LIMIT_NONE, or the limit
 * that forbids it.  A NULL wait has no limits. */
enum klp_limit klp_wait_go_on(struct klp_wait *wait);
/* Waiting is over for now; another helper may have the place. */
void klp_wait_end(struct klp_wait *wait);

/* Milliseconds by CLOCK_MONOTONIC. */
long long klp_now_ms(void);

#endif /* KLP_WAIT_H */
