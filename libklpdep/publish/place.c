/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where indexes and rules are written. */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/publish/place.h"

/* modprobe.d(5) prefers files of this directory to those of the same name in
 * RULES_DIR. */
#define RUN_RULES_DIR "/run/modprobe.d"

void klp_place_clear(struct klp_place *place)
{
	free(place->lasting);
	free(place->run);
}

static bool is_running_system(const struct klpdep_ctx *out)
{
	return !*out->root;
}

static int check(const struct klpdep_ctx *out, const struct klp_place *place)
{
	return place->lasting && (place->run || !is_running_system(out)) ? 0 : -ENOMEM;
}

int klp_place_of_index(const struct klpdep_ctx *out, const char *kernel, struct klp_place *place)
{
	place->lasting = klp_module_path(out, kernel, KLP_INDEX_FILE);
	if (is_running_system(out))
		place->run = klp_index_run_file(out, kernel);
	return check(out, place);
}

int klp_place_of_rules(const struct klpdep_ctx *out, const char *file, struct klp_place *place)
{
	place->lasting = klp_format("%s" RULES_DIR "/%s", out->root, file);
	if (is_running_system(out))
		place->run = klp_format(RUN_RULES_DIR "/%s", file);
	return check(out, place);
}

/* Whether an administrator has made a link in /run, which masks our file. */
static bool is_masked(const struct klp_place *place)
{
	struct stat st;

	return lstat(place->run, &st) == 0 && !S_ISREG(st.st_mode);
}

static int write_lasting(const char *path, const char *text)
{
	if (text)
		return klp_write_if_changed(path, text, strlen(text));
	/* On a file system that cannot be written, removal fails with EROFS even if
	 * there is no file. */
	return access(path, F_OK) < 0 && errno == ENOENT ? 0 : klp_remove_file(path);
}

int klp_place_write(const struct klp_place *place, const char *text, const char *none,
		    const char **file)
{
	int err = write_lasting(place->lasting, text);

	*file = place->lasting;
	if (err == -EROFS && place->run && (text || none)) {
		*file = place->run;
		text = text ? text : none;
		return is_masked(place) ? 0 : klp_write_if_changed(place->run, text, strlen(text));
	}
	return err < 0 || !place->run || is_masked(place) ? err : klp_remove_file(place->run);
}
