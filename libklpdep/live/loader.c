/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inserting a patch and removing one, and waiting for the kernel meanwhile. */
#include "config.h"

#include <fcntl.h>

#include "libklpdep/live/kernel-log.h"
#include "libklpdep/live/loader.h"
#include "libklpdep/live/patience.h"
#include "libklpdep/live/policy.h"
#include "libklpdep/live/queue.h"
#include "libklpdep/live/stack.h"

/* The kernel drops its last references to a patch just after it removes the patch's sysfs
 * directory. */
#define RELEASE_TIMEOUT 10
/* The configuration cannot switch off this wait: the kernel removes a patch only after
 * the patch's transition. */
#define UNLOAD_TIMEOUT_MIN 5
/* The kernel drops references within moments, or it has another reason to keep them. */
#define RELEASE_TIMEOUT_MIN 1
/* EBUSY without a visible transition: the transition has ended before we looked, or the
 * patch's own init returns EBUSY. */
#define UNSEEN_BUSY_MAX 26

/* Wait a little.  False: the wait is over. */
static bool wait_on(struct klp_patience *patience)
{
	return klp_patience_moves_on(patience) && klp_patience_pause(patience, 0);
}

static int give_up(struct klp_failure *failure, int err, const struct klp_patience *patience)
{
	failure->err = err;
	failure->limit = patience ? patience->limit : KLP_LIMIT_NONE;
	klp_live_transition(failure->blocker);
	return err;
}

/* ---- the queue --------------------------------------------------------------------- */

/* The loader goes on without the lock if it cannot get it, for instance because the
 * process that holds it was stopped.  Correctness depends on the kernel's EBUSY alone;
 * the lock only gives the processes an order. */

/* If a transition is running, the processes ahead wait for that. */
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
		"%s holds %s and makes no progress; going on without it", who, LOCK_PATH);
}

static int take_lock(const struct klp_loader *loader, const char *patch,
		     struct klp_patience *patience)
{
	int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		      0600);

	if (fd >= 0 && !klp_queue_wait(fd, patience) && patience->limit == KLP_LIMIT_TIME)
		say_stuck(loader, patch, fd);
	patience->limit = KLP_LIMIT_NONE;
	return fd;
}

/* ---- unloading --------------------------------------------------------------------- */

static int start_disabling(const struct klp_loader *loader, const char *patch,
			   unsigned int seconds, struct klp_failure *failure)
{
	struct klp_patience patience;

	klp_be_patient(&patience, loader->wait, seconds, UNLOAD_TIMEOUT_MIN);
	for (;;) {
		int err = klp_live_disable(patch);

		/* Another process is still inserting it, so there is no attribute yet. */
		if (err == -ENOENT && klp_live_patch(patch) == KLP_PATCH_COMING)
			err = -EBUSY;
		/* It is being disabled already, or it has gone. */
		if (err == 0 || err == -EINVAL || err == -ENOENT || err == -ENODEV)
			return 0;
		if (err != -EBUSY)
			return give_up(failure, err, NULL);
		if (!wait_on(&patience))
			return give_up(failure, -ETIMEDOUT, &patience);
	}
}

static int wait_until_disabled(const struct klp_loader *loader, const char *patch,
			       unsigned int seconds, struct klp_failure *failure)
{
	struct klp_patience patience;

	klp_be_patient(&patience, loader->wait, seconds, UNLOAD_TIMEOUT_MIN);
	for (;;) {
		enum klp_patch_state state = klp_live_patch(patch);

		if (state == KLP_PATCH_DEAD || state == KLP_PATCH_ABSENT)
			return 0;
		if (!wait_on(&patience))
			return give_up(failure, -ETIMEDOUT, &patience);
	}
}

static int remove_module(struct klp_loader *loader, const char *patch,
			 struct klp_failure *failure)
{
	struct klp_patience patience;
	bool looked = false;

	klp_be_patient(&patience, loader->wait, RELEASE_TIMEOUT, RELEASE_TIMEOUT_MIN);
	patience.start = patience.begun; /* we do not wait for a transition */
	for (;;) {
		int err = klp_live_patch(patch) == KLP_PATCH_ABSENT ?
				  0 : /* another process was faster */
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
		    klp_patience_is_over(&patience) || !klp_patience_pause(&patience, 0))
			return give_up(failure, err, NULL);
	}
}

static int disable_and_remove(struct klp_loader *loader, const char *patch,
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
		/* It could not be loaded again either. */
		if (!klp_live_may_remove())
			return give_up(failure, -EPERM, NULL);
		err = start_disabling(loader, patch, seconds, failure);
	}
	if (err == 0)
		err = wait_until_disabled(loader, patch, seconds, failure);
	return err < 0 ? err : remove_module(loader, patch, failure);
}

int klp_loader_unload(struct klp_loader *loader, const char *patch,
		      struct klp_failure *failure)
{
	int err = disable_and_remove(loader, patch, failure);

	klp_wait_end(loader->wait);
	return err;
}

/* ---- loading ----------------------------------------------------------------------- */

/* Results of try_to_insert() in addition to 0 and an errno. */
enum {
	KERNEL_IS_BUSY = 1,
	LOOK_AGAIN = 2, /* the patch is being inserted or disabled */
};

/* The kernel returns EBUSY while a transition runs, and then logs nothing.  It also
 * returns EBUSY if something else has the ftrace entry of a function.  It returns EEXIST
 * if the module is loaded already, and if a patch has a function twice; in the latter
 * case Linux 7 returns EBUSY. */
static int insert_once(struct klp_loader *loader, const char *patch, const char *options,
		       struct klp_failure *failure)
{
	_cleanup_close_ int log = klp_kernel_log_watch();
	int err = klp_kmod_insert(loader->kmod, patch, options);

	failure->why = (struct klp_refusal){ 0 };
	if (err == 0)
		return 0;
	klp_kernel_log_find_reason(log, patch, err, &failure->why);
	if (klp_refusal_is_duplicate(&failure->why))
		return -EINVAL;
	if (failure->why.is_cause)
		return err;
	return err == -EEXIST ? LOOK_AGAIN : err == -EBUSY ? KERNEL_IS_BUSY : err;
}

static bool patches_nothing(struct klp_failure *failure)
{
	const char *why = klp_live_patches_nothing();

	if (!why)
		return false;
	failure->err = -EBUSY;
	failure->why = (struct klp_refusal){ .class = KLPDEP_REFUSAL_FTRACE, .is_cause = true };
	snprintf(failure->why.text, sizeof(failure->why.text), "%s", why);
	return true;
}

static int try_to_insert(struct klp_loader *loader, const char *patch,
			 const char *options, const struct klp_patience *patience,
			 struct klp_failure *failure)
{
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
	/* Each attempt loads the whole module and sends uevents: make none that must
	 * fail. */
	if (klp_patience_is_busy(patience))
		return KERNEL_IS_BUSY;
	/* The kernel would take a patch whose objects are not loaded, and then refuse these. */
	if (patches_nothing(failure))
		return failure->err;
	err = loader->guard ? klp_guard_mark(loader->ctx, loader->guard, patch) : 0;
	if (err == 0)
		err = insert_once(loader, patch, options, failure);
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
		  struct klp_patience *patience, struct klp_failure *failure)
{
	unsigned int unseen = 0;

	for (;;) {
		int err = try_to_insert(loader, patch, options, patience, failure);

		if (err <= 0)
			return err;
		/* Without sysfs, a loaded module looks absent. */
		if ((err == KERNEL_IS_BUSY ? !*patience->transition :
					     klp_live_patch(patch) == KLP_PATCH_ABSENT) &&
		    ++unseen > UNSEEN_BUSY_MAX)
			return give_up(failure, -EBUSY, NULL);
		if (!wait_on(patience))
			return give_up(failure, -ETIMEDOUT, patience);
	}
}

/* Whether processes have waited for the patch's transition as long as they would for
 * another patch's. */
static bool is_hopeless(const struct klp_loader *loader, const char *patch)
{
	long long now = klp_now_ms();

	return loader->retry_timeout && klp_live_patch(patch) == KLP_PATCH_ENABLING &&
	       now - klp_waited_since(patch, now) >= loader->retry_timeout * 1000LL;
}

/* During the patch's transition, tasks that have not switched run unpatched functions,
 * also those of a target that is loaded now. */
static int settle(struct klp_loader *loader, const char *patch, bool *settled,
		  struct klp_failure *failure)
{
	struct klp_patience patience = { .wait = loader->wait,
				     .seconds = loader->settle_timeout,
				     .start = klp_now_ms(),
				     .limit = KLP_LIMIT_TIME };
	enum klp_patch_state state = klp_live_patch(patch);

	if (patience.seconds && !is_hopeless(loader, patch)) {
		while ((state = klp_live_patch(patch)) == KLP_PATCH_ENABLING &&
		       !klp_patience_is_over(&patience) && klp_patience_pause(&patience, 0))
			;
	}
	failure->limit = patience.limit;
	*settled = state == KLP_PATCH_ENABLED;
	if (*settled) {
		klp_waited_forget(patch);
		klp_note_settled(patch);
	}
	if (*settled || state == KLP_PATCH_ENABLING)
		return 0;
	/* Without sysfs nothing tells whether it has. */
	if (klp_live_visible() < 0) {
		failure->limit = KLP_LIMIT_NONE;
		return 0;
	}
	/* Somebody disabled it. */
	return give_up(failure, -ECANCELED, NULL);
}

static int load_and_settle(struct klp_loader *loader, const char *patch,
			   const char *options, bool *settled,
			   struct klp_failure *failure)
{
	struct klp_patience patience; /* for queueing and inserting together */

	klp_be_patient(&patience, loader->wait, loader->retry_timeout, 0);
	_cleanup_close_ int lock __attribute__((unused)) =
		loader->retry_timeout ? take_lock(loader, patch, &patience) : -1;
	int err = insert(loader, patch, options, &patience, failure);

	/* The kernel has accepted the patch, so the other transition has ended. */
	if (err == 0 && *patience.transition && !klp_streq(patience.transition, patch))
		klp_waited_forget(patience.transition);
	return err < 0 ? err : settle(loader, patch, settled, failure);
}

/* A patch that is not in the kernel cannot crash it. */
static void unmark(const struct klp_loader *loader, const char *patch)
{
	const struct klpdep_patch *known =
		loader->guard && loader->index ? klp_index_find(loader->index, patch) : NULL;

	if (known && klp_live_patch(patch) == KLP_PATCH_ABSENT)
		klp_guard_unmark(loader->guard, known);
}

int klp_loader_load(struct klp_loader *loader, const char *patch, const char *options,
		    bool *settled, struct klp_failure *failure)
{
	int err;

	*failure = (struct klp_failure){ 0 };
	*settled = klp_live_patch(patch) == KLP_PATCH_ENABLED;
	if (*settled)
		return 0;
	err = load_and_settle(loader, patch, options, settled, failure);
	if (err < 0)
		unmark(loader, patch);
	klp_wait_end(loader->wait);
	return err;
}
