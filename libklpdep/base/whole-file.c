/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading small files as a whole; and writing files so that after a crash there is the old
 * one or the new one. */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "libklpdep/base/whole-file.h"

/* ---- reading ----------------------------------------------------------------------- */

bool klp_is_lack(int err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE;
}

bool klp_is_passing(int err)
{
	static const int lasting[] = { 0,     ENOENT, ENOTDIR,	    EISDIR,  ELOOP,
				       EPERM, EACCES, ENAMETOOLONG, EINVAL,  EFBIG,
				       ENXIO, ENODEV, ENOTSUP,	    EBADMSG, ENODATA,
				       ESPIPE, EILSEQ };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(lasting); i++) {
		if (err == -lasting[i])
			return false;
	}
	return err < 0;
}

bool klp_is_same_file(const char *a, const char *b)
{
	struct stat st_a, st_b;

	return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
	       st_a.st_ino == st_b.st_ino;
}

int klp_read_file(const char *path, size_t max, char **data, size_t *size)
{
	/* O_NONBLOCK: a planted FIFO must not block us. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_free_ char *buf = NULL;
	size_t len = 0, capacity = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ESPIPE;
	/* Files of proc and sysfs do not tell their size. */
	if (st.st_size > 0 && (uintmax_t)st.st_size > max)
		return -EFBIG;
	for (;;) {
		if (len + 1 >= capacity) {
			size_t want = capacity ? capacity * 2 : (size_t)st.st_size + 4096;
			char *grown = realloc(buf, want);

			if (!grown)
				return -ENOMEM;
			buf = grown;
			capacity = want;
		}
		ssize_t n = read(fd, buf + len, capacity - len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
	}
	buf[len] = '\0';
	if (size)
		*size = len;
	*data = klp_take(buf);
	return 0;
}

int klp_read_text(const char *path, size_t max, char **text)
{
	_cleanup_free_ char *data = NULL;
	size_t size = 0;
	int err = klp_read_file(path, max, &data, &size);

	if (err < 0)
		return err;
	if (!data || strlen(data) != size)
		return -EILSEQ;
	*text = klp_take(data);
	return 0;
}

int klp_mkdir_parents(const char *path)
{
	_cleanup_free_ char *dir = strdup(path);

	if (!dir)
		return -ENOMEM;
	for (char *p = dir + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(dir, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

/* ---- writing ----------------------------------------------------------------------- */

/* A temporary file has the file's name and this suffix.  modprobe.d(5) must not read it if
 * we die half-way. */
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

/* Sync a rename or unlink in the directory of @path to the disk. */
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

/* Remove temporary files of @path whose owner has died: nobody holds a lock on them. */
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

/* Make a temporary file of @path, store its name in *tmp, and lock it. */
static int open_temporary(const char *path, char **tmp)
{
	for (;;) {
		struct stat st;
		int fd;

		*tmp = klp_format("%s" TEMPORARY RANDOM, path);
		if (!*tmp)
			return -ENOMEM;
		fd = mkostemp(*tmp, O_CLOEXEC);
		if (fd < 0)
			return -errno;
		/* Without locks, nobody removes temporary files. */
		flock(fd, LOCK_EX);
		if (fstat(fd, &st) < 0 || st.st_nlink > 0)
			return fd;
		/* Another process removed it before it was locked. */
		close(fd);
		free(klp_take(*tmp));
	}
}

static int write_file(const char *path, const char *data, size_t size, bool sync)
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

int klp_write_unsynced(const char *path, const char *data, size_t size)
{
	return write_file(path, data, size, false);
}

int klp_write_whole(const char *path, const char *data, size_t size)
{
	return write_file(path, data, size, true);
}

int klp_write_if_changed(const char *path, const char *data, size_t size)
{
	_cleanup_free_ char *old = NULL;
	size_t old_size = 0;

	if (klp_read_file(path, size, &old, &old_size) == 0 && old && old_size == size &&
	    memcmp(old, data, size) == 0)
		return 0;
	return klp_write_whole(path, data, size);
}

int klp_remove_file(const char *path)
{
	sweep(path);
	if (unlink(path) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	return sync_directory_of(path);
}
