// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The C library's entry points that the fake kernel stands behind.  Those that
 * could see /sys or /proc first let it catch up with the time; everything else
 * passes through.
 */
#include "fk.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define REAL(name)                                                                       \
	({                                                                               \
		static __typeof__(&name) real_##name;                                    \
		if (!real_##name)                                                        \
			real_##name = (__typeof__(&name))dlsym(RTLD_NEXT, #name);        \
		real_##name;                                                             \
	})

/* FK_KILL=PROGRAM:N in the environment: that program dies at the Nth call that comes
 * by. */
static unsigned long die_at;

static void count_call(void)
{
	if (!die_at || --die_at)
		return;
	fk_inside = 1;
	close(open(FK_KILLED, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	kill(getpid(), SIGKILL);
}

/* A program that may open next to no files is not to notice that the kernel is within
 * it. */
static struct rlimit files;

static void limit_files(bool inside)
{
	const struct rlimit limit = { inside ? files.rlim_max : files.rlim_cur,
				      files.rlim_max };

	if (files.rlim_cur < 64)
		setrlimit(RLIMIT_NOFILE, &limit);
}

static bool enter(const char *call)
{
	if (!fk || fk_inside)
		return false;
	count_call();
	fk_let_others(call);
	fk_inside = 1;
	limit_files(true);
	return true;
}

static int leave(int r)
{
	limit_files(false);
	fk_inside = 0;
	if (r >= 0)
		return r;
	errno = -r;
	return -1;
}

static void catch_up(const char *call)
{
	int saved = errno;

	if (!enter(call))
		return;
	fk_advance();
	leave(0);
	errno = saved;
}

/* glibc has these arguments for a constructor. */
static void __attribute__((constructor)) start(int argc, char **argv)
{
	const char *kill = getenv("FK_KILL");
	size_t len = strlen(program_invocation_short_name);

	fk_inside = 1;
	getrlimit(RLIMIT_NOFILE, &files);
	limit_files(true);
	if (fk_attach()) {
		fk_read_meanwhile();
		fk_put_process(argc, argv);
	}
	limit_files(false);
	fk_inside = 0;
	if (kill && !strncmp(kill, program_invocation_short_name, len) && kill[len] == ':')
		die_at = strtoul(kill + len + 1, NULL, 10);
}

/* Who comes into a fake root has its kernel from there on. */
EXPORT int chroot(const char *path)
{
	int r = REAL(chroot)(path);

	if (r == 0)
		start(0, NULL);
	return r;
}

/* system calls */

EXPORT int init_module(const void *image, unsigned long len, const char *args);
EXPORT int finit_module(int fd, const char *args, int flags);
EXPORT int delete_module(const char *name, unsigned int flags);

int init_module(const void *image, unsigned long len, const char *args)
{
	if (!enter("init_module"))
		return (int)REAL(syscall)(SYS_init_module, image, len, args);
	return leave(fk_init_module(image, len, args));
}

int finit_module(int fd, const char *args, int flags)
{
	if (!enter("init_module"))
		return (int)REAL(syscall)(SYS_finit_module, fd, args, flags);
	return leave(fk_finit_module(fd, args, flags));
}

int delete_module(const char *name, unsigned int flags)
{
	/* Whoever gives no name asks whether it may remove modules. */
	if (!enter(*name ? "delete_module" : NULL))
		return (int)REAL(syscall)(SYS_delete_module, name, flags);
	return leave(fk_delete_module(name, flags));
}

EXPORT int klogctl(int type, char *buf, int len)
{
	if (!enter(NULL))
		return (int)REAL(syscall)(SYS_syslog, type, buf, len);
	return leave(fk_klogctl(type, buf, len));
}

EXPORT int uname(struct utsname *uts)
{
	int r = REAL(uname)(uts), fd;
	ssize_t n;

	if (r < 0 || !enter(NULL))
		return r;
	fd = open(FK_RELEASE, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, uts->release, sizeof(uts->release) - 1);
		uts->release[n < 0 ? 0 : n] = '\0';
		uts->release[strcspn(uts->release, "\n")] = '\0';
		close(fd);
	}
	return leave(r);
}

EXPORT long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	switch (number) {
	case SYS_init_module:
		return init_module((void *)a[0], (unsigned long)a[1], (char *)a[2]);
	case SYS_finit_module:
		return finit_module((int)a[0], (char *)a[1], (int)a[2]);
	case SYS_delete_module:
		return delete_module((char *)a[0], (unsigned int)a[1]);
	case SYS_syslog:
		return klogctl((int)a[0], (char *)a[1], (int)a[2]);
	case SYS_uname:
		return uname((struct utsname *)a[0]);
	default:
		catch_up(NULL);
		return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}

/* opening: the kernel's own files cannot be truncated, and sysfs has no others */

static bool kernels_own(const char *path)
{
	return fk && !fk_inside && (!strncmp(path, "/sys/", 5) || !strcmp(path, FK_KMSG));
}

static int open_flags(const char *path, int flags)
{
	return kernels_own(path) ? flags & ~(O_CREAT | O_TRUNC) : flags;
}

#define OPEN_MODE(flags, last)                                                           \
	mode_t mode = 0;                                                                 \
	if ((flags) & (O_CREAT | __O_TMPFILE)) {                                         \
		va_list ap;                                                              \
		va_start(ap, last);                                                      \
		mode = va_arg(ap, mode_t);                                               \
		va_end(ap);                                                              \
	}

#define HOOK_OPEN(name)                                                                  \
	EXPORT int name(const char *path, int flags, ...)                                \
	{                                                                                \
		OPEN_MODE(flags, flags)                                                  \
		catch_up(path);                                                          \
		return REAL(name)(path, open_flags(path, flags), mode);                  \
	}
#define HOOK_OPENAT(name)                                                                \
	EXPORT int name(int dir, const char *path, int flags, ...)                       \
	{                                                                                \
		OPEN_MODE(flags, flags)                                                  \
		catch_up(path);                                                          \
		return REAL(name)(dir, path, open_flags(path, flags), mode);             \
	}
#define HOOK_OPEN_2(name)                                                                \
	EXPORT int name(const char *path, int flags);                                    \
	int name(const char *path, int flags)                                            \
	{                                                                                \
		catch_up(path);                                                          \
		return REAL(name)(path, open_flags(path, flags));                        \
	}
#define HOOK_OPENAT_2(name)                                                              \
	EXPORT int name(int dir, const char *path, int flags);                           \
	int name(int dir, const char *path, int flags)                                   \
	{                                                                                \
		catch_up(path);                                                          \
		return REAL(name)(dir, path, open_flags(path, flags));                   \
	}

HOOK_OPEN(open)
HOOK_OPEN(open64)
HOOK_OPENAT(openat)
HOOK_OPENAT(openat64)
HOOK_OPEN_2(__open_2)
HOOK_OPEN_2(__open64_2)
HOOK_OPENAT_2(__openat_2)
HOOK_OPENAT_2(__openat64_2)

EXPORT DIR *opendir(const char *path)
{
	catch_up(path);
	return REAL(opendir)(path);
}

/* looking */

#define HOOK(type, name, params, args)                                                   \
	EXPORT type name params                                                          \
	{                                                                                \
		catch_up(NULL);                                                          \
		return REAL(name) args;                                                  \
	}

HOOK(int, stat, (const char *path, struct stat *st), (path, st))
HOOK(int, stat64, (const char *path, struct stat64 *st), (path, st))
HOOK(int, lstat, (const char *path, struct stat *st), (path, st))
HOOK(int, lstat64, (const char *path, struct stat64 *st), (path, st))
HOOK(int, fstatat, (int dir, const char *path, struct stat *st, int flags),
     (dir, path, st, flags))
HOOK(int, fstatat64, (int dir, const char *path, struct stat64 *st, int flags),
     (dir, path, st, flags))
HOOK(int, statx,
     (int dir, const char *path, int flags, unsigned int mask, struct statx *st),
     (dir, path, flags, mask, st))
HOOK(int, access, (const char *path, int mode), (path, mode))
HOOK(int, euidaccess, (const char *path, int mode), (path, mode))
HOOK(int, eaccess, (const char *path, int mode), (path, mode))
HOOK(int, faccessat, (int dir, const char *path, int mode, int flags),
     (dir, path, mode, flags))
HOOK(ssize_t, readlink, (const char *path, char *buf, size_t len), (path, buf, len))
HOOK(ssize_t, readlinkat, (int dir, const char *path, char *buf, size_t len),
     (dir, path, buf, len))

/* of interest only as calls at which a program may be killed */

HOOK(int, flock, (int fd, int operation), (fd, operation))
HOOK(int, mkdir, (const char *path, mode_t mode), (path, mode))
HOOK(int, unlink, (const char *path), (path))
HOOK(int, rename, (const char *from, const char *to), (from, to))
HOOK(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
HOOK(ssize_t, send, (int fd, const void *buf, size_t len, int flags), (fd, buf, len, flags))
HOOK(void *, mmap, (void *at, size_t len, int protection, int flags, int fd, off_t offset),
     (at, len, protection, flags, fd, offset))
HOOK(int, close, (int fd), (fd))

/* Where there is /fake/haste, who polls does so without much of a pause. */
EXPORT int nanosleep(const struct timespec *time, struct timespec *left)
{
	static const struct timespec nap = { 0, 1000000 };

	catch_up(NULL);
	if (fk && fk->haste && !fk_inside && (time->tv_sec || time->tv_nsec > nap.tv_nsec))
		time = &nap;
	return REAL(nanosleep)(time, left);
}

/* reading and writing: special are the attributes `enabled` and
 * `force`, and the log */

static bool is_kmsg(const struct stat *st)
{
	return st->st_dev == fk->dev && st->st_ino == fk->kmsg_ino;
}

static struct fk_module *patch_of(const struct stat *st)
{
	for (size_t i = 0; st->st_dev == fk->dev && i < FK_MODULES; i++) {
		struct fk_module *mod = &fk->modules[i];

		if (mod->state != FK_UNUSED && mod->registered &&
		    (mod->enabled_ino == st->st_ino || mod->force_ino == st->st_ino))
			return mod;
	}
	return NULL;
}

static int store(const struct stat *st, const char *buf, size_t len)
{
	struct fk_module *patch;
	int r = -ENODEV;

	if (!len)
		return 0;
	fk_lock();
	fk_advance_locked();
	patch = patch_of(st);
	if (patch && st->st_ino == patch->force_ino) {
		r = fk_patch_force_store(patch, buf[0] == '1');
		fk_journal_result(r, "force %s %c", patch->info.name, buf[0]);
	} else if (patch) {
		r = fk_patch_enabled_store(patch, buf[0] == '1');
		fk_journal_result(r, "enabled %s %c", patch->info.name, buf[0]);
	}
	fk_unlock();
	return r < 0 ? r : (int)len;
}

/* True where the fake kernel has taken the data; *result is then write(2)'s. */
static bool take_write(int fd, const void *buf, size_t len, ssize_t *result)
{
	int saved = errno, r = 0;
	struct stat st;
	bool taken = true;

	if (!enter(NULL))
		return false;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		taken = false;
	else if (is_kmsg(&st))
		r = (int)fk_kmsg_write(buf, len);
	else if (patch_of(&st))
		r = store(&st, buf, len);
	else
		taken = false;
	errno = saved;
	*result = leave(r);
	return taken;
}

EXPORT ssize_t write(int fd, const void *buf, size_t len)
{
	ssize_t r;

	return take_write(fd, buf, len, &r) ? r : REAL(write)(fd, buf, len);
}

EXPORT ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	ssize_t r;

	return take_write(fd, buf, len, &r) ? r : REAL(pwrite)(fd, buf, len, at);
}

EXPORT ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	ssize_t r;

	return take_write(fd, buf, len, &r) ? r : REAL(pwrite64)(fd, buf, len, at);
}

EXPORT ssize_t writev(int fd, const struct iovec *iov, int n)
{
	char buf[4096];
	size_t len = 0;
	ssize_t r;

	for (int i = 0; i < n && len + iov[i].iov_len < sizeof(buf); i++) {
		if (iov[i].iov_len)
			memcpy(buf + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	return take_write(fd, buf, len, &r) ? r : REAL(writev)(fd, iov, n);
}

static bool take_read(int fd, void *buf, size_t len, ssize_t *result)
{
	int saved = errno;
	struct stat st;
	bool taken = false;

	catch_up(NULL);
	if (!enter(NULL))
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && is_kmsg(&st)) {
		taken = true;
		errno = saved;
		*result = leave((int)fk_kmsg_read(fd, buf, len));
		return taken;
	}
	errno = saved;
	leave(0);
	return taken;
}

EXPORT ssize_t read(int fd, void *buf, size_t len)
{
	ssize_t r;

	return take_read(fd, buf, len, &r) ? r : REAL(read)(fd, buf, len);
}

EXPORT ssize_t __read_chk(int fd, void *buf, size_t len, size_t size);
ssize_t __read_chk(int fd, void *buf, size_t len, size_t size)
{
	if (len > size)
		abort();
	return read(fd, buf, len);
}

HOOK(ssize_t, pread, (int fd, void *buf, size_t len, off_t at), (fd, buf, len, at))
HOOK(ssize_t, pread64, (int fd, void *buf, size_t len, off64_t at), (fd, buf, len, at))

/* stdio, whose own reads and writes do not go through the above */

static ssize_t cookie_write(void *cookie, const char *buf, size_t len)
{
	return write((int)(intptr_t)cookie, buf, len);
}

static int cookie_close(void *cookie)
{
	return close((int)(intptr_t)cookie);
}

/* A stream onto one of the files whose writes are special, or the stream itself. */
static FILE *special_stream(FILE *f, const char *mode)
{
	static const cookie_io_functions_t functions = { .write = cookie_write,
							 .close = cookie_close };
	struct stat st;
	FILE *cookie;
	int fd;

	if (!f || !fk || fk_inside || mode[0] == 'r' || fstat(fileno(f), &st) < 0 ||
	    (!is_kmsg(&st) && !patch_of(&st)))
		return f;
	fd = dup(fileno(f));
	cookie = fopencookie((void *)(intptr_t)fd, mode, functions);
	fclose(f);
	if (cookie)
		setvbuf(cookie, NULL, _IOLBF, 0);
	return cookie;
}

static const char *stream_mode(const char *path, const char *mode)
{
	return kernels_own(path) && mode[0] == 'w' ? "r+" : mode;
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	catch_up(path);
	return special_stream(REAL(fopen)(path, stream_mode(path, mode)), mode);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
	catch_up(path);
	return special_stream(REAL(fopen64)(path, stream_mode(path, mode)), mode);
}

EXPORT int vdprintf(int fd, const char *fmt, va_list ap)
{
	char *text;
	int n = vasprintf(&text, fmt, ap);

	if (n < 0)
		return n;
	n = (int)write(fd, text, (size_t)n);
	free(text);
	return n;
}

EXPORT int dprintf(int fd, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vdprintf(fd, fmt, ap);
	va_end(ap);
	return n;
}

EXPORT int __dprintf_chk(int fd, int flag, const char *fmt, ...);
int __dprintf_chk(int fd, int flag, const char *fmt, ...)
{
	va_list ap;
	int n;

	(void)flag;
	va_start(ap, fmt);
	n = vdprintf(fd, fmt, ap);
	va_end(ap);
	return n;
}
