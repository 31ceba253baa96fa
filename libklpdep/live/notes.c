/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notes on patches, each a small file in /run. */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "libklpdep/live/live.h"
#include "libklpdep/live/notes.h"

/* The unit tests have this in a directory of theirs. */
#ifndef SYSFS_DIR
#define SYSFS_DIR "/sys"
#endif

#define INSERTED_DIR RUN_DIR "/inserted"
#define APPLIED_DIR RUN_DIR "/applied"
#define REFUSED_DIR RUN_DIR "/refused"
#define WHY_DIR RUN_DIR "/why"

#define NOTE_MAX 256

/* A module of the same name that was loaded later has another directory in sysfs. */
static bool find_inode(const char *name, ino_t *inode)
{
	char path[NOTE_MAX];
	struct stat st;

	snprintf(path, sizeof(path), SYSFS_DIR "/module/%s", name);
	if (stat(path, &st) < 0)
		return false;
	*inode = st.st_ino;
	return true;
}

/* What a note says, which is short: no memory is needed that may lack.  False: there is none. */
static bool read_note(const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, text, size - 1) : -1;

	text[n < 0 ? 0 : n] = '\0';
	return n >= 0;
}

/* ---- inserted ---------------------------------------------------------------------- */

static void inserted_path(const char *name, char path[NOTE_MAX])
{
	snprintf(path, NOTE_MAX, INSERTED_DIR "/%s", name);
}

static void why_path(const char *name, char path[NOTE_MAX])
{
	snprintf(path, NOTE_MAX, WHY_DIR "/%s", name);
}

void klp_note_inserted(const char *name, const struct klpdep_patch *patch,
		       const struct klp_note *note)
{
	char path[NOTE_MAX], text[NOTE_MAX];
	unsigned int callbacks = 0;
	ino_t inode;

	why_path(name, path);
	unlink(path);
	if (!find_inode(name, &inode))
		return;
	for (size_t i = 0; patch && i < patch->n_objects; i++) {
		callbacks |= patch->objects[i].callbacks;
		if (patch->objects[i].has_relocs &&
		    klp_live_has_object(patch->objects[i].name))
			klp_note_applied(name, patch->objects[i].name);
	}
	inserted_path(name, path);
	snprintf(text, sizeof(text), "%ju %u %d %d %llu\n", (uintmax_t)inode, callbacks,
		 note->for_target, (int)note->loader, note->loader_start);
	klp_write_unsynced(path, text, strlen(text));
}

void klp_note_removed(const char *name)
{
	char path[NOTE_MAX];

	inserted_path(name, path);
	unlink(path);
}

void klp_note_settled(const char *name)
{
	char path[NOTE_MAX];

	inserted_path(name, path);
	utimensat(AT_FDCWD, path, NULL, 0);
}

bool klp_note_find_inserted(const char *name, struct klp_note *note)
{
	char text[NOTE_MAX + 1];
	char path[NOTE_MAX];
	uintmax_t noted;
	ino_t inode;
	int for_target = 0, loader = 0;

	*note = (struct klp_note){ 0 };
	inserted_path(name, path);
	/* Before 0.9, there were two numbers. */
	if (!read_note(path, text, sizeof(text)) ||
	    sscanf(text, "%ju %u %d %d %llu", &noted, &note->callbacks, &for_target, &loader,
		   &note->loader_start) < 2 ||
	    !find_inode(name, &inode) || noted != (uintmax_t)inode) {
		note->callbacks = 0;
		return false;
	}
	note->for_target = for_target;
	note->loader = loader;
	return true;
}

/* ---- a patch and a target ---------------------------------------------------------- */

/* No module's name has a dot. */
static void pair_path(const char *dir, const char *patch, const char *target,
		      char path[NOTE_MAX])
{
	snprintf(path, NOTE_MAX, "%s/%s.%s", dir, patch, target);
}

void klp_note_applied(const char *patch, const char *target)
{
	char path[NOTE_MAX], text[32];
	ino_t inode;

	if (klp_streq(target, "vmlinux") || !find_inode(patch, &inode))
		return;
	pair_path(APPLIED_DIR, patch, target, path);
	snprintf(text, sizeof(text), "%ju\n", (uintmax_t)inode);
	klp_write_unsynced(path, text, strlen(text));
}

bool klp_note_was_applied(const char *patch, const char *target)
{
	char text[NOTE_MAX + 1];
	char path[NOTE_MAX];
	uintmax_t noted;
	ino_t inode;

	pair_path(APPLIED_DIR, patch, target, path);
	return read_note(path, text, sizeof(text)) && sscanf(text, "%ju", &noted) == 1 &&
	       find_inode(patch, &inode) && noted == (uintmax_t)inode;
}

/* When a note was written that holds; -1: there is none. */
static long long written_at(const char *path, bool holds)
{
	struct stat st;

	return holds && stat(path, &st) == 0 ? (long long)st.st_mtime : -1;
}

long long klp_note_find_since(const char *patch, const char *target)
{
	char path[NOTE_MAX];
	struct klp_note note;
	long long inserted, applied;

	inserted_path(patch, path);
	inserted = written_at(path, klp_note_find_inserted(patch, &note));
	pair_path(APPLIED_DIR, patch, target, path);
	applied = written_at(path, klp_note_was_applied(patch, target));
	return inserted > applied ? inserted : applied;
}

void klp_note_refused(const char *patch, const char *target, const char *builds)
{
	char path[NOTE_MAX];

	pair_path(REFUSED_DIR, patch, target, path);
	klp_write_unsynced(path, builds, strlen(builds));
}

bool klp_note_was_refused(const char *patch, const char *target, const char *builds)
{
	char text[NOTE_MAX + 1];
	char path[NOTE_MAX];

	pair_path(REFUSED_DIR, patch, target, path);
	return read_note(path, text, sizeof(text)) && klp_streq(text, builds);
}

/* ---- why it was not loaded ---------------------------------------------------------- */

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
	char path[NOTE_MAX], id[KLP_FILE_ID_SIZE], note[NOTE_MAX + KLP_REFUSAL_SIZE];

	why_path(patch, path);
	klp_note_identify(file, id);
	snprintf(note, sizeof(note), "%s\n%d %s\n%.*s\n", id, (int)class, target ? target : "-",
		 KLP_REFUSAL_SIZE - 1, text);
	klp_write_unsynced(path, note, strlen(note));
}

bool klp_note_find_why(const char *patch, const char *file, char target[KLP_MODULE_NAME_LEN],
		       struct klp_refusal *why)
{
	char note[NOTE_MAX + KLP_REFUSAL_SIZE + 1];
	char path[NOTE_MAX], id[KLP_FILE_ID_SIZE], *rest, *line;
	int class = 0;

	*why = (struct klp_refusal){ 0 };
	why_path(patch, path);
	klp_note_identify(file, id);
	if (!read_note(path, note, sizeof(note)))
		return false;
	rest = note;
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
