// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The least work by which a tree's livepatches could be told from its other modules: what
 * "klpdep depmod" is measured against.
 *
 *   least -e <FILES >LIST    find out, for a file name a line, where .modinfo ends
 *   least [-j N] <LIST       read the modules of such a list, with N threads
 *
 * Of an uncompressed module: header, section table, section names and .modinfo.  A
 * compressed one is decoded up to the end of .modinfo, which the list says: a program
 * that does not know it beforehand has to do more.  Nothing is looked at, nothing is
 * kept.
 */
#include "config.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "least.h"

struct module {
	char *path;
	uint64_t end; /* of .modinfo; 0: the file is not compressed */
};

static struct {
	bool find_ends;
	struct module *modules;
	size_t n;
	_Atomic size_t next;
	_Atomic size_t failed;
} work;

/* Room that is used again and again. */
struct room {
	unsigned char *data;
	size_t size;
};

static unsigned char *get_room(struct room *room, size_t size)
{
	if (room->size < size) {
		free(room->data);
		room->data = mk_check(malloc(size));
		room->size = size;
	}
	return room->data;
}

static const void *read_part(int fd, struct room *room, uint64_t offset, uint64_t size)
{
	unsigned char *data = get_room(room, size);

	return pread(fd, data, size, (off_t)offset) == (ssize_t)size ? data : NULL;
}

/* Where .modinfo is; false: nowhere. */
static bool find_modinfo(const Elf64_Shdr *sections, unsigned int n, const char *names,
			 uint64_t names_size, uint64_t *offset, uint64_t *size)
{
	for (unsigned int i = 0; i < n; i++) {
		uint32_t name = sections[i].sh_name;

		if (name + sizeof(".modinfo") <= names_size &&
		    memcmp(names + name, ".modinfo", sizeof(".modinfo")) == 0) {
			*offset = sections[i].sh_offset;
			*size = sections[i].sh_size;
			return true;
		}
	}
	return false;
}

static bool read_plain(int fd, struct room *rooms)
{
	const Elf64_Ehdr *header = read_part(fd, &rooms[0], 0, sizeof(*header));
	const Elf64_Shdr *sections;
	const char *names;
	uint64_t offset, size;

	if (!header || header->e_shstrndx >= header->e_shnum)
		return false;
	sections = read_part(fd, &rooms[1], header->e_shoff,
			     header->e_shnum * sizeof(*sections));
	if (!sections)
		return false;
	offset = sections[header->e_shstrndx].sh_offset;
	size = sections[header->e_shstrndx].sh_size;
	names = read_part(fd, &rooms[2], offset, size);
	return names &&
	       find_modinfo(sections, header->e_shnum, names, size, &offset, &size) &&
	       read_part(fd, &rooms[3], offset, size);
}

/* Decode a whole module and find out where its .modinfo ends. */
static bool find_end(struct coder *coder, int fd, struct module *module)
{
	struct buf image = { 0 };
	const Elf64_Ehdr *header;
	const Elf64_Shdr *sections, *names;
	uint64_t offset, size;
	bool found = false;

	if (coder_run(coder, fd, UINT64_MAX, &image) && image.len > sizeof(*header)) {
		header = (const void *)image.data;
		sections = (const void *)(image.data + header->e_shoff);
		names = &sections[header->e_shstrndx];
		found = find_modinfo(sections, header->e_shnum,
				     (const char *)image.data + names->sh_offset,
				     names->sh_size, &offset, &size);
		if (found)
			module->end = offset + size;
	}
	free(image.data);
	return found;
}

static bool read_module(struct coder *coder, struct room *rooms, struct module *module)
{
	int fd = open(module->path, O_RDONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	if (work.find_ends)
		done = !coder_wanted(fd) || find_end(coder, fd, module);
	else if (module->end)
		done = coder_run(coder, fd, module->end, NULL);
	else
		done = read_plain(fd, rooms);
	close(fd);
	return done;
}

static void *work_thread(void *unused)
{
	struct coder *coder = coder_new();
	struct room rooms[4] = { { NULL, 0 } };
	size_t i;

	(void)unused;
	while ((i = atomic_fetch_add(&work.next, 1)) < work.n) {
		if (!read_module(coder, rooms, &work.modules[i])) {
			fprintf(stderr, "least: %s cannot be read\n",
				work.modules[i].path);
			atomic_fetch_add(&work.failed, 1);
		}
	}
	for (i = 0; i < 4; i++)
		free(rooms[i].data);
	coder_free(coder);
	return NULL;
}

static void read_list(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		struct module *module;
		char *path = line;

		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		work.modules = mk_check(reallocarray(work.modules, work.n + 1,
						     sizeof(*work.modules)));
		module = &work.modules[work.n++];
		module->end = work.find_ends ? 0 : strtoull(line, &path, 10);
		module->path = mk_check(strdup(path + strspn(path, " ")));
	}
	free(line);
}

int main(int argc, char **argv)
{
	pthread_t threads[64];
	unsigned int n = 0, started = 0;
	cpu_set_t set;
	int c;

	while ((c = getopt(argc, argv, "ej:")) != -1) {
		if (c == '?') {
			fprintf(stderr, "usage: least [-e] [-j N] <LIST\n");
			return 2;
		}
		if (c == 'e')
			work.find_ends = true;
		else
			n = (unsigned int)strtoul(optarg, NULL, 10);
	}
	if (n == 0)
		n = sched_getaffinity(0, sizeof(set), &set) == 0 ?
			    (unsigned int)CPU_COUNT(&set) : 1;
	read_list();
	while (started + 1 < n && started < 64 &&
	       pthread_create(&threads[started], NULL, work_thread, NULL) == 0)
		started++;
	work_thread(NULL);
	while (started)
		pthread_join(threads[--started], NULL);

	for (size_t i = 0; i < work.n; i++) {
		if (work.find_ends)
			printf("%" PRIu64 " %s\n", work.modules[i].end,
			       work.modules[i].path);
		free(work.modules[i].path);
	}
	free(work.modules);
	return work.failed ? 1 : 0;
}
