/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing files so that there is the old one or the new one, whatever happens. */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "libklpdep/util.h"

/* A temporary file is the file's name and this: no ending that modprobe.d(5) would read,
 * should we die half-way. */
#define TEMPORARY ".tmp"
#define RANDOM "XXXXXX"

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Have a rename or unlink in the directory of @path reach the disk. */
static int sync_directory_of(const char *path)
{
	_cleanup_free_ char *dir = strdup(path);

	if (!dir)
		return -ENOMEM;
	char *slash = strrchr(dir, '/');

	if (slash)
		slash[slash == dir] = '\0';
	_cleanup_close_ int fd =
		open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* Some file systems cannot sync a directory: EINVAL. */
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

/* The temporary files of @path that somebody left who died: no lock is on them. */
static void sweep(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	_cleanup_free_ char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) :
					   strdup(".");
	_cleanup_closedir_ DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		const char *random = klp_after_prefix(entry->d_name, base);

		random = random ? klp_after_prefix(random, TEMPORARY) : NULL;
		if (!random || strlen(random) != strlen(RANDOM))
			continue;
		_cleanup_close_ int fd =
			openat(dirfd(d), entry->d_name,
			       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
}

/* Make a temporary file of @path, its name in *tmp, and lock it. */
static int open_temporary(const char *path, char **tmp)
{
	for (;;) {
		struct stat st;
		int fd;

		if (asprintf(tmp, "%s" TEMPORARY RANDOM, path) < 0) {
			*tmp = NULL;
			return -ENOMEM;
		}
		fd = mkostemp(*tmp, O_CLOEXEC);
		if (fd < 0)
			return -errno;
		/* Where there are no locks, nobody sweeps. */
		flock(fd, LOCK_EX);
		if (fstat(fd, &st) < 0 || st.st_nlink > 0)
			return fd;
		/* Somebody swept it before it was locked. */
		close(fd);
		free(klp_take(*tmp));
	}
}

static int publish(const char *path, const char *data, size_t size, bool sync)
{
	_cleanup_free_ char *tmp = NULL;
	int err = klp_mkdir_parents(path);

	if (err < 0)
		return err;
	sweep(path);
	_cleanup_close_ int fd = open_temporary(path, &tmp);

	if (fd < 0)
		return fd;
	err = write_all(fd, data, size);
	if (err == 0 && (fchmod(fd, 0644) < 0 || (sync && fsync(fd) < 0) ||
			 rename(tmp, path) < 0))
		err = -errno;
	if (err < 0) {
		unlink(tmp);
		return err;
	}
	return sync ? sync_directory_of(path) : 0;
}

int klp_publish_unsynced(const char *path, const char *data, size_t size)
{
	return publish(path, data, size, false);
}

int klp_publish(const char *path, const char *data, size_t size)
{
	return publish(path, data, size, true);
}

int klp_publish_if_changed(const char *path, const char *data, size_t size)
{
	_cleanup_free_ char *old = NULL;
	size_t old_size = 0;

	if (klp_read_file(path, size, &old, &old_size) == 0 && old && old_size == size &&
	    memcmp(old, data, size) == 0)
		return 0;
	return klp_publish(path, data, size);
}

int klp_unpublish(const char *path)
{
	sweep(path);
	if (unlink(path) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	return sync_directory_of(path);
}
