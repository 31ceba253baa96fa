/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clock that restarts when something progresses. */
#include "config.h"

#include <time.h>

#include "libklpdep/live/patience.h"
#include "libklpdep/live/notes.h"

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

/* Even if others have long waited for the same. */
static long long end_ms(const struct klp_patience *patience)
{
	long long end = patience->start + patience->seconds * 1000LL;
	long long earliest = patience->begun + patience->at_least * 1000LL;

	return end > earliest ? end : earliest;
}

bool klp_patience_is_over(struct klp_patience *patience)
{
	if (klp_now_ms() < end_ms(patience))
		return false;
	patience->limit = KLP_LIMIT_TIME;
	return true;
}

/* The kernel has one transition at a time.  Checking the known one first saves reading all
 * patches. */
static bool is_still_running(const struct klp_patience *patience)
{
	return *patience->transition && klp_live_in_transition(patience->transition);
}

bool klp_patience_is_busy(const struct klp_patience *patience)
{
	char transition[KLP_MODULE_NAME_LEN];

	if (is_still_running(patience))
		return true;
	klp_live_transition(transition);
	return *transition;
}

bool klp_patience_moves_on(struct klp_patience *patience)
{
	char transition[KLP_MODULE_NAME_LEN];

	if (is_still_running(patience))
		return !klp_patience_is_over(patience);
	klp_live_transition(transition);
	if (!klp_streq(transition, patience->transition)) {
		if (*patience->transition)
			klp_waited_forget(patience->transition);
		start_clock(patience);
	}
	return !klp_patience_is_over(patience);
}

static long long poll_ms(const struct klp_patience *patience)
{
	long long now = klp_now_ms(), left = end_ms(patience) - now;
	long long ms = (now - patience->start) / 10;

	if (ms > KLP_POLL_MS_MAX)
		ms = KLP_POLL_MS_MAX;
	if (ms > left)
		ms = left;
	return ms < KLP_POLL_MS ? KLP_POLL_MS : ms;
}

bool klp_patience_pause(struct klp_patience *patience, long long at_least)
{
	enum klp_limit limit = klp_wait_go_on(patience->wait);
	long long ms = poll_ms(patience);

	if (limit != KLP_LIMIT_NONE &&
	    klp_now_ms() - patience->begun >= patience->at_least * 1000LL) {
		patience->limit = limit;
		return false;
	}
	pause_for(ms > at_least ? ms : at_least);
	return true;
}
