/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of targets at the time when their patches were compared with them.  If a file
 * has changed since, for instance by a DKMS rebuild, its patches may not fit. */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/fit/fit.h"
#include "libklpdep/fit/object-file.h"

#define SECOND 1000000000

static void set_stamp(struct klp_target *target, const struct stat *st)
{
	target->size = (uint64_t)st->st_size;
	target->mtime = (int64_t)st->st_mtim.tv_sec * SECOND + st->st_mtim.tv_nsec;
	target->inode = (uint64_t)st->st_ino;
}

/* ---- storing ----------------------------------------------------------------------- */

/* A temporary error must not be stored as a property of the file. */
static void note_failure(struct klp_fit *fit, const char *path, int err)
{
	if (!klp_is_passing(err))
		return;
	klp_err(fit->ctx, "%s: %s", path, klpdep_strerror(err));
	fit->is_incomplete = true;
}

/* A missing file has no record. */
static int add_target(struct klp_fit *fit, struct klpdep_index *index,
		      const struct klp_module *module)
{
	struct klp_target *target;
	struct stat st;
	int err = klp_moddep_stat(fit->ctx, fit->kernel, module, &st);

	if (err < 0) {
		note_failure(fit, module->path, err);
		return err == -ENOMEM ? err : 0;
	}
	target = klp_index_add_target(index, module->name);
	if (!target)
		return -ENOMEM;
	set_stamp(target, &st);
	return 0;
}

int klp_fit_targets(struct klp_fit *fit, struct klpdep_index *index)
{
	int err = 0;

	for (size_t i = 0; i < index->n_edges && err == 0; i++) {
		const char *name = index->edges[i].object->name;
		const struct klp_module *module = klp_moddep_find(fit->moddep, name);

		if (module && (!i || !klp_streq(name, index->edges[i - 1].object->name)))
			err = add_target(fit, index, module);
	}
	return err;
}

/* An unreadable file has no build-id. */
int klp_fit_build_ids(struct klp_fit *fit, struct klpdep_index *index)
{
	_cleanup_free_ const char **names = calloc(index->n_targets + 1, sizeof(*names));
	int err = names ? 0 : -ENOMEM;

	for (size_t i = 0; i < index->n_targets && err == 0; i++)
		names[i] = index->targets[i].name;
	if (err == 0)
		err = klp_object_files_read(fit->files, names, index->n_targets,
					    fit->threads);
	for (size_t i = 0; i < index->n_targets && err == 0; i++) {
		struct klp_target *target = &index->targets[i];
		const struct klp_object_file *file;

		err = klp_object_files_get(fit->files, target->name, &file);
		if (err == 0 && file->err < 0)
			note_failure(fit, target->name, file->err);
		if (err == 0 && file->build_id)
			err = klp_set_string(&target->build_id, file->build_id);
	}
	return err;
}

/* ---- comparing --------------------------------------------------------------------- */

/* cpio archives have whole seconds only.  An image without times may have an index that is
 * older than it. */
static bool is_same_time(int64_t a, int64_t b)
{
	if (klp_is_no_time(a / SECOND) || klp_is_no_time(b / SECOND))
		return true;
	return a == b || ((a % SECOND == 0 || b % SECOND == 0) && a / SECOND == b / SECOND);
}

/* The build-id tells the contents, if both have one: files in an initrd are copies with
 * other times. */
bool klp_fit_is_other_target(const struct klp_target *was, const struct klp_target *is)
{
	if (was->build_id && is->build_id)
		return !klp_streq(was->build_id, is->build_id);
	return was->size != is->size || !is_same_time(was->mtime, is->mtime);
}

/* Reads the target's build-id, if the index has one to compare it with. */
static bool is_other_file(const char *path, const struct klp_target *was,
			  const struct klp_target *is)
{
	struct klp_object_file file = { 0 };
	struct klp_target now = *is;
	bool other = true;

	if (!was->build_id)
		return klp_fit_is_other_target(was, is);
	if (klp_object_file_read(path, false, &file) == 0 && file.err == 0) {
		now.build_id = file.build_id;
		other = klp_fit_is_other_target(was, &now);
	}
	klp_object_file_clear(&file);
	return other;
}

bool klp_fit_target_changed(struct klp_kmod *kmod, const struct klpdep_index *index,
			    const char *target)
{
	const struct klp_target *was = klp_index_find_target(index, target);
	_cleanup_free_ char *path = was ? klp_kmod_file(kmod, target) : NULL;
	struct klp_target is = { 0 };
	struct stat st;

	if (!path || stat(path, &st) < 0)
		return false;
	set_stamp(&is, &st);
	if (is.size == was->size && is.mtime == was->mtime && is.inode == was->inode)
		return false;
	return is_other_file(path, was, &is);
}
