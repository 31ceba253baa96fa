/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Telling from an image, while it is decompressed, that it is no livepatch.
 *
 * Nearly all modules of a tree are none, and nearly all the time of reading a compressed
 * tree is decompression.  Where .modinfo is, only the section table says, which stands at
 * the image's end; so two things are looked for in the bytes as they come:
 *
 * 1. A livepatch has an entry "livepatch=..." in its .modinfo: the kernel goes by nothing
 *    else, nor does klp_format_read().  An image in which these bytes are nowhere is no
 *    livepatch, however it is made up; one in which they are anywhere may be, and is read
 *    by its section table.  This holds for any image, and nothing of it need be kept.
 *
 * 2. A module that the kernel's own build made need not be decompressed behind its
 *    .modinfo.  modpost adds name=, intree=Y and vermagic= to a module's own entries, the
 *    linker makes one section of all, and livepatch= is among them.  So once there were
 *    entries one behind the other, these three among them and with the module's own name,
 *    and then something that is no entry, what is to come holds no livepatch=.
 *
 *    A copy of a .modinfo in front of the real one would be believed, too: no beginning
 *    of an image can tell.  Hence this is done only for what modules.order lists, the
 *    files that were installed with the kernel.  All else in the tree (updates, DKMS,
 *    livepatches) is decompressed to its end, and so is a listed file that was built out
 *    of tree (no intree=Y), that has another name (a module that holds a module), whose
 *    section table is not behind its .modinfo, or in which no such entries are found.
 *
 * Neither finds errors in what is no livepatch, apart from the decompressor's.
 */
#include "config.h"

#include <ctype.h>

#include "libklpdep/image/elf.h"

#define STEP 8192	 /* decompressed from one look to the next */
#define BEFORE 1024	 /* how far name= and intree= may be in front of vermagic= */
#define ENTRIES_MAX 65536 /* more of them behind vermagic= are taken for no .modinfo */

#define LIVEPATCH "livepatch="
#define VERMAGIC "vermagic="

struct search {
	struct klp_sink sink;
	char own_name[KLP_MODULE_NAME_LEN + sizeof("name=")];
	bool may_stop;
	bool found; /* it may be a livepatch */
	uint64_t dropped; /* bytes in front of those in the sink */
	uint64_t shoff;
	size_t seen; /* how much of what is in the sink has been looked at */
	size_t vermagic; /* among entries whose end has not come; 0: none */
};

/* Whether an entry of a .modinfo can begin so: in front of = there is an identifier. */
static bool begins_entry(unsigned char c)
{
	return isalnum(c) || c == '_';
}

static const unsigned char *find(const unsigned char *data, size_t from, size_t to,
				 const char *what)
{
	return from < to ? memmem(data + from, to - from, what, strlen(what)) : NULL;
}

/* Whether @entry is one of those from @from, where one begins, to @to. */
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

/* The ELF header: what is no ELF file is for others to complain of. */
static void look_at_header(struct search *search)
{
	const unsigned char *p = search->sink.data;
	const struct klp_elf elf = { .big_endian = p[EI_DATA] == ELFDATA2MSB };

	search->found = memcmp(p, ELFMAG, SELFMAG) != 0;
	search->may_stop &= p[EI_CLASS] == ELFCLASS64;
	search->shoff = klp_elf_u64(&elf, p + offsetof(Elf64_Ehdr, e_shoff));
}

/* Where the entries begin that lead up to the one at @at. */
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

/* Whether the entries around vermagic= are a .modinfo from the kernel's build. */
static bool is_modinfo(const struct search *search, size_t end)
{
	const unsigned char *data = search->sink.data;
	size_t start = find_start(data, search->vermagic);

	return search->shoff >= search->dropped + end &&
	       has_entry(data, start, end, "intree=Y") &&
	       has_entry(data, start, end, search->own_name);
}

/* Whether a .modinfo has passed. */
static bool has_passed(struct search *search)
{
	const unsigned char *data = search->sink.data, *p;
	const size_t size = search->sink.size;
	size_t at = search->seen;

	for (;;) {
		if (!search->vermagic) {
			/* It may have begun before, but not without a NUL in front. */
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

/* Keep of the sink what may belong to something that is to come. */
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
	/* What came last has not been looked at; nor has what is too short. */
	if (err == 0)
		err = look(&search.sink);
	if (err < 0)
		return err;
	return search.found || search.dropped + search.sink.size < sizeof(Elf64_Ehdr);
}
