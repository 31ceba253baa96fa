// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The stack of patches on each function: which one's code runs.  As klp_ftrace_handler()
 * has it: the patch enabled last, but while a transition touches the function the tasks
 * that are not over it yet run what is beneath.
 */
#include "fk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct fk_module *fk_in_transition(void)
{
	return fk->transition < 0 ? NULL : &fk->modules[fk->transition];
}

struct fk_module *fk_next_patch(uint64_t after)
{
	struct fk_module *next = NULL;

	for (size_t i = 0; i < FK_MODULES; i++) {
		struct fk_module *mod = &fk->modules[i];

		if (mod->state != FK_UNUSED && mod->registered && mod->order > after &&
		    (!next || mod->order < next->order))
			next = mod;
	}
	return next;
}

bool fk_object_loaded(const char *object)
{
	return !strcmp(object, "vmlinux") || fk_find(object);
}

static size_t line_len(const char *line)
{
	return strcspn(line, "\n");
}

bool fk_has_line(const char *lines, const char *line, size_t len)
{
	for (; *lines; lines += line_len(lines) + 1)
		if (line_len(lines) == len && !memcmp(lines, line, len))
			return true;
	return false;
}

static bool has_object(const char *lines, const char *object)
{
	size_t len = strlen(object);

	for (; *lines; lines += line_len(lines) + 1)
		if (!strncmp(lines, object, len) && lines[len] == ' ')
			return true;
	return false;
}

bool fk_patch_has(const struct fk_module *patch, const char *object)
{
	return fk_in_list(patch->info.objects, object) || has_object(patch->nops, object);
}

/* klp_add_nops() */
void fk_add_nops(struct fk_module *patch)
{
	char *to = patch->nops, *end = patch->nops + sizeof(patch->nops);

	for (struct fk_module *old = fk_next_patch(0); old;
	     old = fk_next_patch(old->order)) {
		const char *line = old->info.funcs;

		for (; old != patch && *line; line += line_len(line) + 1) {
			size_t len = line_len(line);

			if (len + 2 > (size_t)(end - to) ||
			    fk_has_line(patch->info.funcs, line, len) ||
			    fk_has_line(patch->nops, line, len))
				continue;
			memcpy(to, line, len + 1);
			to += len + 1;
			*to = '\0';
		}
	}
}

/* What runs where only patches enabled before @before count: a patch's name, or "-". */
static const char *runs(const char *line, size_t len, uint64_t before,
			const struct fk_module **patch)
{
	const char *name = "-";

	*patch = NULL;
	for (struct fk_module *p = fk_next_patch(0); p && p->order < before;
	     p = fk_next_patch(p->order)) {
		bool nop = fk_has_line(p->nops, line, len);

		if (!nop && !fk_has_line(p->info.funcs, line, len))
			continue;
		*patch = p;
		name = nop ? "-" : p->info.name;
	}
	return name;
}

/* "OBJECT FUNCTION,SYMPOS NOW", and, where a transition is about that function, what
 * tasks run that are not over it yet. */
static size_t effect_line(char *to, size_t size, const char *line, size_t len)
{
	const struct fk_module *top, *below, *passing = fk_in_transition();
	const char *now = runs(line, len, UINT64_MAX, &top), *before = now;

	if (top && top == passing && passing->enabled)
		before = runs(line, len, top->order, &below);
	else if (top && top == passing)
		now = runs(line, len, top->order, &below);
	if (!strcmp(now, before) && *now == '-')
		return 0;
	if (!strcmp(now, before))
		return (size_t)snprintf(to, size, "%.*s %s\n", (int)len, line, now);
	return (size_t)snprintf(to, size, "%.*s %s %s\n", (int)len, line, now, before);
}

static bool line_loaded(const char *line)
{
	char object[FK_NAME_LEN];

	return sscanf(line, "%55s", object) == 1 && fk_object_loaded(object);
}

/* Of the functions in force, the line of one; NULL: it has none. */
static const char *line_of(const char *effect, const char *line)
{
	size_t len = strcspn(line, " ");

	len += 1 + strcspn(line + len + 1, " \n");
	for (; *effect; effect += line_len(effect) + 1)
		if (!strncmp(effect, line, len) && effect[len] == ' ')
			return effect;
	return NULL;
}

static void compute(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (struct fk_module *p = fk_next_patch(0); p; p = fk_next_patch(p->order)) {
		const char *f = p->info.funcs; /* and nops are others' functions */

		for (; *f; f += line_len(f) + 1) {
			char line[512];

			if (!line_loaded(f) ||
			    !effect_line(line, sizeof(line), f, line_len(f)) ||
			    line_of(text, line) || strlen(line) >= size - used)
				continue;
			strcpy(text + used, line);
			used += strlen(line);
		}
	}
}

static void append(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0 && write(fd, text, len) != (ssize_t)len)
		perror(path);
	if (fd >= 0)
		close(fd);
}

static void read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
}

/* What has changed: the new line, or "-" for the original, or "gone" with the object. */
static size_t changes(char *to, const char *old, const char *new)
{
	size_t used = 0;

	for (const char *l = old; *l; l += line_len(l) + 1) {
		size_t len = strcspn(l, " ");

		len += 1 + strcspn(l + len + 1, " \n");
		if (!line_of(new, l))
			used += (size_t)sprintf(to + used, "%.*s %s\n", (int)len, l,
						line_loaded(l) ? "-" : "gone");
	}
	for (const char *l = new; *l; l += line_len(l) + 1)
		if (!fk_has_line(old, l, line_len(l)))
			used += (size_t)sprintf(to + used, "%.*s\n", (int)line_len(l), l);
	return used;
}

/* FK_EFFECT, and in FK_EFFECTS what changes. */
void fk_effect_update(void)
{
	static char old[FK_TEXT_LEN], new[FK_TEXT_LEN], diff[2 * FK_TEXT_LEN];

	read_file(FK_EFFECT, old, sizeof(old));
	compute(new, sizeof(new));
	if (!strcmp(old, new))
		return;
	append(FK_EFFECTS, diff, changes(diff, old, new));
	fk_put(FK_EFFECT, "%s", new);
}
