/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Marks and proofs.  A mark is a line MACHINE KERNEL BUILD BOOT in the patch's file.
 * Marks of another machine, or of another build of the kernel or the patch, are void.
 * The next write of the file drops them.
 */
#include "config.h"

#include <sys/stat.h>

#include "libklpdep/live/guard-internal.h"
#include "libklpdep/live/notes.h"

static void mark_path(const char *kernel, const char *name, char path[KLP_GUARD_PATH_SIZE])
{
	snprintf(path, KLP_GUARD_PATH_SIZE, KLP_GUARD_DIR "/%s/%s", kernel, name);
}

/* The beginning of a mark that counts. */
static void mark_head(const struct klp_guard *guard, const struct klpdep_patch *patch,
		      char head[KLP_GUARD_PATH_SIZE])
{
	const char *build = klp_guard_build(patch);

	snprintf(head, KLP_GUARD_PATH_SIZE, "%s %s %s ", guard->machine, guard->kernel,
		 build ? build : "-");
}

/* The boots that have left a mark that counts. */
static int read_boots(const struct klp_guard *guard, const struct klpdep_patch *patch,
		      struct klp_strv *boots)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };
	_cleanup_free_ char *text = NULL;
	char path[KLP_GUARD_PATH_SIZE], head[KLP_GUARD_PATH_SIZE];
	int err;

	mark_path(guard->index->kernel, patch->name, path);
	mark_head(guard, patch, head);
	err = klp_read_text(path, KLP_MARKS_MAX, &text);
	if (err < 0)
		return err == -ENOMEM ? err : 0;
	err = klp_strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n && err == 0; i++) {
		const char *boot = klp_after_prefix(lines.v[i], head);

		if (boot)
			err = klp_strv_add_unique(boots, boot);
	}
	return err;
}

static int write_boots(const struct klp_guard *guard, const struct klpdep_patch *patch,
		       const struct klp_strv *boots)
{
	_cleanup_free_ char *text = NULL;
	char path[KLP_GUARD_PATH_SIZE], head[KLP_GUARD_PATH_SIZE];
	FILE *stream;
	size_t size;

	mark_path(guard->index->kernel, patch->name, path);
	if (!boots->n)
		return klp_remove_file(path);
	mark_head(guard, patch, head);
	stream = open_memstream(&text, &size);
	if (!stream)
		return -ENOMEM;
	for (size_t i = 0; i < boots->n; i++)
		fprintf(stream, "%s%s\n", head, boots->v[i]);
	if (klp_close_text(stream, &text) < 0)
		return -ENOMEM;
	return klp_write_if_changed(path, text, size);
}

size_t klp_guard_count_marks(const struct klp_guard *guard, const struct klpdep_patch *patch,
			     struct timespec *last)
{
	_cleanup_strv_ struct klp_strv boots = { 0 };
	char path[KLP_GUARD_PATH_SIZE];
	struct stat st;

	read_boots(guard, patch, &boots);
	mark_path(guard->index->kernel, patch->name, path);
	*last = stat(path, &st) == 0 ? st.st_mtim : (struct timespec){ 0 };
	return boots.n - klp_strv_has(&boots, guard->boot);
}

bool klp_guard_is_marked(const struct klp_guard *guard, const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv boots = { 0 };

	read_boots(guard, patch, &boots);
	return klp_strv_has(&boots, guard->boot);
}

/* A mark without these would name no boot. */
static int add_mark(const struct klp_guard *guard, const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv boots = { 0 };
	int err = *guard->boot && *guard->machine ? 0 : -ENODATA;

	if (err == 0)
		err = read_boots(guard, patch, &boots);
	if (err == 0)
		err = klp_strv_add_unique(&boots, guard->boot);
	return err < 0 ? err : write_boots(guard, patch, &boots);
}

int klp_guard_mark(struct klpdep_ctx *ctx, const struct klp_guard *guard, const char *name)
{
	const struct klpdep_patch *patch = guard->on ? klp_index_find(guard->index, name) : NULL;
	const char *why;
	bool is_admitted;
	int err;

	if (!patch || klp_guard_judge(guard, patch, &why) == KLP_VERDICT_PROVEN)
		return 0;
	klp_guard_call();
	err = add_mark(guard, patch);
	if (err == 0)
		return 0;
	is_admitted = klp_mark_exists(KLP_MARK_ADMITTED, name);
	klp_say(ctx, KLP_SAY_UNGUARDED, false, name, "no mark can be kept in %s: %s%s",
		KLP_GUARD_DIR, klpdep_strerror(err),
		is_admitted ? "; it is inserted without" : "");
	return is_admitted ? 0 : err;
}

void klp_guard_unmark(const struct klp_guard *guard, const struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv boots = { 0 }, others = { 0 };
	int err = guard->on ? read_boots(guard, patch, &boots) : 0;

	/* A boot may have ended just after it wrote the proof. */
	for (size_t i = 0; i < boots.n && err == 0 && !klp_guard_has_proof(guard, patch); i++) {
		if (!klp_streq(boots.v[i], guard->boot))
			err = klp_strv_add(&others, boots.v[i]);
	}
	if (err == 0 && others.n < boots.n)
		write_boots(guard, patch, &others);
}

/* ---- in /run ----------------------------------------------------------------------- */

void klp_guard_call(void)
{
	klp_write_unsynced(KLP_GUARD_CALL, "", 0);
}

void klp_guard_take_call(void)
{
	unlink(KLP_GUARD_CALL);
}

bool klp_guard_is_boot_complete(void)
{
	return access(KLP_GUARD_COMPLETE, F_OK) == 0;
}

bool klp_guard_is_image_due(const struct klp_guard *guard, const struct klpdep_patch *patch)
{
	const char *why;

	return guard->on && klp_mark_exists(KLP_MARK_IMAGE, patch->name) &&
	       klp_guard_judge(guard, patch, &why) == KLP_VERDICT_PROVEN;
}

void klp_guard_note_lasting(const struct klp_guard *guard)
{
	char text[2 * KLP_GUARD_ID_SIZE + 2];
	_cleanup_free_ char *old = NULL;
	const char *rest;

	if (!guard->on || !*guard->machine || !*guard->boot)
		return;
	/* Keep the first boot that has written it. */
	if (klp_read_text(KLP_GUARD_LASTING, KLP_MARKS_MAX, &old) == 0 &&
	    (rest = klp_after_prefix(old, guard->machine)) && *rest == ' ')
		return;
	snprintf(text, sizeof(text), "%s %s\n", guard->machine, guard->boot);
	klp_write_whole(KLP_GUARD_LASTING, text, strlen(text));
}

/* ---- proofs ------------------------------------------------------------------------ */

char *klp_guard_state_file(const struct klpdep_ctx *ctx, const char *kernel)
{
	return klp_format("%s" KLP_GUARD_DIR "/%s.proven", ctx->root, kernel);
}

/* A proof ends when its patch is no longer in the index. */
static int write_proven(struct klpdep_ctx *ctx, const struct klp_guard *guard)
{
	const struct klpdep_index *index = guard->index;
	_cleanup_free_ char *tree = klp_module_path(ctx, index->kernel, KLP_PROVEN_FILE);
	_cleanup_free_ char *state = klp_guard_state_file(ctx, index->kernel), *text = NULL;
	size_t size;
	FILE *stream = tree && state ? open_memstream(&text, &size) : NULL;
	int err;

	if (!stream)
		return -ENOMEM;
	fprintf(stream, KLP_PROVEN_HEAD "%s\n", guard->kernel);
	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		if (klp_guard_has_proof(guard, patch))
			fprintf(stream, "%s %s\n", patch->name, klp_guard_build(patch));
	}
	if (klp_close_text(stream, &text) < 0)
		return -ENOMEM;
	err = klp_write_if_changed(tree, text, size);
	return err == -EROFS || err == -EACCES || err == -EPERM ?
		       klp_write_if_changed(state, text, size) :
		       err;
}

int klp_guard_prove(struct klpdep_ctx *ctx, struct klp_guard *guard, const struct klp_strv *names)
{
	const struct klp_strv none = { 0 };
	int err = 0;

	for (size_t i = 0; i < names->n && err == 0; i++) {
		const struct klpdep_patch *patch = klp_index_find(guard->index, names->v[i]);
		_cleanup_free_ char *line = patch ? klp_guard_proven_line(patch) : NULL;

		if (line)
			err = klp_strv_add(&guard->proven, line);
	}
	klp_strv_sort_unique(&guard->proven);
	if (err == 0 && names->n)
		err = write_proven(ctx, guard);
	/* Only after the proof is on the disk. */
	for (size_t i = 0; i < names->n && err == 0; i++) {
		const struct klpdep_patch *patch = klp_index_find(guard->index, names->v[i]);

		if (!patch)
			continue;
		write_boots(guard, patch, &none);
		if (klp_guard_has_proof(guard, patch))
			klp_say(ctx, KLP_SAY_PROVEN, false, patch->name,
				"it has been in this kernel, and the machine has come up");
	}
	return err;
}

/* ---- taking marks away by hand, or with a kernel ----------------------------------- */

/* The marks of a kernel, by the patches' names. */
static int list_marks(const char *dir, struct klp_strv *names)
{
	_cleanup_closedir_ DIR *d = opendir(dir);
	struct dirent *entry;
	int err = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (err == 0 && (entry = readdir(d))) {
		if (klp_name_valid(entry->d_name))
			err = klp_strv_add(names, entry->d_name);
	}
	klp_strv_sort(names);
	return err;
}

static int remove_marks(const char *dir, const struct klp_strv *names)
{
	int err = 0;

	for (size_t i = 0; i < names->n && err == 0; i++) {
		_cleanup_free_ char *path = klp_format("%s/%s", dir, names->v[i]);

		err = path ? klp_remove_file(path) : -ENOMEM;
	}
	return err;
}

static char *marks_directory(const struct klpdep_ctx *ctx, const char *kernel)
{
	return klp_format("%s" KLP_GUARD_DIR "/%s", ctx->root, kernel);
}

int klpdep_reset_failed(struct klpdep_ctx *ctx, const char *kernel, const char *const *patches,
			size_t n)
{
	_cleanup_free_ char *dir = NULL;
	_cleanup_strv_ struct klp_strv names = { 0 }, wanted = { 0 };
	unsigned int before = ctx->n_errors;
	int err = klp_check_kernel(ctx, kernel);

	if (err == 0 && !(dir = marks_directory(ctx, kernel)))
		err = -ENOMEM;
	if (err == 0)
		err = list_marks(dir, &names);
	for (size_t i = 0; i < n && err == 0; i++) {
		char name[KLP_MODULE_NAME_LEN];

		err = klp_check_name(ctx, patches[i], name);
		if (err == 0 && !klp_strv_has(&names, name)) {
			klp_err(ctx, "%s: no boot of kernel %s has left a mark of it", name, kernel);
			err = -ENOENT;
		}
		if (err == 0)
			err = klp_strv_add_unique(&wanted, name);
	}
	if (err == 0)
		err = remove_marks(dir, n ? &wanted : &names);
	return klp_ended(ctx, before, err, dir ? dir : kernel);
}

void klp_guard_remove(struct klpdep_ctx *ctx, const char *kernel)
{
	_cleanup_free_ char *dir = marks_directory(ctx, kernel);
	_cleanup_free_ char *tree = klp_module_path(ctx, kernel, KLP_PROVEN_FILE);
	_cleanup_free_ char *state = klp_guard_state_file(ctx, kernel);
	_cleanup_strv_ struct klp_strv names = { 0 };

	if (!dir || !tree || !state || list_marks(dir, &names) < 0)
		return;
	remove_marks(dir, &names);
	rmdir(dir);
	unlink(tree);
	unlink(state);
}
