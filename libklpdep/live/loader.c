/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inserting one patch and taking one out, with all the waiting that this takes. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>

#include "libklpdep/live/loader.h"
#include "libklpdep/live/stack.h"
#include "libklpdep/live/kernel-log.h"

/* sysfs has no event for the end of a transition; the kernel looks once a second whether
 * tasks have switched, so this adds little. */
#define POLL_NS 20000000L
/* The kernel drops its last references just after a patch's sysfs directory has gone. */
#define RELEASE_TIMEOUT 10
/* A patch cannot be unloaded without waiting for its transition, whatever is
 * configured. */
#define UNLOAD_TIMEOUT_MIN 5
/* EBUSY without a transition to be seen: between its end and our look, or the patch's own
 * init says so. */
#define UNSEEN_BUSY_MAX 50

/* How often who waits for the lock looks, in the time that it has. */
#define LOOKS 12

static void pause_shortly(void)
{
	const struct timespec interval = { .tv_nsec = POLL_NS };

	nanosleep(&interval, NULL);
}

/* ---- a clock that starts afresh whenever something moves on ------------------------ */

struct patience {
	unsigned int seconds;
	struct timespec start;
	char transition[KLP_MODULE_NAME_LEN]; /* the one that is being waited for */
};

static void be_patient(struct patience *patience, unsigned int seconds)
{
	patience->seconds = seconds;
	clock_gettime(CLOCK_MONOTONIC, &patience->start);
	klp_live_transition(patience->transition);
}

static bool is_over(const struct patience *patience)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - patience->start.tv_sec -
		       (now.tv_nsec < patience->start.tv_nsec) >=
	       (time_t)patience->seconds;
}

/* False when nothing has changed for the whole time. */
static bool moves_on(struct patience *patience)
{
	char transition[KLP_MODULE_NAME_LEN];

	klp_live_transition(transition);
	if (!klp_streq(transition, patience->transition))
		be_patient(patience, patience->seconds);
	return !is_over(patience);
}

/* Wait a little, unless that is so. */
static bool wait_on(struct patience *patience)
{
	if (!moves_on(patience))
		return false;
	pause_shortly();
	return true;
}

static int give_up(struct klp_failure *failure, int err)
{
	failure->err = err;
	klp_live_transition(failure->blocker);
	return err;
}

/* ---- the queue --------------------------------------------------------------------- */

/* A lock that cannot be had is done without: the kernel's EBUSY is what counts, and the
 * lock only spares the processes the race for who is next.  It also can be that who holds
 * it was stopped. */

static void on_alarm(int signal)
{
	(void)signal;
}

/* Sleep in the kernel until the lock is ours, woken now and then to see whether those in
 * front get on: not often, as hundreds may wait here at boot, and the kernel's own work
 * on the transition must not wait for them.  False when they do not. */
static bool wait_for_lock(int fd, struct patience *patience)
{
	const time_t seconds = patience->seconds < LOOKS ? 1 : patience->seconds / LOOKS;
	const struct itimerval tick = { { seconds, 0 }, { seconds, 0 } },
			       none = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = on_alarm }, old;
	bool on_time = true;

	sigaction(SIGALRM, &action, &old);
	setitimer(ITIMER_REAL, &tick, NULL);
	while (on_time && flock(fd, LOCK_EX) < 0 && errno == EINTR)
		on_time = moves_on(patience);
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &old, NULL);
	return on_time;
}

/* Where a transition runs, it is that which those in front wait for. */
static void say_stuck(const struct klp_loader *loader, const char *patch, int fd)
{
	char transition[KLP_MODULE_NAME_LEN], who[32] = "a process";
	pid_t pid = klp_live_lock_holder(fd);

	klp_live_transition(transition);
	if (*transition)
		return;
	if (pid)
		snprintf(who, sizeof(who), "process %d", pid);
	klp_say(loader->ctx, KLP_SAY_QUEUE_STUCK, false, patch,
		"%s holds %s and does not get on; going on without it", who, LOCK_PATH);
}

static int take_lock(const struct klp_loader *loader, const char *patch,
		     struct patience *patience)
{
	int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		      0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK &&
	    !wait_for_lock(fd, patience))
		say_stuck(loader, patch, fd);
	return fd;
}

/* ---- unloading --------------------------------------------------------------------- */

static int start_disabling(const char *patch, unsigned int seconds,
			   struct klp_failure *failure)
{
	struct patience patience;

	be_patient(&patience, seconds);
	for (;;) {
		int err = klp_live_disable(patch);

		/* Somebody is still inserting it: there is nothing to write to yet. */
		if (err == -ENOENT && klp_live_patch(patch) == KLP_PATCH_COMING)
			err = -EBUSY;
		/* Being disabled already, or gone meanwhile. */
		if (err == 0 || err == -EINVAL || err == -ENOENT || err == -ENODEV)
			return 0;
		if (err != -EBUSY)
			return give_up(failure, err);
		if (!wait_on(&patience))
			return give_up(failure, -ETIMEDOUT);
	}
}

static int wait_until_disabled(const char *patch, unsigned int seconds,
			       struct klp_failure *failure)
{
	struct patience patience;

	be_patient(&patience, seconds);
	for (;;) {
		enum klp_patch_state state = klp_live_patch(patch);

		if (state == KLP_PATCH_DEAD || state == KLP_PATCH_ABSENT)
			return 0;
		if (!wait_on(&patience))
			return give_up(failure, -ETIMEDOUT);
	}
}

static int remove_module(struct klp_loader *loader, const char *patch,
			 struct klp_failure *failure)
{
	struct patience patience;
	bool looked = false;

	be_patient(&patience, RELEASE_TIMEOUT);
	for (;;) {
		int err = klp_live_patch(patch) == KLP_PATCH_ABSENT ?
				  0 : /* somebody else was quicker */
				  klp_kmod_remove(loader->kmod, patch);

		if (err == 0 || err == -ENOENT) {
			klp_note_removed(patch);
			return 0;
		}
		if (err == -EAGAIN && !looked) {
			failure->forced = klp_kernel_log_was_forced(patch);
			looked = true;
		}
		if ((err != -EAGAIN && err != -EBUSY) || failure->forced ||
		    is_over(&patience))
			return give_up(failure, err);
		pause_shortly();
	}
}

int klp_loader_unload(struct klp_loader *loader, const char *patch,
		      struct klp_failure *failure)
{
	unsigned int seconds = loader->retry_timeout > UNLOAD_TIMEOUT_MIN ?
				       loader->retry_timeout : UNLOAD_TIMEOUT_MIN;
	int err = 0;

	*failure = (struct klp_failure){ 0 };
	switch (klp_live_patch(patch)) {
	case KLP_PATCH_ABSENT:
		return 0;
	case KLP_PATCH_DEAD:
	case KLP_PATCH_DISABLING:
		break;
	default:
		err = start_disabling(patch, seconds, failure);
	}
	if (err == 0)
		err = wait_until_disabled(patch, seconds, failure);
	return err < 0 ? err : remove_module(loader, patch, failure);
}

/* ---- loading ----------------------------------------------------------------------- */

/* What try_to_insert() says beside success and an error. */
enum {
	KERNEL_IS_BUSY = 1,
	LOOK_AGAIN = 2, /* the patch is being inserted or disabled */
};

static int try_to_insert(struct klp_loader *loader, const char *patch,
			 const char *options, struct klp_failure *failure)
{
	char busy_with[KLP_MODULE_NAME_LEN];
	int err;

	switch (klp_live_patch(patch)) {
	case KLP_PATCH_ENABLED:
	case KLP_PATCH_ENABLING:
		return 0;
	case KLP_PATCH_COMING:
	case KLP_PATCH_DISABLING:
		return LOOK_AGAIN;
	case KLP_PATCH_DEAD:
		err = remove_module(loader, patch, failure);
		if (err < 0)
			return err;
		break;
	default:
		break;
	}
	/* Each try is a whole load, with its uevents: none while it is bound to fail. */
	klp_live_transition(busy_with);
	if (*busy_with)
		return KERNEL_IS_BUSY;
	err = klp_kmod_insert(loader->kmod, patch, options);
	if (err == -EEXIST)
		return LOOK_AGAIN;
	if (err == -EBUSY)
		return KERNEL_IS_BUSY;
	if (err == 0) {
		klp_note_inserted(patch,
				  loader->index ? klp_index_find(loader->index, patch) :
						  NULL,
				  &loader->note);
		err = klp_strv_add(&loader->inserted, patch);
	}
	if (err < 0)
		failure->err = err;
	return err;
}

static int insert(struct klp_loader *loader, const char *patch, const char *options,
		  struct patience *patience, struct klp_failure *failure)
{
	unsigned int unseen = 0;

	for (;;) {
		int err = try_to_insert(loader, patch, options, failure);

		if (err <= 0)
			return err;
		/* Without a sysfs, there is nothing to be seen of what is there
		 * already. */
		if ((err == KERNEL_IS_BUSY ? !*patience->transition :
					     klp_live_patch(patch) == KLP_PATCH_ABSENT) &&
		    ++unseen > UNSEEN_BUSY_MAX)
			return give_up(failure, -EBUSY);
		if (!wait_on(patience))
			return give_up(failure, -ETIMEDOUT);
	}
}

/* Until the patch's transition is over, tasks that have not switched run the unpatched
 * functions, also those of a target that is loaded meanwhile. */
static int settle(struct klp_loader *loader, const char *patch, bool *settled,
		  struct klp_failure *failure)
{
	struct patience patience;
	enum klp_patch_state state;

	be_patient(&patience, loader->settle_timeout);
	while ((state = klp_live_patch(patch)) == KLP_PATCH_ENABLING &&
	       !is_over(&patience))
		pause_shortly();
	*settled = state == KLP_PATCH_ENABLED;
	if (*settled || state == KLP_PATCH_ENABLING)
		return 0;
	/* Somebody disabled it. */
	return give_up(failure, -ECANCELED);
}

int klp_loader_load(struct klp_loader *loader, const char *patch, const char *options,
		    bool *settled, struct klp_failure *failure)
{
	struct patience patience; /* of queueing and inserting together */

	*failure = (struct klp_failure){ 0 };
	*settled = false;
	if (klp_live_patch(patch) == KLP_PATCH_ENABLED) {
		*settled = true;
		return 0;
	}
	be_patient(&patience, loader->retry_timeout);
	_cleanup_close_ int lock __attribute__((unused)) =
		loader->retry_timeout ? take_lock(loader, patch, &patience) : -1;
	int err = insert(loader, patch, options, &patience, failure);

	return err < 0 ? err : settle(loader, patch, settled, failure);
}
