/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Places to wait in, and accounts of waiting: locked files in /run, so that a killed helper
 * leaves nothing.  If they cannot be written, nobody knows who waits; then a caller's whole
 * life counts as waiting.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "libklpdep/live/wait.h"

#define PLACES_DIR RUN_DIR "/wait"
#define ACCOUNTS_DIR RUN_DIR "/budget"

/* How often the account is written during waiting. */
#define ACCOUNT_MS 100
/* "USED UNTIL
 * ", of a fixed length, so that it can be overwritten. */
#define ACCOUNT_FORMAT "%015lld %015lld\n"
#define ACCOUNT_SIZE 32
/* If an account is locked for so long, give up: its owner was stopped. */
#define LOCKED_MS 2000
/* How many other accounts are checked for processes that are gone. */
#define SWEEP_MAX 64

long long klp_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void klp_wait_init(struct klp_wait *wait, const struct klp_caller *caller,
		   const struct klpdep_config *config, bool required)
{
	unsigned int budget = klp_config_wait_budget(config);
	unsigned int timeout = klpdep_config_get_retry_timeout(config);

	*wait = (struct klp_wait){
		.caller = *caller,
		.has_places = caller->kind == KLP_CALLER_KERNEL ||
			      caller->kind == KLP_CALLER_UDEV,
		.waiters = klp_config_waiters(config),
		.has_budget = caller->kind != KLP_CALLER_OTHER,
		.budget = required && timeout > budget ? timeout : budget,
		.place = -1,
		.account = -1,
	};
}

static int open_file(const char *path, int flags)
{
	int fd = klp_mkdir_parents(path);

	if (fd == 0)
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | flags,
			  0600);
	return fd;
}

/* ---- places ------------------------------------------------------------------------ */

/* A place is a file; the process that has locked it waits. */
static bool take_place(struct klp_wait *wait)
{
	for (unsigned int i = 0; i < wait->waiters; i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), PLACES_DIR "/%u", i);
		fd = open_file(path, O_CREAT);
		/* The other limits apply if this cannot be counted. */
		if (fd < 0)
			return true;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
			wait->place = fd;
			return true;
		}
		close(fd);
	}
	return false;
}

/* ---- budgets ----------------------------------------------------------------------- */

/* Callers end without telling us. */
static void sweep_accounts(void)
{
	_cleanup_closedir_ DIR *dir = opendir(ACCOUNTS_DIR);
	struct dirent *entry;

	for (unsigned int i = 0; dir && i < SWEEP_MAX && (entry = readdir(dir)); i++) {
		unsigned long long start;
		int pid;

		if (sscanf(entry->d_name, "%d-%llu", &pid, &start) == 2 &&
		    !klp_caller_is_alive(pid, start))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
}

static void open_account(struct klp_wait *wait)
{
	char path[96];

	if (!wait->caller.pid)
		return;
	snprintf(path, sizeof(path), ACCOUNTS_DIR "/%d-%llu", (int)wait->caller.pid,
		 wait->caller.start);
	wait->account = open_file(path, 0);
	if (wait->account >= 0)
		return;
	sweep_accounts();
	wait->account = open_file(path, O_CREAT);
}

static bool read_account(int fd, long long *used, long long *until)
{
	char text[ACCOUNT_SIZE + 1];
	ssize_t n = pread(fd, text, ACCOUNT_SIZE, 0);

	*used = *until = 0;
	if (n == 0)
		return true;
	text[n < 0 ? 0 : n] = '\0';
	return sscanf(text, "%lld %lld", used, until) == 2 && *used >= 0;
}

static bool write_account(int fd, long long used, long long until)
{
	char text[ACCOUNT_SIZE * 2];

	snprintf(text, sizeof(text), ACCOUNT_FORMAT, used, until);
	return pwrite(fd, text, ACCOUNT_SIZE, 0) == ACCOUNT_SIZE;
}

/* Add the waiting since the last time to the account, without the time that another helper
 * below the caller has added already: when several wait in parallel, that counts once.
 * Sets *used to the new value; -EWOULDBLOCK or -EIO if it is unknown. */
static int count(struct klp_wait *wait, long long now, long long *used)
{
	long long until, from = wait->counted;
	int err = 0;

	if (wait->account < 0)
		return -EIO;
	if (flock(wait->account, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -EWOULDBLOCK;
	if (!read_account(wait->account, used, &until)) {
		err = -EIO;
	} else {
		if (until > from && until < now + LOCKED_MS)
			from = until;
		*used += now > from ? now - from : 0;
		if (!write_account(wait->account, *used, now > from ? now : from))
			err = -EIO;
	}
	if (err == 0)
		wait->counted = now;
	flock(wait->account, LOCK_UN);
	return err;
}

static bool is_used_up(struct klp_wait *wait, long long now)
{
	long long used;
	int err = count(wait, now, &used);

	/* Another helper below the caller has it for a moment. */
	if (err == -EWOULDBLOCK && now - wait->counted < LOCKED_MS)
		return false;
	if (err < 0)
		used = wait->caller.pid ? klp_caller_age(&wait->caller) :
					  now - wait->counted;
	return used >= wait->budget * 1000LL;
}

/* ---- waiting ----------------------------------------------------------------------- */

static enum klp_limit begin(struct klp_wait *wait, long long now)
{
	wait->counted = now;
	if (wait->has_places && !take_place(wait))
		return KLP_LIMIT_PLACES;
	wait->is_waiting = true;
	if (wait->has_budget)
		open_account(wait);
	return KLP_LIMIT_NONE;
}

enum klp_limit klp_wait_go_on(struct klp_wait *wait)
{
	enum klp_limit limit = KLP_LIMIT_NONE;
	bool is_new = wait && !wait->is_waiting;
	long long now;

	if (!wait || (!wait->has_places && !wait->has_budget))
		return KLP_LIMIT_NONE;
	now = klp_now_ms();
	if (is_new)
		limit = begin(wait, now);
	if (limit == KLP_LIMIT_NONE && wait->has_budget &&
	    (is_new || now - wait->counted >= ACCOUNT_MS) && is_used_up(wait, now))
		limit = KLP_LIMIT_BUDGET;
	if (limit != KLP_LIMIT_NONE)
		klp_wait_end(wait);
	return limit;
}

void klp_wait_end(struct klp_wait *wait)
{
	long long used;

	if (!wait || !wait->is_waiting)
		return;
	if (wait->account >= 0) {
		count(wait, klp_now_ms(), &used);
		close(wait->account);
	}
	if (wait->place >= 0)
		close(wait->place);
	wait->account = wait->place = -1;
	wait->is_waiting = false;
}
