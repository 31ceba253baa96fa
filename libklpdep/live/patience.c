/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clock that starts afresh whenever something moves on. */
#include "config.h"

#include <time.h>

#include "libklpdep/live/patience.h"
#include "libklpdep/live/waited.h"

static void pause_for(long long ms)
{
	const struct timespec interval = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&interval, NULL);
}

static void start_clock(struct klp_patience *patience)
{
	long long now = klp_now_ms();

	patience->start = now;
	klp_live_transition(patience->transition);
	if (*patience->transition && patience->seconds)
		patience->start = klp_waited_since(patience->transition, now);
}

void klp_be_patient(struct klp_patience *patience, struct klp_wait *wait,
		    unsigned int seconds, unsigned int at_least)
{
	*patience = (struct klp_patience){ .wait = wait,
					   .seconds = seconds,
					   .at_least = at_least,
					   .begun = klp_now_ms() };
	start_clock(patience);
}

bool klp_patience_is_over(struct klp_patience *patience)
{
	long long now = klp_now_ms();

	/* However long others have waited for the same already. */
	if (now - patience->start < patience->seconds * 1000LL ||
	    now - patience->begun < patience->at_least * 1000LL)
		return false;
	patience->limit = KLP_LIMIT_TIME;
	return true;
}

bool klp_patience_moves_on(struct klp_patience *patience)
{
	char transition[KLP_MODULE_NAME_LEN];

	klp_live_transition(transition);
	if (!klp_streq(transition, patience->transition)) {
		if (*patience->transition)
			klp_waited_forget(patience->transition);
		start_clock(patience);
	}
	return !klp_patience_is_over(patience);
}

bool klp_patience_pause(struct klp_patience *patience, long long ms)
{
	enum klp_limit limit = klp_wait_go_on(patience->wait);

	if (limit != KLP_LIMIT_NONE &&
	    klp_now_ms() - patience->begun >= patience->at_least * 1000LL) {
		patience->limit = limit;
		return false;
	}
	pause_for(ms);
	return true;
}
