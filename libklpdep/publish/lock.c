/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One who writes at a time.  Rules are made of all kernels' indexes: of two who write at
 * once, the one would make them of an index that the other is about to replace.  And what was
 * read of a tree must not be written behind what somebody has read later.
 *
 * The lock is a file where the trees are, so that it is one lock for all who write there,
 * whatever their root directory and their /run are; where that cannot be written, what is written
 * goes to /run, and the lock is there, too.  It is not a directory that is locked:
 * everybody may open those, and could hold up the installation of packages.  Nothing is left:
 * the file goes before it is unlocked, and who has waited for it makes another.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "libklpdep/live/live.h"
#include "libklpdep/publish/publish.h"

#define LOCK_FILE MODULES_DIR "/.klpdep.lock"
#define RUN_LOCK_FILE RUN_DIR "/depmod.lock"

/* Unit tests have less patience. */
#ifndef LOCK_SAY_MS
#define LOCK_SAY_MS 5000
#define LOCK_WAIT_MS 300000
#endif
#define LOCK_POLL_MS 50

static int lock_once(int fd)
{
	int err;

	do {
		err = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	} while (err == -EINTR);
	return err;
}

static void name_holder(int fd, char who[64])
{
	_cleanup_free_ char *name = NULL;
	pid_t pid = klp_live_lock_holder(fd);
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (pid && klp_read_text(path, 64, &name) == 0)
		name[strcspn(name, "\n")] = '\0';
	if (pid)
		snprintf(who, 64, "%s (process %d)", name ? name : "another", pid);
	else
		snprintf(who, 64, "another process");
}

/* Who was stopped holds it for ever: that is to be known, and has an end. */
static int wait_for_lock(const struct klpdep_publisher *publisher, const char *path, int fd)
{
	const struct timespec interval = { .tv_nsec = LOCK_POLL_MS * 1000000L };
	char who[64];

	for (unsigned int ms = 0;; ms += LOCK_POLL_MS) {
		int err = lock_once(fd);

		if (err != -EWOULDBLOCK)
			return err;
		if (ms == LOCK_SAY_MS || ms >= LOCK_WAIT_MS)
			name_holder(fd, who);
		if (ms >= LOCK_WAIT_MS) {
			klp_err(publisher->ctx, "%s holds %s and does not get on; "
				"nothing is written", who, path);
			return -ETIMEDOUT;
		}
		if (ms == LOCK_SAY_MS)
			klp_warn(publisher->ctx, "waiting for %s, which holds %s", who,
				 path);
		nanosleep(&interval, NULL);
	}
}

/* Whether who had it has taken the file away meanwhile. */
static bool is_gone(const char *path, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) < 0 || lstat(path, &there) < 0 ||
	       ours.st_dev != there.st_dev || ours.st_ino != there.st_ino;
}

int klp_publish_lock(struct klpdep_publisher *publisher)
{
	_cleanup_free_ char *path = NULL;
	int err = 0;

	if (publisher->lock_path || publisher->flags & KLPDEP_PUBLISH_DRY_RUN)
		return 0;
	path = klp_path(publisher->out, LOCK_FILE);
	if (!path)
		return klp_said(publisher->ctx, -ENOMEM);

	/* Of the trees that are read there is the directory, or nothing to do. */
	if (err == 0 && publisher->out != publisher->ctx)
		klp_mkdir_parents(path);
	while (err == 0) {
		_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC |
						    O_NOFOLLOW | O_NOCTTY, 0600);

		if (fd < 0 && errno == EROFS && !*publisher->out->root &&
		    !klp_streq(path, RUN_LOCK_FILE)) {
			free(path);
			path = strdup(RUN_LOCK_FILE);
			if (!path)
				return klp_said(publisher->ctx, -ENOMEM);
			klp_mkdir_parents(path);
			continue;
		}
		/* Where nothing can be made, nothing can be written, or the writer says
		 * why; and there are file systems without locks. */
		err = fd < 0 ? -errno : wait_for_lock(publisher, path, fd);
		if (err < 0 && err != -ETIMEDOUT) {
			klp_info(publisher->ctx, "%s: no lock: %s", path,
				 klpdep_strerror(err));
			return 0;
		}
		if (err < 0 || is_gone(path, fd))
			continue;
		publisher->lock = fd;
		publisher->lock_path = klp_take(path);
		fd = -1; /* the publisher has it now */
		return 0;
	}
	return err;
}

void klp_publish_unlock(struct klpdep_publisher *publisher)
{
	if (!publisher->lock_path)
		return;
	unlink(publisher->lock_path);
	close(publisher->lock);
	free(klp_take(publisher->lock_path));
}
