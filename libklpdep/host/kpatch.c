/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The patches that kpatch's own loader loads. */
#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "libklpdep/host/kpatch.h"

#define UNIT "kpatch.service"

/* ---- whether it is enabled --------------------------------------------------------- */

/* systemd.unit(5), reduced to what administrators and packages use; in order of
 * precedence. */
static const char *const unit_dirs[] = {
	"/etc/systemd/system",	   "/run/systemd/system", "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system", "/lib/systemd/system",
};

/* systemctl enable makes a link in multi-user.target.wants, or where [Install] says. */
static bool has_link(int fd, const char *entry)
{
	char link[NAME_MAX + sizeof("/" UNIT)];
	struct stat st;

	if (!klp_ends_with(entry, ".wants") && !klp_ends_with(entry, ".requires"))
		return false;
	snprintf(link, sizeof(link), "%s/" UNIT, entry);
	return fstatat(fd, link, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int is_linked_in(const struct klpdep_ctx *ctx, const char *dir)
{
	_cleanup_free_ char *path = klp_path(ctx, dir);
	_cleanup_closedir_ DIR *d = path ? opendir(path) : NULL;
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (has_link(dirfd(d), entry->d_name))
			return true;
	}
	return path ? false : -ENOMEM;
}

/* systemctl mask makes a link to /dev/null that comes first.  A removed package may have
 * left the other links.  -ENOENT: this directory says nothing. */
static int is_startable_in(const struct klpdep_ctx *ctx, const char *dir)
{
	_cleanup_free_ char *path = klp_path(ctx, dir);
	struct stat st;

	if (!path)
		return -ENOMEM;
	if (fstatat(AT_FDCWD, path, &st, 0) < 0)
		return -ENOENT;
	return S_ISREG(st.st_mode) && st.st_size > 0;
}

static int is_enabled(const struct klpdep_ctx *ctx)
{
	int linked = 0, startable = -ENOENT;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(unit_dirs) && linked == 0; i++)
		linked = is_linked_in(ctx, unit_dirs[i]);
	if (linked <= 0)
		return linked;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(unit_dirs) && startable == -ENOENT; i++) {
		char unit[64];

		snprintf(unit, sizeof(unit), "%s/" UNIT, unit_dirs[i]);
		startable = is_startable_in(ctx, unit);
	}
	return startable == -ENOENT ? false : startable;
}

/* ---- what it loads ----------------------------------------------------------------- */

static int add_modules(DIR *d, struct klp_strv *names)
{
	const struct dirent *entry;
	int err = 0;

	while (err == 0 && (entry = readdir(d))) {
		char name[KLP_MODULE_NAME_LEN];

		/* It ignores compressed files. */
		if (klp_ends_with(entry->d_name, ".ko") &&
		    klp_name_from_path(entry->d_name, name) == 0)
			err = klp_strv_add(names, name);
	}
	return err;
}

int klp_kpatch_list(struct klpdep_ctx *ctx, const char *kernel, struct klp_strv *names)
{
	_cleanup_free_ char *path = klp_format("%s/var/lib/kpatch/%s", ctx->root, kernel);
	_cleanup_closedir_ DIR *d = path ? opendir(path) : NULL;
	int enabled;

	if (!path)
		return -ENOMEM;
	enabled = d ? is_enabled(ctx) : false;
	return enabled > 0 ? add_modules(d, names) : enabled;
}
