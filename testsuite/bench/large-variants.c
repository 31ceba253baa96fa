// SPDX-License-Identifier: LGPL-2.1-or-later
/* Large livepatches: what all have, and those with a klp_patch in their data. */
#include <string.h>

#include "large.h"

enum { PATCH_SIZE = 200, OBJECT_SIZE = 168, FUNC_SIZE = 152, MODULE_SIZE = 0x400 };
enum { SECTIONS = 60000 };

struct part large_part(struct large *l, const char *name, uint64_t flags)
{
	char rela_name[256];
	struct part part;

	snprintf(rela_name, sizeof(rela_name), ".rela%s", name);
	part.section = image_section(&l->img, name, SHT_PROGBITS, flags);
	part.rela = image_section(&l->img, rela_name, SHT_RELA, SHF_INFO_LINK);
	l->img.sections[part.rela].info = part.section;
	part.symbol = image_symbol(&l->img, "", STT_SECTION, part.section, 0, 0);
	return part;
}

struct part large_data_part(struct large *l, const char *name)
{
	return large_part(l, name, SHF_ALLOC | SHF_WRITE);
}

uint64_t large_room(struct large *l, const struct part *part, size_t size)
{
	return mk_buf_add(image_data(&l->img, part->section), NULL, size);
}

void large_pointer(struct large *l, const struct part *part, uint64_t offset,
		   uint32_t symbol, uint64_t addend)
{
	image_rela(&l->img, part->rela, offset, symbol, R_X86_64_64, addend);
}

uint64_t large_string(struct large *l, const char *s)
{
	return mk_buf_str(image_data(&l->img, l->strings.section), s);
}

uint64_t large_string_number(struct large *l, const char *prefix, unsigned long i)
{
	char s[64];

	snprintf(s, sizeof(s), "%s%lu", prefix, i);
	return large_string(l, s);
}

size_t large_long_string(struct buf *b, size_t n, const char *unit)
{
	size_t at = b->len, len = strlen(unit);

	for (size_t i = 0; i < n; i += len)
		mk_buf_add(b, unit, len);
	mk_buf_add(b, "", 1);
	return at;
}

void large_init(struct large *l)
{
	static const char modinfo[] = "license=GPL\0livepatch=Y\0name=large";
	uint32_t module;

	*l = (struct large){ 0 };
	image_init(&l->img);
	l->modinfo = image_section(&l->img, ".modinfo", SHT_PROGBITS, SHF_ALLOC);
	mk_buf_add(image_data(&l->img, l->modinfo), modinfo, sizeof(modinfo));
	module = image_section(&l->img, ".gnu.linkonce.this_module", SHT_PROGBITS,
			       SHF_ALLOC | SHF_WRITE);
	mk_buf_add(image_data(&l->img, module), NULL, MODULE_SIZE);
	l->this_module = image_symbol(&l->img, "__this_module", STT_OBJECT, module, 0,
				      MODULE_SIZE);
	l->enable_patch = image_symbol(&l->img, "klp_enable_patch", STT_NOTYPE, 0, 0, 0);
	l->text = large_part(l, ".text", SHF_ALLOC | SHF_EXECINSTR);
	large_room(l, &l->text, 64);
	l->strings = large_part(l, ".rodata.str1.1", SHF_ALLOC);
	image_rela(&l->img, l->text.rela, 8, l->enable_patch, R_X86_64_PLT32, -4UL);
}

/* ---- a klp_patch ---- */

static void refer(struct large *l, uint32_t symbol, uint64_t offset)
{
	image_rela(&l->img, l->text.rela, 4, symbol, R_X86_64_32S, offset);
}

static void add_patch(struct large *l, const struct part *objects)
{
	struct part patch = large_data_part(l, ".data.patch");

	large_room(l, &patch, PATCH_SIZE);
	large_pointer(l, &patch, 0, l->this_module, 0);
	large_pointer(l, &patch, 8, objects->symbol, 0);
	refer(l, patch.symbol, 0);
}

static void add_func(struct large *l, const struct part *funcs, uint64_t name)
{
	uint64_t at = large_room(l, funcs, FUNC_SIZE);

	large_pointer(l, funcs, at, l->strings.symbol, name);
	large_pointer(l, funcs, at + 8, l->text.symbol, 0);
}

static void add_object(struct large *l, const struct part *objects, uint64_t name,
		       const struct part *funcs, uint64_t first)
{
	uint64_t at = large_room(l, objects, OBJECT_SIZE);

	large_pointer(l, objects, at, l->strings.symbol, name);
	large_pointer(l, objects, at + 8, funcs->symbol, first);
}

/* One object with one function. */
static void add_small_patch(struct large *l)
{
	struct part objects = large_data_part(l, ".data.objs");
	struct part funcs = large_data_part(l, ".data.funcs");

	add_func(l, &funcs, large_string(l, "function"));
	large_room(l, &funcs, FUNC_SIZE);
	add_object(l, &objects, large_string(l, "object"), &funcs, 0);
	large_room(l, &objects, OBJECT_SIZE);
	add_patch(l, &objects);
}

/* ---- relocations ---- */

void large_code_relocs(struct large *l, unsigned long n)
{
	add_small_patch(l);
	for (unsigned long i = 0; i < n; i++)
		image_rela(&l->img, l->text.rela, 16, l->strings.symbol, R_X86_64_PC32,
			   i);
}

/* The same, spread over 60,000 sections at most, each with relocations of its own. */
void large_code_relocs_xindex(struct large *l, unsigned long n)
{
	unsigned long per_section = n / SECTIONS + 1;

	add_small_patch(l);
	for (unsigned long i = 0; i < n; i += per_section) {
		struct part text = large_part(l, ".text.f", SHF_ALLOC | SHF_EXECINSTR);

		large_room(l, &text, 16);
		for (unsigned long j = 0; j < per_section; j++)
			image_rela(&l->img, text.rela, 0, text.symbol, R_X86_64_PC32, j);
	}
}

void large_data_this_module(struct large *l, unsigned long n)
{
	struct part data = large_data_part(l, ".data");

	large_room(l, &data, 8 * n);
	for (unsigned long i = 0; i < n; i++)
		large_pointer(l, &data, 8 * i, l->this_module, 0);
	add_small_patch(l);
}

void large_data_strings(struct large *l, unsigned long n)
{
	struct part data = large_data_part(l, ".data");

	large_room(l, &data, 8 * n);
	for (unsigned long i = 0; i < n; i++)
		large_pointer(l, &data, 8 * i, l->strings.symbol, 0);
	add_small_patch(l);
}

static struct part add_candidates(struct large *l, unsigned long n)
{
	struct part decoys = large_data_part(l, ".data.decoys");
	struct part objects = large_data_part(l, ".data.decoys_objs");

	large_room(l, &decoys, 32 * n);
	for (unsigned long i = 0; i < n; i++) {
		large_pointer(l, &decoys, 32 * i, l->this_module, 0);
		large_pointer(l, &decoys, 32 * i + 8, objects.symbol, 0);
	}
	add_object(l, &objects, large_string(l, "decoy"), &objects, 0);
	large_room(l, &objects, OBJECT_SIZE);
	return decoys;
}

/* Many structures that look like a klp_patch, and as many relocations of code. */
void large_data_candidates(struct large *l, unsigned long n)
{
	add_candidates(l, n);
	large_code_relocs(l, n);
}

/* The same, and the code refers to each of them. */
void large_data_candidates_referred(struct large *l, unsigned long n)
{
	struct part decoys = add_candidates(l, n);

	add_small_patch(l);
	for (unsigned long i = 0; i < n; i++)
		refer(l, decoys.symbol, 32 * i);
}

/* ---- strings ---- */

static uint64_t add_long_string(struct large *l, unsigned long n)
{
	return large_long_string(image_data(&l->img, l->strings.section), n, "a");
}

void large_symbols_one_string(struct large *l, unsigned long n)
{
	size_t names = large_long_string(&l->img.strings, n, "a");
	struct part data = large_data_part(l, ".data");

	add_small_patch(l);
	large_room(l, &data, 8 * n);
	for (unsigned long i = 0; i < n; i++) {
		uint32_t symbol = image_symbol_at(&l->img, names + i, STT_NOTYPE,
						  l->strings.section, 0, 0, 0);

		image_rela(&l->img, l->text.rela, 16, symbol, R_X86_64_PC32, -4UL);
		large_pointer(l, &data, 8 * i, symbol, 0);
	}
}

void large_objects_one_string(struct large *l, unsigned long n)
{
	struct part objects = large_data_part(l, ".data.objs");
	struct part funcs = large_data_part(l, ".data.funcs");
	uint64_t names = add_long_string(l, n);

	large_room(l, &funcs, FUNC_SIZE);
	for (unsigned long i = 0; i < n; i++)
		add_object(l, &objects, names + i, &funcs, 0);
	large_room(l, &objects, OBJECT_SIZE);
	add_patch(l, &objects);
}

void large_funcs_one_string(struct large *l, unsigned long n)
{
	struct part objects = large_data_part(l, ".data.objs");
	struct part funcs = large_data_part(l, ".data.funcs");
	uint64_t names = add_long_string(l, n);

	for (unsigned long i = 0; i < n; i++)
		add_func(l, &funcs, names + i);
	large_room(l, &funcs, FUNC_SIZE);
	add_object(l, &objects, large_string(l, "object"), &funcs, 0);
	large_room(l, &objects, OBJECT_SIZE);
	add_patch(l, &objects);
}

/* ---- objects and functions ---- */

void large_objects(struct large *l, unsigned long n)
{
	struct part objects = large_data_part(l, ".data.objs");
	struct part funcs = large_data_part(l, ".data.funcs");

	large_room(l, &funcs, FUNC_SIZE);
	for (unsigned long i = 0; i < n; i++)
		add_object(l, &objects, large_string_number(l, "object", i), &funcs, 0);
	large_room(l, &objects, OBJECT_SIZE);
	add_patch(l, &objects);
}

static void add_funcs(struct large *l, const struct part *funcs, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		add_func(l, funcs, large_string_number(l, "function", i));
	large_room(l, funcs, FUNC_SIZE);
}

void large_funcs(struct large *l, unsigned long n)
{
	struct part objects = large_data_part(l, ".data.objs");
	struct part funcs = large_data_part(l, ".data.funcs");

	add_funcs(l, &funcs, n);
	add_object(l, &objects, large_string(l, "object"), &funcs, 0);
	large_room(l, &objects, OBJECT_SIZE);
	add_patch(l, &objects);
}

/* N objects that all have the same N functions: the kernel's own lists would break. */
void large_objects_same_funcs(struct large *l, unsigned long n)
{
	struct part objects = large_data_part(l, ".data.objs");
	struct part funcs = large_data_part(l, ".data.funcs");

	add_funcs(l, &funcs, n);
	for (unsigned long i = 0; i < n; i++)
		add_object(l, &objects, large_string_number(l, "object", i), &funcs, 0);
	large_room(l, &objects, OBJECT_SIZE);
	add_patch(l, &objects);
}

/* N objects, each with the functions of the one before it less the first; symbols say how
 * long each of the arrays is. */
void large_objects_nested_funcs(struct large *l, unsigned long n)
{
	struct part objects = large_data_part(l, ".data.objs");
	struct part funcs = large_data_part(l, ".data.funcs");

	add_funcs(l, &funcs, n);
	for (unsigned long i = 0; i < n; i++) {
		add_object(l, &objects, large_string_number(l, "object", i), &funcs,
			   FUNC_SIZE * i);
		image_symbol(&l->img, "funcs", STT_OBJECT, funcs.section, FUNC_SIZE * i,
			     FUNC_SIZE * (n + 1 - i));
	}
	large_room(l, &objects, OBJECT_SIZE);
	add_patch(l, &objects);
}

/* ---- sections that have the same contents ---- */

static void add_overlaps(struct large *l, unsigned long n, const struct part *part)
{
	for (unsigned long i = 0; i < n / 8; i++) {
		uint32_t section = image_section(&l->img, ".rela", SHT_RELA, 0);

		l->img.sections[section].info = part->section;
		l->img.sections[section].contents_of = part->rela;
	}
}

void large_code_overlap(struct large *l, unsigned long n)
{
	large_code_relocs(l, n);
	add_overlaps(l, n, &l->text);
}

void large_data_overlap(struct large *l, unsigned long n)
{
	struct part data = large_data_part(l, ".data");

	large_room(l, &data, 8 * n);
	for (unsigned long i = 0; i < n; i++)
		large_pointer(l, &data, 8 * i, l->strings.symbol, 0);
	add_small_patch(l);
	add_overlaps(l, n, &data);
}

/* ---- modinfo ---- */

void large_modinfo_entries(struct large *l, unsigned long n)
{
	struct buf *modinfo = image_data(&l->img, l->modinfo);

	add_small_patch(l);
	modinfo = image_data(&l->img, l->modinfo);
	for (unsigned long i = 0; i < n; i++)
		mk_buf_str(modinfo, "version=1");
}

static void add_modinfo_list(struct large *l, const char *key, unsigned long n)
{
	struct buf *modinfo;

	add_small_patch(l);
	modinfo = image_data(&l->img, l->modinfo);
	mk_buf_add(modinfo, key, strlen(key));
	for (unsigned long i = 0; i < n; i++) {
		char word[32];

		snprintf(word, sizeof(word), " word%lu", i);
		mk_buf_add(modinfo, word, strlen(word));
	}
	mk_buf_add(modinfo, "", 1);
}

void large_modinfo_softdeps(struct large *l, unsigned long n)
{
	add_modinfo_list(l, "softdep=pre:", n);
}

void large_modinfo_objects(struct large *l, unsigned long n)
{
	add_modinfo_list(l, "klp_objects=", n);
}

void large_modinfo_requires(struct large *l, unsigned long n)
{
	add_modinfo_list(l, "klp_requires=", n);
}
