/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notes of transitions that are waited for. */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/live/live.h"
#include "libklpdep/live/waited.h"

/* The unit tests use a directory of theirs. */
#ifndef SYSFS_DIR
#define SYSFS_DIR "/sys"
#endif

#define WAITED_DIR RUN_DIR "/waited"

static void waited_path(const char *patch, char path[256])
{
	snprintf(path, 256, WAITED_DIR "/%s", patch);
}

/* What distinguishes this transition from others of the patch: the patch's directory in
 * sysfs is a new one each time it is loaded, and each direction has one transition. */
static bool identify(const char *patch, uintmax_t *inode, int *enabling)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), SYSFS_DIR "/kernel/livepatch/%s", patch);
	if (stat(path, &st) < 0)
		return false;
	*inode = st.st_ino;
	*enabling = klp_live_patch(patch) == KLP_PATCH_ENABLING;
	return true;
}

long long klp_waited_since(const char *patch, long long now)
{
	_cleanup_free_ char *note = NULL;
	uintmax_t inode, noted_inode;
	char path[256], text[96];
	int enabling, noted_enabling;
	long long since;

	if (!identify(patch, &inode, &enabling))
		return now;
	waited_path(patch, path);
	if (klp_read_text(path, sizeof(text), &note) == 0 &&
	    sscanf(note, "%ju %d %lld", &noted_inode, &noted_enabling, &since) == 3 &&
	    noted_inode == inode && noted_enabling == enabling && since <= now)
		return since;
	snprintf(text, sizeof(text), "%ju %d %lld\n", inode, enabling, now);
	klp_write_unsynced(path, text, strlen(text));
	return now;
}

void klp_waited_forget(const char *patch)
{
	char path[256];

	waited_path(patch, path);
	unlink(path);
}
