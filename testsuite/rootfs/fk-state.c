// SPDX-License-Identifier: LGPL-2.1-or-later
/* The fake kernel's state, shared by all processes of a fake root; its journal. */
#include "fk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct fk_state *fk;
__thread int fk_inside;

static __thread int lock_fd = -1;

/*
 * Map the state.  False where this is no fake root (no /fake directory): then the
 * library does nothing, so that a preload that leaks out harms nobody.
 */
bool fk_attach(void)
{
	struct fk_state *state;
	struct stat st;
	bool fresh;
	int fd;

	if (fk)
		return true;
	fd = open(FK_STATE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	if (flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0) {
		close(fd);
		return false;
	}
	fresh = st.st_size == 0;
	if (fresh && ftruncate(fd, sizeof(*state)) < 0) {
		close(fd);
		return false;
	}
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (state != MAP_FAILED) {
		fk = state;
		if (fresh) {
			fk->dev = st.st_dev;
			fk->transition = -1;
			fk->haste = !access(FK_HASTE, F_OK);
			fk_sysfs_boot();
		}
	}
	flock(fd, LOCK_UN); /* closing is not enough: the mapping keeps the file open */
	close(fd);
	return state != MAP_FAILED;
}

/*
 * Every lock is an open file description of its own: one that a forked child
 * shares would be no lock between parent and child.
 */
void fk_lock(void)
{
	lock_fd = open(FK_STATE, O_RDWR | O_CLOEXEC);
	while (lock_fd >= 0 && flock(lock_fd, LOCK_EX) < 0 && errno == EINTR)
		;
}

void fk_unlock(void)
{
	if (lock_fd >= 0)
		close(lock_fd);
	lock_fd = -1;
}

uint64_t fk_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t fk_after_ms(int ms)
{
	return fk_now() + (uint64_t)ms * 1000000;
}

struct fk_module *fk_find(const char *name)
{
	for (size_t i = 0; i < FK_MODULES; i++) {
		struct fk_module *mod = &fk->modules[i];

		if (mod->state != FK_UNUSED && !strcmp(mod->info.name, name))
			return mod;
	}
	return NULL;
}

struct fk_module *fk_alloc(void)
{
	for (size_t i = 0; i < FK_MODULES; i++) {
		struct fk_module *mod = &fk->modules[i];

		if (mod->state == FK_UNUSED) {
			memset(mod, 0, sizeof(*mod));
			mod->serial = ++fk->serial;
			return mod;
		}
	}
	return NULL;
}

bool fk_in_list(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list) {
		size_t n = strcspn(list, ",");

		if (n == len && !memcmp(list, name, n))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

int fk_refcount(const struct fk_module *mod)
{
	int count = mod->pins;

	for (size_t i = 0; i < FK_MODULES; i++) {
		const struct fk_module *user = &fk->modules[i];

		if (user->state != FK_UNUSED &&
		    fk_in_list(user->info.depends, mod->info.name))
			count++;
	}
	return count;
}

static void journal_line(const char *line)
{
	int fd = open(FK_JOURNAL, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	if (write(fd, line, strlen(line)) < 0)
		perror(FK_JOURNAL);
	close(fd);
}

static uint64_t hash(const char *s)
{
	uint64_t h = 14695981039346656037u;

	while (*s)
		h = (h ^ (unsigned char)*s++) * 1099511628211u;
	return h;
}

void fk_journal(const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	strcat(line, "\n");
	fk->journal_hash = hash(line);
	journal_line(line);
}

/*
 * A call and its result.  A call that is repeated with the same "try again" is
 * written once: how often somebody tries depends on time.
 */
void fk_journal_result(int err, const char *fmt, ...)
{
	char call[4000], line[4096];
	struct stat st;
	va_list ap;
	uint64_t h;

	va_start(ap, fmt);
	vsnprintf(call, sizeof(call), fmt, ap);
	va_end(ap);
	if (err)
		snprintf(line, sizeof(line), "%s = -%s\n", call, strerrorname_np(-err));
	else
		snprintf(line, sizeof(line), "%s = 0\n", call);
	h = hash(line);
	if ((err == -EBUSY || err == -EAGAIN) && h == fk->journal_hash &&
	    !stat(FK_JOURNAL, &st) && st.st_size)
		return;
	fk->journal_hash = h;
	journal_line(line);
}
