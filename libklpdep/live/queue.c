/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nobody may be overtaken by those that come later: else udev's helpers would have klpdep sync
 * wait for ever.  Sleeping in flock(2) is fair, and has no end without a signal.  So who has to
 * wait locks a byte of the file: the number of the microsecond in which he came.  Bytes are
 * locked by fcntl(2), which flock(2) does not see, and are free again when he is gone.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "libklpdep/live/queue.h"

/* Hundreds may wait for the lock at boot, and the kernel's own work on the transition must not
 * wait for them.  So those who are not the next look less and less often; and whether those in front
 * get on, for which all patches in sysfs are read, is not looked at each time. */
#define QUEUE_MS_MAX 500
#define QUEUE_LOOK_MS 1000

static bool set_number(int fd, off_t number, short type)
{
	struct flock lock = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = number, .l_len = 1
	};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0 || errno != EAGAIN;
}

static off_t take_number(int fd)
{
	struct timespec now;
	off_t number;

	clock_gettime(CLOCK_MONOTONIC, &now);
	number = (off_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	while (!set_number(fd, number, F_WRLCK))
		number++;
	return number;
}

/* Whether nobody waits who came before that; 0: nobody at all. */
static bool is_next(int fd, off_t number)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = number
	};

	return fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK;
}

static bool is_taken(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 && (errno == EWOULDBLOCK || errno == EINTR);
}

/* False when those in front do not get on, or there is no more waiting. */
static bool wait_in_queue(int fd, off_t number, struct klp_patience *patience)
{
	long long looked = klp_now_ms(), pause = KLP_POLL_MS;

	for (;;) {
		bool next = is_next(fd, number);

		if (next && !is_taken(fd))
			return true;
		if (klp_now_ms() - looked >= QUEUE_LOOK_MS || klp_patience_is_over(patience)) {
			if (!klp_patience_moves_on(patience))
				return false;
			looked = klp_now_ms();
		}
		if (!klp_patience_pause(patience, next ? 0 : pause))
			return false;
		pause = 2 * pause < QUEUE_MS_MAX ? 2 * pause : QUEUE_MS_MAX;
	}
}

bool klp_queue_wait(int fd, struct klp_patience *patience)
{
	bool is_ours;
	off_t number;

	if (is_next(fd, 0) && !is_taken(fd))
		return true;
	number = take_number(fd);
	is_ours = wait_in_queue(fd, number, patience);
	set_number(fd, number, F_UNLCK);
	return is_ours;
}
