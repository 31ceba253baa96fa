/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names of the targets that klpdep sync has to examine, one on each line, in a file to
 * which many append and which one takes away.
 *
 * A process that has opened the file may find that it has been taken away before it could
 * write.  So each process writes, reads and unlinks under a lock, and then checks whether
 * the file still has its name.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "libklpdep/live/late.h"

/* Without configure --with-rundir, since the udev rule has this path. */
#ifndef LATE_DIR
#define LATE_DIR "/run/klpdep"
#endif

#define LATE_PATH LATE_DIR "/late"
/* klpdep-late.service moves the file here, so that a failing klpdep sync is not started
 * again for ever by the mark that it has left. */
#define TAKEN_PATH LATE_DIR "/late.taken"
#define LATE_MAX 65536

/* The lock is held for a moment only.  But anybody can open a file that touch(1) made, and
 * lock it for ever: then go on without the lock. */
#define LOCK_TRIES 50
#define LOCK_PAUSE_NS 10000000L

static void lock_if_free(int fd)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };

	for (unsigned int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return;
		nanosleep(&pause, NULL);
	}
}

static bool has_name(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
	       opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* The file with that name, locked; or an errno. */
static int open_locked(const char *path, int flags)
{
	for (;;) {
		struct stat st;
		int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
			      0600);

		if (fd < 0)
			return -errno;
		if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
			close(fd);
			return -ESPIPE;
		}
		lock_if_free(fd);
		if (has_name(fd, path))
			return fd;
		close(fd);
	}
}

/* The lines of the file.  We have not written more than the limit. */
static int read_lines(int fd, struct klp_strv *lines)
{
	_cleanup_free_ char *text = malloc(LATE_MAX + 1);
	size_t len = 0;
	ssize_t n;

	if (!text)
		return -ENOMEM;
	while (len < LATE_MAX && (n = pread(fd, text + len, LATE_MAX - len, (off_t)len))) {
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	return klp_strv_split(lines, text, "\n");
}

int klp_late_add(const char *target)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };
	char line[KLP_MODULE_NAME_LEN + 2];
	struct stat st;
	int n;

	if (target && !klp_name_valid(target))
		return -EINVAL;
	n = klp_mkdir_parents(LATE_PATH);
	if (n < 0)
		return n;
	_cleanup_close_ int fd = open_locked(LATE_PATH, O_RDWR | O_CREAT | O_APPEND);

	if (fd < 0)
		return fd;
	if (!target)
		return 0;
	n = snprintf(line, sizeof(line), "%s\n", target);
	/* The mark exists.  If nobody takes it away, the number of names is limited. */
	if (read_lines(fd, &lines) < 0 || klp_strv_has(&lines, target) ||
	    fstat(fd, &st) < 0 || st.st_size + n > LATE_MAX)
		return 0;
	return write(fd, line, (size_t)n) < 0 ? -errno : 0;
}

static int take_file(const char *path, struct klp_strv *targets)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };
	_cleanup_close_ int fd = open_locked(path, O_RDONLY);
	int err = 0;

	/* A file that is not ours must not be a mark, either. */
	if (fd >= 0)
		err = read_lines(fd, &lines);
	if (fd != -ENOENT)
		unlink(path);
	for (size_t i = 0; i < lines.n && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];

		if (klp_name_normalize(lines.v[i], name) == 0)
			err = klp_strv_add_unique(targets, name);
	}
	return err;
}

int klp_late_take(struct klp_strv *targets)
{
	int err = take_file(TAKEN_PATH, targets), late = take_file(LATE_PATH, targets);

	return err < 0 ? err : late;
}
