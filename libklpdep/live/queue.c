/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Later processes must not overtake earlier ones: otherwise udev's helpers could make
 * klpdep sync wait for ever.  Sleeping in flock(2) is fair, but never ends without a
 * signal.  So a process that has to wait locks a byte of the file: the number of the
 * microsecond in which it came.  fcntl(2) locks bytes, independently of flock(2), and
 * releases them when the process is gone.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "libklpdep/live/queue.h"

/* At boot hundreds may wait for the lock, and must not slow down the kernel's own work on
 * the transition.  So processes that are not next poll less and less often.  Whether the
 * earlier ones make progress takes reading all patches in sysfs, and is not checked at each
 * poll. */
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

/* Whether no process waits that came earlier; 0: none at all. */
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

/* False if the earlier ones make no progress, or waiting has to end. */
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
