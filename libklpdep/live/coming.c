/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files in /run for targets whose first hook has run. */
#include "config.h"

#include "libklpdep/base/whole-file.h"
#include "libklpdep/live/coming.h"

static void note_path(const char *target, char path[256])
{
	snprintf(path, 256, KLP_COMING_DIR "/%s", target);
}

/* Without the file, sync does the work, as for any target without hooks. */
void klp_coming_note(const char *target)
{
	char path[256];

	note_path(target, path);
	klp_write_unsynced(path, "", 0);
}

bool klp_coming_take(const char *target)
{
	char path[256];

	note_path(target, path);
	return unlink(path) == 0;
}
