// SPDX-License-Identifier: LGPL-2.1-or-later
/* init_module, finit_module and delete_module. */
#include "fk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

static void sleep_ms(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

static void sleep_unlocked(int ms)
{
	fk_unlock();
	sleep_ms(ms);
	fk_lock();
	fk_advance_locked();
}

/* A module that is loading keeps a second one of its name waiting. */
static bool wait_for_namesake(const char *name)
{
	struct fk_module *mod;

	while ((mod = fk_find(name)) && mod->state == FK_COMING)
		sleep_unlocked(2);
	return mod != NULL;
}

static int check_depends(const struct fk_info *info)
{
	const char *p = info->depends;

	while (*p) {
		char name[FK_NAME_LEN] = "";
		size_t n = strcspn(p, ",");
		struct fk_module *dep;

		if (n >= sizeof(name))
			return -ENOENT;
		memcpy(name, p, n);
		/* the kernel waits for its init: resolve_symbol_wait() */
		wait_for_namesake(name);
		dep = fk_find(name);
		if (!dep) {
			fk_log(4, "%s: Unknown symbol of %s (err -2)", info->name, name);
			return -ENOENT;
		}
		p += n + (p[n] == ',');
	}
	return 0;
}

static void forget(struct fk_module *mod)
{
	mod->state = FK_UNUSED;
	mod->registered = false;
	fk_patch_module_going(mod);
	fk_sysfs_del_module(mod);
	fk_sysfs_update_modules();
}

static int run_init(struct fk_module *mod)
{
	int r;

	if (mod->info.init_ms)
		sleep_unlocked(mod->info.init_ms);
	if (mod->info.error)
		return -mod->info.error;
	r = mod->info.livepatch ? fk_patch_enable(mod) : 0;
	return r == -EEXIST && fk_sysfs_has("init_busy") ? -EBUSY : r;
}

static int load(const struct fk_info *info)
{
	struct fk_module *mod;
	int r;

	if (wait_for_namesake(info->name))
		return -EEXIST;
	r = check_depends(info);
	if (r < 0)
		return r;
	mod = fk_alloc();
	if (!mod)
		return -ENOMEM;
	mod->info = *info;
	mod->pins = info->pins;
	mod->state = FK_COMING;
	r = fk_patch_module_coming(mod);
	if (r < 0) {
		mod->state = FK_UNUSED;
		return r;
	}
	fk_sysfs_add_module(mod);
	fk_sysfs_update_modules();
	r = run_init(mod);
	if (r < 0) {
		forget(mod);
		return r;
	}
	mod->state = FK_LIVE;
	fk_sysfs_update_modules();
	return 0;
}

static bool has_modules_disabled(void)
{
	FILE *f = fopen("/proc/sys/kernel/modules_disabled", "re");
	int value = f ? getc(f) : '0';

	if (f)
		fclose(f);
	return value == '1';
}

int fk_init_module(const void *image, size_t len, const char *args)
{
	struct fk_info info;
	size_t arglen;
	int r;

	r = fk_modinfo(image, len, &info);
	if (r < 0)
		strcpy(info.name, "?");
	fk_lock();
	fk_advance_locked();
	if (!r)
		r = has_modules_disabled() ? -EPERM : load(&info);
	if (!args)
		args = "";
	/* libkmod ends what it takes from modprobe.d with a space */
	for (arglen = strlen(args); arglen && args[arglen - 1] == ' ';)
		arglen--;
	fk_journal_result(r, "init %s \"%.*s\"", info.name, (int)arglen, args);
	fk_unlock();
	return r;
}

int fk_finit_module(int fd, const char *args, int flags)
{
	struct stat st;
	void *image;
	int r;

	(void)flags;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!st.st_size)
		return -ENOEXEC;
	image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image == MAP_FAILED)
		return -errno;
	r = fk_init_module(image, (size_t)st.st_size, args);
	munmap(image, (size_t)st.st_size);
	return r;
}

static int unload(const char *name)
{
	struct fk_module *mod = fk_find(name);

	if (!mod)
		return -ENOENT;
	if (fk_refcount(mod))
		return -EWOULDBLOCK;
	if (mod->state != FK_LIVE)
		return -EBUSY;
	if (mod->n_deletes < mod->info.keep) {
		mod->n_deletes++;
		return -EWOULDBLOCK;
	}
	forget(mod);
	return 0;
}

int fk_delete_module(const char *name, unsigned int flags)
{
	const struct fk_module *mod;
	int r;

	(void)flags;
	if (!*name)
		return has_modules_disabled() ? -EPERM : -ENOENT;
	fk_lock();
	fk_advance_locked();
	mod = fk_find(name);
	r = has_modules_disabled() ? -EPERM : unload(name);
	/* Whether somebody is so quick as to come before a patch's reference to itself
	 * has gone depends on time. */
	if (r != -EWOULDBLOCK || !mod->put_at)
		fk_journal_result(r, "delete %s", name);
	fk_unlock();
	return r;
}
