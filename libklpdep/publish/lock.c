/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lock that keeps two writers apart.  Rules are made from the indexes of all
 * kernels.  Without the lock, one writer could use an index that the other is about to
 * replace, and an earlier scan could overwrite the results of a later one.
 *
 * The lock is a file among the module trees.  So all writers share it, even with other
 * root directories and another /run.  If that directory cannot be written, index and
 * rules go to /run, and so does the lock.  It is not a lock on the directory: everybody
 * may open that, and could hold up the installation of packages.  The owner removes the
 * file before it unlocks it, so that nothing is left.  A process that has waited for it
 * makes a new one.
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

/* Unit tests wait for a shorter time. */
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

/* A stopped process would hold the lock for ever: report it, and give up in the end. */
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
			klp_err(publisher->ctx, "%s holds %s and makes no progress; "
						"nothing is written", who, path);
			return -ETIMEDOUT;
		}
		if (ms == LOCK_SAY_MS)
			klp_warn(publisher->ctx, "waiting for %s, which holds %s", who,
				 path);
		nanosleep(&interval, NULL);
	}
}

/* Whether the previous owner has removed the file meanwhile. */
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

	/* The directory exists if there are trees to read; otherwise there is nothing to
	 * do. */
	if (publisher->out != publisher->ctx)
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
		/* If no file can be made here, nothing is written either, or the writer
		 * reports the reason.  Some file systems have no locks. */
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
		fd = -1; /* the publisher owns it now */
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
