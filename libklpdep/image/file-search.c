/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Telling from an image, while it is decompressed, that it is no livepatch.
 *
 * Nearly all modules of a tree are no livepatches, and decompression takes nearly all the
 * time of reading a compressed tree.  Only the section table, at the image's end, tells
 * where .modinfo is.  So we search the bytes as they come, for two things:
 *
 * 1. A livepatch has an entry "livepatch=..." in its .modinfo.  The kernel checks nothing
 *    else, nor does klp_format_read().  An image without these bytes is no livepatch, of
 *    any form.  An image with them may be one, and is read by its section table.  This
 *    holds for any image, and no bytes have to be kept.
 *
 * 2. A module of the kernel's own build need not be decompressed beyond its .modinfo.
 *    modpost adds name=, intree=Y and vermagic= to a module's own entries, and the linker
 *    makes one section of all of them, with livepatch= among them.  So we look for a run of
 *    entries with these three and with the module's own name, followed by something that is
 *    no entry.  Then the rest of the image has no livepatch=.
 *
 *    A copy of a .modinfo before the real one would be believed, too: no beginning of an
 *    image can tell.  So this is done only for files that modules.order lists, which were
 *    installed with the kernel.  Everything else in the tree (updates, DKMS, livepatches)
 *    is decompressed to its end.  So is a listed file that was built out of tree (no
 *    intree=Y), that has another name (a module that contains a module), whose section
 *    table is not after its .modinfo, or in which no such run is found.
 *
 * Errors in a module that is no livepatch are not found, apart from the decompressor's.
 */
#include "config.h"

#include <ctype.h>

#include "libklpdep/image/elf.h"

#define STEP 8192	 /* decompressed between two looks */
#define BEFORE 1024	 /* how far name= and intree= may be before vermagic= */
#define ENTRIES_MAX 65536 /* a longer run of entries after vermagic= is no .modinfo */

#define LIVEPATCH "livepatch="
#define VERMAGIC "vermagic="

struct search {
	struct klp_sink sink;
	char own_name[KLP_MODULE_NAME_LEN + sizeof("name=")];
	bool may_stop;
	bool found; /* it may be a livepatch */
	uint64_t dropped; /* bytes before those in the sink */
	uint64_t shoff;
	size_t seen; /* how much of the sink was searched */
	size_t vermagic; /* within entries whose end has not come; 0: in none */
};

/* Whether an entry of a .modinfo can begin so: an identifier comes before the =. */
static bool begins_entry(unsigned char c)
{
	return isalnum(c) || c == '_';
}

static const unsigned char *find(const unsigned char *data, size_t from, size_t to,
				 const char *what)
{
	return from < to ? memmem(data + from, to - from, what, strlen(what)) : NULL;
}

/* Whether @entry is one of the entries between @from, where one begins, and @to. */
static bool has_entry(const unsigned char *data, size_t from, size_t to,
		      const char *entry)
{
	const size_t len = strlen(entry);
	const unsigned char *p;

	for (; (p = find(data, from, to, entry)); from = (size_t)(p - data) + 1) {
		if (p[-1] == '\0' && p + len < data + to && p[len] == '\0')
			return true;
	}
	return false;
}

/* The ELF header.  Other code reports a file that is no ELF file. */
static void look_at_header(struct search *search)
{
	const unsigned char *p = search->sink.data;
	const struct klp_elf elf = { .big_endian = p[EI_DATA] == ELFDATA2MSB };

	search->found = memcmp(p, ELFMAG, SELFMAG) != 0;
	search->may_stop &= p[EI_CLASS] == ELFCLASS64;
	search->shoff = klp_elf_u64(&elf, p + offsetof(Elf64_Ehdr, e_shoff));
}

/* Where the run of entries begins that contains the one at @at. */
static size_t find_start(const unsigned char *data, size_t at)
{
	const size_t limit = at > BEFORE ? at - BEFORE : 0;
	size_t start = at;

	for (size_t i = at - 1; i > limit; i--) {
		if (data[i - 1] != '\0' || data[i] == '\0')
			continue;
		if (!begins_entry(data[i]))
			break;
		start = i;
	}
	return start;
}

/* Whether the entries around vermagic= are a .modinfo of the kernel's build. */
static bool is_modinfo(const struct search *search, size_t end)
{
	const unsigned char *data = search->sink.data;
	size_t start = find_start(data, search->vermagic);

	return search->shoff >= search->dropped + end &&
	       has_entry(data, start, end, "intree=Y") &&
	       has_entry(data, start, end, search->own_name);
}

/* Whether a whole .modinfo has been seen. */
static bool has_passed(struct search *search)
{
	const unsigned char *data = search->sink.data, *p;
	const size_t size = search->sink.size;
	size_t at = search->seen;

	for (;;) {
		if (!search->vermagic) {
			/* It may have begun earlier, but only after a NUL. */
			const size_t back = strlen(VERMAGIC) - 1;

			p = find(data, at > back ? at - back : 1, size, VERMAGIC);
			if (!p)
				return false;
			at = (size_t)(p - data) + strlen(VERMAGIC);
			if (p[-1] != '\0')
				continue;
			search->vermagic = (size_t)(p - data);
		}
		while (at < size && (data[at] == '\0' || data[at - 1] != '\0' ||
				     begins_entry(data[at])))
			at++;
		if (at == size)
			return false;
		if (is_modinfo(search, at))
			return true;
		search->vermagic = 0;
	}
}

/* Keep the bytes in the sink to which later ones may belong. */
static void drop(struct search *search)
{
	struct klp_sink *sink = &search->sink;
	size_t from = sink->size;

	if (search->vermagic)
		from = search->vermagic;
	if (sink->size - from > ENTRIES_MAX) {
		search->vermagic = 0;
		from = sink->size;
	}
	from = from > BEFORE ? from - BEFORE : 0;
	memmove(sink->data, sink->data + from, sink->size - from);
	sink->size -= from;
	search->dropped += from;
	search->seen = sink->size;
	if (search->vermagic)
		search->vermagic -= from;
}

static int look(struct klp_sink *sink)
{
	struct search *search = (struct search *)sink;
	size_t back = search->seen < sizeof(LIVEPATCH) ? search->seen : sizeof(LIVEPATCH);

	if (search->dropped + sink->size > KLP_IMAGE_MAX)
		return -EFBIG;
	if (search->dropped == 0 && search->seen < sizeof(Elf64_Ehdr) &&
	    sink->size >= sizeof(Elf64_Ehdr))
		look_at_header(search);
	if (find(sink->data, search->seen - back, sink->size, LIVEPATCH))
		search->found = true;
	if (search->found || (search->may_stop && has_passed(search)))
		return 1;
	if (search->dropped + sink->size >= sizeof(Elf64_Ehdr))
		drop(search);
	sink->capacity = sink->size + STEP;
	return 0;
}

int klp_file_search(klp_decompress_fn decompress, const unsigned char *in, size_t size,
		    const char *built_as, const char **why)
{
	_cleanup_free_ unsigned char *data = malloc(BEFORE + ENTRIES_MAX + 2 * STEP);
	struct search search = { .sink = { .data = data, .look = look } };
	int err = data ? 0 : -ENOMEM;

	if (built_as) {
		search.may_stop = true;
		snprintf(search.own_name, sizeof(search.own_name), "name=%s", built_as);
	}
	if (err == 0)
		err = decompress(in, size, &search.sink, why);
	/* The last bytes have not been searched, nor has a short image. */
	if (err == 0)
		err = look(&search.sink);
	if (err < 0)
		return err;
	return search.found || search.dropped + search.sink.size < sizeof(Elf64_Ehdr);
}
