// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel shows of its state, as plain files.  Directories come and go
 * by rename(2), so that nobody sees half of one; attributes of one digit are
 * written in place, so that a descriptor which is open on one reads the new value.
 */
#include "fk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULE_DIR "/sys/module"
#define PATCH_DIR "/sys/kernel/livepatch"
#define NEW_DIR FK_DIR "/new"
#define OLD_DIR FK_DIR "/old"

static void warn(const char *what)
{
	dprintf(2, "fakekernel: %s: %s\n", what, strerror(errno));
}

static void __attribute__((format(printf, 2, 3)))
put(const char *path, const char *fmt, ...)
{
	char text[8192], temp[PATH_MAX + 8];
	size_t len, slash;
	va_list ap;
	int fd;

	va_start(ap, fmt);
	len = (size_t)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* not beside the file: a reader of the directory would see it */
	slash = (size_t)(strrchr(path, '/') - path);
	snprintf(temp, sizeof(temp), FK_DIR "/%s.tmp", path + slash + 1);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || rename(temp, path) < 0)
		warn(path);
	if (fd >= 0)
		close(fd);
}

static void remove_tree(const char *path)
{
	struct dirent *d;
	DIR *dir = opendir(path);

	while (dir && (d = readdir(dir))) {
		char sub[PATH_MAX];

		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, d->d_name);
		if (unlink(sub) < 0)
			remove_tree(sub);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void take_away(const char *path)
{
	remove_tree(OLD_DIR);
	if (rename(path, OLD_DIR) < 0)
		warn(path);
	remove_tree(OLD_DIR);
}

/* Create what a machine has from the start. */
void fk_sysfs_boot(void)
{
	static const char *const dirs[] = { "/sys",    MODULE_DIR, "/sys/kernel",
					    PATCH_DIR, "/proc",	   "/dev" };
	struct stat st;
	int fd;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		mkdir(dirs[i], 0755);
	fd = open(FK_KMSG, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0 && !fstat(fd, &st))
		fk->kmsg_ino = st.st_ino;
	if (fd >= 0)
		close(fd);
	fk_sysfs_update_modules();
}

void fk_sysfs_add_module(struct fk_module *mod)
{
	char path[PATH_MAX];

	remove_tree(NEW_DIR);
	mkdir(NEW_DIR, 0755);
	mkdir(NEW_DIR "/holders", 0755);
	put(NEW_DIR "/coresize", "16384\n");
	put(NEW_DIR "/taint", "%s\n", mod->info.livepatch ? "OEK" : "");
	put(NEW_DIR "/initstate", "coming\n");
	if (*mod->info.srcversion)
		put(NEW_DIR "/srcversion", "%s\n", mod->info.srcversion);
	put(NEW_DIR "/refcnt", "%d\n", fk_refcount(mod));
	snprintf(path, sizeof(path), MODULE_DIR "/%s", mod->info.name);
	if (rename(NEW_DIR, path) < 0)
		warn(path);
}

void fk_sysfs_del_module(const struct fk_module *mod)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), MODULE_DIR "/%s", mod->info.name);
	take_away(path);
}

static void update_holders(const struct fk_module *mod, char *users, size_t size)
{
	char path[PATH_MAX], to[PATH_MAX];
	size_t len = 0;

	users[0] = '\0';
	for (size_t i = 0; i < FK_MODULES; i++) {
		const struct fk_module *user = &fk->modules[i];

		if (user == mod || !user->info.name[0])
			continue;
		snprintf(path, sizeof(path), MODULE_DIR "/%s/holders/%s", mod->info.name,
			 user->info.name);
		if (user->state == FK_UNUSED ||
		    !fk_in_list(user->info.depends, mod->info.name)) {
			if (!fk_find(user->info.name))
				unlink(path);
			continue;
		}
		snprintf(to, sizeof(to), "../../%s", user->info.name);
		if (symlink(to, path) < 0 && errno != EEXIST)
			warn(path);
		len += (size_t)snprintf(users + len, size - len, "%s,", user->info.name);
	}
}

/* initstate, refcnt and holders of every module, and /proc/modules. */
void fk_sysfs_update_modules(void)
{
	char table[6000] = "", users[1024], path[PATH_MAX];
	uint64_t before = UINT64_MAX;
	size_t len = 0;

	for (;;) {
		struct fk_module *mod = NULL; /* the newest comes first */

		for (size_t i = 0; i < FK_MODULES; i++) {
			struct fk_module *m = &fk->modules[i];

			if (m->state != FK_UNUSED && m->serial < before &&
			    (!mod || m->serial > mod->serial))
				mod = m;
		}
		if (!mod)
			break;
		before = mod->serial;
		update_holders(mod, users, sizeof(users));
		snprintf(path, sizeof(path), MODULE_DIR "/%s/refcnt", mod->info.name);
		put(path, "%d\n", fk_refcount(mod));
		snprintf(path, sizeof(path), MODULE_DIR "/%s/initstate", mod->info.name);
		put(path, "%s\n", mod->state == FK_LIVE ? "live" : "coming");
		if (len + 256 < sizeof(table))
			len += (size_t)snprintf(
				table + len, sizeof(table) - len,
				"%s 16384 %d %s %s 0x0000000000000000%s\n",
				mod->info.name, fk_refcount(mod), users[0] ? users : "-",
				mod->state == FK_LIVE ? "Live" : "Loading",
				mod->info.livepatch ? " (OEK)" : "");
	}
	put("/proc/modules", "%s", table);
}

void fk_sysfs_add_patch(struct fk_module *patch)
{
	char path[PATH_MAX];
	const char *p = patch->info.objects;
	struct stat st;

	remove_tree(NEW_DIR);
	mkdir(NEW_DIR, 0755);
	put(NEW_DIR "/enabled", "1\n");
	put(NEW_DIR "/transition", "1\n");
	put(NEW_DIR "/force", "0\n");
	if (!stat(NEW_DIR "/enabled", &st))
		patch->enabled_ino = st.st_ino;
	if (!stat(NEW_DIR "/force", &st))
		patch->force_ino = st.st_ino;
	for (; *p; p += strcspn(p, ","), p += *p == ',') {
		snprintf(path, sizeof(path), NEW_DIR "/%.*s", (int)strcspn(p, ","), p);
		mkdir(path, 0755);
		strcat(path, "/patched");
		put(path, "0\n");
	}
	snprintf(path, sizeof(path), PATCH_DIR "/%s", patch->info.name);
	if (rename(NEW_DIR, path) < 0)
		warn(path);
	fk_sysfs_update_patched(patch);
}

void fk_sysfs_del_patch(const struct fk_module *patch)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PATCH_DIR "/%s", patch->info.name);
	take_away(path);
}

void fk_sysfs_patch_attr(const struct fk_module *patch, const char *attr, bool value)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), PATCH_DIR "/%s/%s", patch->info.name, attr);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* /sys may have been taken away; who comes by now is not to say so */
	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || write(fd, value ? "1\n" : "0\n", 2) != 2)
		warn(path);
	if (fd >= 0)
		close(fd);
}

void fk_sysfs_update_patched(const struct fk_module *patch)
{
	const char *p = patch->info.objects;

	for (; *p; p += strcspn(p, ","), p += *p == ',') {
		char name[FK_NAME_LEN + 16];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, ","), p);
		if (strlen(name) < FK_NAME_LEN) {
			bool there = !strcmp(name, "vmlinux") || fk_find(name);

			strcat(name, "/patched");
			fk_sysfs_patch_attr(patch, name, there);
		}
	}
}
