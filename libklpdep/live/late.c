/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Targets for klpdep sync: a mark that makes it run, and a directory with a file for each
 * target.  A name is there before the mark is set, and stays until it was read after the mark
 * was removed.  So no name is lost, and nobody needs a lock. */
#include "config.h"

#include "libklpdep/live/late.h"
#include "libklpdep/live/notes.h"

/* Without configure --with-rundir, since the udev rule has this path. */
#ifndef LATE_DIR
#define LATE_DIR "/run/klpdep"
#endif

#define LATE_PATH LATE_DIR "/late"
/* klpdep-late.service moves the mark here.  Otherwise, if klpdep sync failed, the mark that it
 * left would start it again for ever. */
#define TAKEN_PATH LATE_DIR "/late.taken"

#define LEFT "left"

int klp_late_add(const char *target)
{
	if (target && !klp_name_valid(target))
		return -EINVAL;
	if (target)
		klp_mark_put(LEFT, target);
	return klp_write_unsynced(LATE_PATH, "", 0);
}

int klp_late_take(struct klp_strv *targets)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	int err = 0;

	unlink(TAKEN_PATH);
	unlink(LATE_PATH);
	dir = opendir(RUN_DIR "/" LEFT);
	while (dir && err == 0 && (entry = readdir(dir))) {
		char name[KLP_MODULE_NAME_LEN];

		/* A name with a dot is that of a temporary file. */
		if (strchr(entry->d_name, '.') || klp_name_normalize(entry->d_name, name) < 0)
			continue;
		err = klp_strv_add_unique(targets, name);
		if (err == 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	klp_strv_sort(targets);
	return err;
}
