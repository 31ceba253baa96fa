/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The indexes of other kernels.  The rules for all kernels are in the same files. */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/publish/others.h"
#include "libklpdep/tree/scan.h"

/* The entries in the directory of all kernels. */
struct entry {
	char *name;
	struct stat st;
	bool is_link;
};

struct entries {
	struct entry *v;
	size_t n;
};

static void entries_clear(struct entries *entries)
{
	for (size_t i = 0; i < entries->n; i++)
		free(entries->v[i].name);
	free(entries->v);
}

/* Add a directory: a stray file is no kernel. */
static int add_entry(DIR *dir, const char *name, struct entries *entries)
{
	struct entry *entry;
	struct stat st, link;

	if (!klp_kernel_valid(name))
		return 0;
	if (fstatat(dirfd(dir), name, &st, 0) < 0 ||
	    fstatat(dirfd(dir), name, &link, AT_SYMLINK_NOFOLLOW) < 0)
		return klp_is_passing(-errno) ? -errno : 0;
	if (!S_ISDIR(st.st_mode))
		return 0;
	entry = klp_append(entries->v, entries->n);
	if (!entry || !(entry->name = strdup(name)))
		return -ENOMEM;
	entry->st = st;
	entry->is_link = S_ISLNK(link.st_mode);
	return 0;
}

static int read_entries(const char *path, struct entries *entries)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	int err = dir ? 0 : -errno;

	/* A missing directory is no error. */
	if (err < 0)
		return klp_is_passing(err) ? err : 0;
	while (err == 0) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		err = add_entry(dir, entry->d_name, entries);
	}
	return err;
}

/* A link may be another name of an existing kernel. */
static bool is_alias(const struct entries *entries, const struct entry *link)
{
	for (size_t i = 0; i < entries->n && link->is_link; i++) {
		const struct entry *entry = &entries->v[i];

		if (!entry->is_link && entry->st.st_ino == link->st.st_ino &&
		    entry->st.st_dev == link->st.st_dev)
			return true;
	}
	return false;
}

/* The names in the directory of all kernels, without those of this run. */
static int list_others(const struct klpdep_publisher *publisher, struct klp_strv *kernels)
{
	_cleanup_(entries_clear) struct entries entries = { 0 };
	_cleanup_free_ char *path = klp_path(publisher->ctx, MODULES_DIR);
	int err = path ? read_entries(path, &entries) : -ENOMEM;

	if (err < 0 && err != -ENOMEM)
		klp_err(publisher->ctx, "%s: %s", path, klpdep_strerror(err));
	for (size_t i = 0; i < entries.n && err == 0; i++) {
		const struct entry *entry = &entries.v[i];

		if (!is_alias(&entries, entry) &&
		    !klp_publisher_find(publisher, entry->name))
			err = klp_strv_add(kernels, entry->name);
	}
	klp_strv_sort(kernels);
	return klp_said(publisher->ctx, err);
}

/* Make an unreadable index anew, or its rules would be lost.  It is right to overwrite
 * the index of a later klpdep, since the helper of this version cannot read it. */
static int make_anew(struct klpdep_publisher *publisher, const char *kernel, int *bad)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_index_ struct klpdep_index *index = NULL;
	size_t unreadable = 0;
	int err = klp_publisher_config(publisher);

	if (err == 0)
		err = klp_scan_list(publisher->ctx, kernel, publisher->config, &moddep);
	if (err == 0)
		err = klp_index_scan(publisher->ctx, kernel, &moddep, 0, 0, NULL, NULL, &index,
				     &unreadable);
	/* The new rules of unreadable modules are unknown, and only the files have the
	 * old ones. */
	if (err == 0 && unreadable)
		err = -EBADMSG;
	if (err < 0) {
		klp_err(publisher->ctx, "the index of kernel %s can neither be read nor "
			"made anew, and so the rules stay as they are; run depmod %s and "
			"klpdep depmod %s, or klpdep depmod --remove %s", kernel, kernel,
			kernel, kernel);
		return err;
	}
	klp_warn(publisher->ctx, "the index of kernel %s is made anew from its modules",
		 kernel);
	err = klp_publish_misfits(publisher, &moddep, index);
	if (err > 0)
		*bad = -EIO;
	if (err >= 0)
		err = klp_publish_index(publisher, index);
	if (err < 0)
		*bad = err;
	return klp_said(publisher->ctx, klp_publisher_add(publisher, index));
}

static int add_index(struct klpdep_publisher *publisher, const char *kernel, int *bad)
{
	_cleanup_index_ struct klpdep_index *index = NULL;
	int err = klp_index_open(publisher->ctx, kernel, &index);

	if (err == 0)
		return klp_said(publisher->ctx, klp_publisher_add(publisher, index));
	/* The error in the index has been logged. */
	if (err == -ENOENT)
		return 0;
	return klp_is_lack(err) ? err : make_anew(publisher, kernel, bad);
}

int klp_publisher_add_others(struct klpdep_publisher *publisher, int *bad)
{
	_cleanup_strv_ struct klp_strv kernels = { 0 };
	int err = list_others(publisher, &kernels);

	for (size_t i = 0; i < kernels.n && err == 0; i++)
		err = add_index(publisher, kernels.v[i], bad);
	return err;
}
