/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notes on patches and targets, each a small file in /run. */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/live/live.h"
#include "libklpdep/live/notes.h"

#define INSERTED "inserted"
#define APPLIED "applied"
#define REFUSED "refused"
#define WAITED "waited"
#define WHY "why"

#define PATH_SIZE 256
#define NOTE_SIZE (256 + KLP_REFUSAL_SIZE)

/* Notes of one kind are in one directory.  No module's name has a dot. */
static void note_path(const char *kind, const char *name, const char *target,
		      char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, RUN_DIR "/%s/%s%s%s", kind, name, target ? "." : "",
		 target ? target : "");
}

static void put(const char *kind, const char *name, const char *target, const char *text)
{
	char path[PATH_SIZE];

	note_path(kind, name, target, path);
	klp_write_unsynced(path, text, strlen(text));
}

/* Without allocating memory, which may be short.  False: there is no such note. */
static bool read_note(const char *kind, const char *name, const char *target,
		      char text[NOTE_SIZE])
{
	char path[PATH_SIZE];

	note_path(kind, name, target, path);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, text, NOTE_SIZE - 1) : -1;

	text[n < 0 ? 0 : n] = '\0';
	return n >= 0;
}

/* When a note was written; -1: there is none. */
static long long written_at(const char *kind, const char *name, const char *target)
{
	char path[PATH_SIZE];
	struct stat st;

	note_path(kind, name, target, path);
	return stat(path, &st) == 0 ? (long long)st.st_mtime : -1;
}

/* A module or patch that was loaded later has another directory in sysfs. */
static bool find_inode(const char *dir, const char *name, uintmax_t *inode)
{
	char path[PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), SYSFS_DIR "/%s/%s", dir, name);
	if (stat(path, &st) < 0)
		return false;
	*inode = st.st_ino;
	return true;
}

/* ---- marks ------------------------------------------------------------------------- */

void klp_mark_put(const char *kind, const char *name)
{
	put(kind, name, NULL, "");
}

bool klp_mark_exists(const char *kind, const char *name)
{
	return written_at(kind, name, NULL) >= 0;
}

bool klp_mark_remove(const char *kind, const char *name)
{
	char path[PATH_SIZE];

	note_path(kind, name, NULL, path);
	return unlink(path) == 0;
}

/* ---- inserted patches -------------------------------------------------------------- */

void klp_note_inserted(const char *name, const struct klpdep_patch *patch,
		       const struct klp_note *note)
{
	char text[NOTE_SIZE];
	unsigned int callbacks = 0;
	uintmax_t inode;

	klp_mark_remove(WHY, name);
	if (!find_inode("module", name, &inode))
		return;
	for (size_t i = 0; patch && i < patch->n_objects; i++) {
		callbacks |= patch->objects[i].callbacks;
		if (patch->objects[i].has_relocs &&
		    klp_live_has_object(patch->objects[i].name))
			klp_note_applied(name, patch->objects[i].name);
	}
	snprintf(text, sizeof(text), "%ju %u %d %d %llu\n", inode, callbacks,
		 note->for_target, (int)note->loader, note->loader_start);
	put(INSERTED, name, NULL, text);
}

void klp_note_removed(const char *name)
{
	klp_mark_remove(INSERTED, name);
}

void klp_note_settled(const char *name)
{
	char path[PATH_SIZE];

	note_path(INSERTED, name, NULL, path);
	utimensat(AT_FDCWD, path, NULL, 0);
}

bool klp_note_find_inserted(const char *name, struct klp_note *note)
{
	char text[NOTE_SIZE];
	uintmax_t noted, inode;
	int for_target = 0, loader = 0;

	*note = (struct klp_note){ 0 };
	/* Before 0.9, a note had two numbers. */
	if (!read_note(INSERTED, name, NULL, text) ||
	    sscanf(text, "%ju %u %d %d %llu", &noted, &note->callbacks, &for_target, &loader,
		   &note->loader_start) < 2 ||
	    !find_inode("module", name, &inode) || noted != inode) {
		note->callbacks = 0;
		return false;
	}
	note->for_target = for_target;
	note->loader = loader;
	return true;
}

/* ---- a patch and a target ---------------------------------------------------------- */

void klp_note_applied(const char *patch, const char *target)
{
	char text[32];
	uintmax_t inode;

	if (klp_streq(target, "vmlinux") || !find_inode("module", patch, &inode))
		return;
	snprintf(text, sizeof(text), "%ju\n", inode);
	put(APPLIED, patch, target, text);
}

bool klp_note_was_applied(const char *patch, const char *target)
{
	char text[NOTE_SIZE];
	uintmax_t noted, inode;

	return read_note(APPLIED, patch, target, text) && sscanf(text, "%ju", &noted) == 1 &&
	       find_inode("module", patch, &inode) && noted == inode;
}

long long klp_note_find_since(const char *patch, const char *target)
{
	struct klp_note note;
	long long inserted = klp_note_find_inserted(patch, &note) ?
				     written_at(INSERTED, patch, NULL) : -1;
	long long applied = klp_note_was_applied(patch, target) ?
				    written_at(APPLIED, patch, target) : -1;

	return inserted > applied ? inserted : applied;
}

void klp_note_refused(const char *patch, const char *target, const char *builds)
{
	put(REFUSED, patch, target, builds);
}

bool klp_note_was_refused(const char *patch, const char *target, const char *builds)
{
	char text[NOTE_SIZE];

	return read_note(REFUSED, patch, target, text) && klp_streq(text, builds);
}

/* ---- why a patch was not loaded ---------------------------------------------------- */

void klp_note_identify(const char *file, char id[KLP_FILE_ID_SIZE])
{
	struct stat st = { 0 };

	if (!file || stat(file, &st) < 0)
		st = (struct stat){ 0 };
	snprintf(id, KLP_FILE_ID_SIZE, "%jd %jd %jd", (intmax_t)st.st_size,
		 (intmax_t)st.st_mtime, (intmax_t)st.st_ino);
}

void klp_note_why(const char *patch, const char *target, const char *file,
		  enum klpdep_refusal class, const char *text)
{
	char id[KLP_FILE_ID_SIZE], note[NOTE_SIZE];

	klp_note_identify(file, id);
	snprintf(note, sizeof(note), "%s\n%d %s\n%.*s\n", id, (int)class, target ? target : "-",
		 KLP_REFUSAL_SIZE - 1, text);
	put(WHY, patch, NULL, note);
}

bool klp_note_find_why(const char *patch, const char *file, char target[KLP_MODULE_NAME_LEN],
		       struct klp_refusal *why)
{
	char note[NOTE_SIZE], id[KLP_FILE_ID_SIZE], *rest = note, *line;
	int class = 0;

	*why = (struct klp_refusal){ 0 };
	klp_note_identify(file, id);
	if (!read_note(WHY, patch, NULL, note))
		return false;
	line = strsep(&rest, "\n");
	if (!klp_streq(line, id) || !(line = strsep(&rest, "\n")) || !rest ||
	    sscanf(line, "%d %55s", &class, target) != 2)
		return false;
	rest[strcspn(rest, "\n")] = '\0';
	why->class = (enum klpdep_refusal)class;
	snprintf(why->text, sizeof(why->text), "%s", rest);
	if (klp_streq(target, "-"))
		target[0] = '\0';
	return klpdep_refusal_name(why->class) && *why->text;
}

/* ---- transitions ------------------------------------------------------------------- */

/* A patch has one transition in each direction while it is loaded. */
long long klp_waited_since(const char *patch, long long now)
{
	uintmax_t inode, noted_inode;
	int enabling = klp_live_patch(patch) == KLP_PATCH_ENABLING, noted_enabling;
	char text[NOTE_SIZE];
	long long since;

	if (!find_inode("kernel/livepatch", patch, &inode))
		return now;
	if (read_note(WAITED, patch, NULL, text) &&
	    sscanf(text, "%ju %d %lld", &noted_inode, &noted_enabling, &since) == 3 &&
	    noted_inode == inode && noted_enabling == enabling && since <= now)
		return since;
	snprintf(text, sizeof(text), "%ju %d %lld\n", inode, enabling, now);
	put(WAITED, patch, NULL, text);
	return now;
}

void klp_waited_forget(const char *patch)
{
	klp_mark_remove(WAITED, patch);
}
