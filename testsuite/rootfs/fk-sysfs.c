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

/* A file that appears whole. */
void fk_put(const char *path, const char *fmt, ...)
{
	char text[FK_TEXT_LEN], temp[PATH_MAX + 8];
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

/* As read_notes: nobody may write it, and everybody may read it. */
static void put_note(const struct fk_module *mod)
{
	int fd = open(NEW_DIR "/notes/.note.gnu.build-id", O_WRONLY | O_CREAT | O_CLOEXEC,
		      0444);

	if (fd < 0 || write(fd, mod->info.note, mod->info.note_len) < 0)
		warn(".note.gnu.build-id");
	if (fd >= 0)
		close(fd);
}

void fk_sysfs_add_module(struct fk_module *mod)
{
	char path[PATH_MAX];

	remove_tree(NEW_DIR);
	mkdir(NEW_DIR, 0755);
	mkdir(NEW_DIR "/holders", 0755);
	fk_put(NEW_DIR "/coresize", "16384\n");
	fk_put(NEW_DIR "/taint", "%s\n", mod->info.livepatch ? "OEK" : "");
	fk_put(NEW_DIR "/initstate", "coming\n");
	if (*mod->info.srcversion)
		fk_put(NEW_DIR "/srcversion", "%s\n", mod->info.srcversion);
	if (mod->info.note_len) {
		mkdir(NEW_DIR "/notes", 0755);
		put_note(mod);
	}
	fk_put(NEW_DIR "/refcnt", "%d\n", fk_refcount(mod));
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
		fk_put(path, "%d\n", fk_refcount(mod));
		snprintf(path, sizeof(path), MODULE_DIR "/%s/initstate", mod->info.name);
		fk_put(path, "%s\n", mod->state == FK_LIVE ? "live" : "coming");
		if (len + 256 < sizeof(table))
			len += (size_t)snprintf(
				table + len, sizeof(table) - len,
				"%s 16384 %d %s %s 0x0000000000000000%s\n",
				mod->info.name, fk_refcount(mod), users[0] ? users : "-",
				mod->state == FK_LIVE ? "Live" : "Loading",
				mod->info.livepatch ? " (OEK)" : "");
	}
	fk_put("/proc/modules", "%s", table);
}

/* Directories for objects and, below these, functions, in lines as in info.funcs. */
static void add_funcs(const char *lines)
{
	char path[PATH_MAX], object[FK_NAME_LEN], function[160];

	for (; *lines; lines += strcspn(lines, "\n") + 1) {
		if (sscanf(lines, "%55s %159s", object, function) != 2)
			continue;
		snprintf(path, sizeof(path), NEW_DIR "/%s/%s", object, function);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			warn(path);
	}
}

static void add_object(const char *name, size_t len)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), NEW_DIR "/%.*s", (int)len, name);
	if (mkdir(path, 0755) < 0)
		return;
	strcat(path, "/patched");
	fk_put(path, "0\n");
}

static void add_objects(const struct fk_module *patch)
{
	const char *p = patch->info.objects;

	for (; *p; p += strcspn(p, ","), p += *p == ',')
		add_object(p, strcspn(p, ","));
	for (p = patch->nops; *p; p += strcspn(p, "\n") + 1)
		add_object(p, strcspn(p, " "));
	add_funcs(patch->info.funcs);
	add_funcs(patch->nops);
}

/* What later kernels than 6.1 have: the file names them. */
bool fk_sysfs_has(const char *name)
{
	char text[64];
	int fd = open(FK_ATTRIBUTES, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return strstr(text, name);
}

void fk_sysfs_update_order(void)
{
	char path[PATH_MAX];
	int order = 0;

	if (!fk_sysfs_has("stack_order"))
		return;
	for (struct fk_module *p = fk_next_patch(0); p; p = fk_next_patch(p->order)) {
		snprintf(path, sizeof(path), PATCH_DIR "/%s/stack_order", p->info.name);
		fk_put(path, "%d\n", ++order);
	}
}

void fk_sysfs_add_patch(struct fk_module *patch)
{
	char path[PATH_MAX];
	struct stat st;

	remove_tree(NEW_DIR);
	mkdir(NEW_DIR, 0755);
	fk_put(NEW_DIR "/enabled", "1\n");
	fk_put(NEW_DIR "/transition", "1\n");
	fk_put(NEW_DIR "/force", "0\n");
	if (fk_sysfs_has("replace"))
		fk_put(NEW_DIR "/replace", "%d\n", patch->info.replace);
	if (!stat(NEW_DIR "/enabled", &st))
		patch->enabled_ino = st.st_ino;
	if (!stat(NEW_DIR "/force", &st))
		patch->force_ino = st.st_ino;
	add_objects(patch);
	snprintf(path, sizeof(path), PATCH_DIR "/%s", patch->info.name);
	if (rename(NEW_DIR, path) < 0)
		warn(path);
	fk_sysfs_update_patched(patch);
	fk_sysfs_update_order();
}

void fk_sysfs_del_nops(const struct fk_module *patch)
{
	char path[PATH_MAX], object[FK_NAME_LEN], function[160];
	const char *line = patch->nops;

	for (; *line; line += strcspn(line, "\n") + 1) {
		if (sscanf(line, "%55s %159s", object, function) != 2)
			continue;
		snprintf(path, sizeof(path), PATCH_DIR "/%s/%s/%s", patch->info.name,
			 object, function);
		rmdir(path);
		snprintf(path, sizeof(path), PATCH_DIR "/%s/%s", patch->info.name,
			 object);
		if (!fk_in_list(patch->info.objects, object) && !access(path, F_OK))
			take_away(path);
	}
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
	char dir[PATH_MAX], name[NAME_MAX + 16];
	struct dirent *d;
	DIR *objects;

	snprintf(dir, sizeof(dir), PATCH_DIR "/%s", patch->info.name);
	objects = opendir(dir);
	while (objects && (d = readdir(objects))) {
		if (d->d_type != DT_DIR || !fk_patch_has(patch, d->d_name))
			continue;
		snprintf(name, sizeof(name), "%s/patched", d->d_name);
		fk_sysfs_patch_attr(patch, name, fk_object_loaded(d->d_name));
	}
	if (objects)
		closedir(objects);
}
