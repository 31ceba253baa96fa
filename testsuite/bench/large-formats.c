// SPDX-License-Identifier: LGPL-2.1-or-later
/* Large livepatches: klp-rela, kpatch, klp-build. */
#include <endian.h>
#include <string.h>

#include "large.h"

enum { SECTIONS = 60000 };

/* ---- klp-rela ---- */

static uint32_t rela_section(struct large *l, const char *name)
{
	uint32_t section = image_section(&l->img, name, SHT_RELA,
					 SHF_RELA_LIVEPATCH | SHF_ALLOC | SHF_INFO_LINK);

	l->img.sections[section].info = l->text.section;
	return section;
}

static uint32_t rela_symbol_at(struct large *l, size_t name)
{
	return image_symbol_at(&l->img, name, STT_NOTYPE, 0, SHN_LIVEPATCH, 0, 0);
}

static uint32_t rela_symbol(struct large *l, unsigned long i)
{
	char name[64];

	snprintf(name, sizeof(name), ".klp.sym.o.f%lu,0", i);
	return rela_symbol_at(l, mk_buf_str(&l->img.strings, name));
}

static void refer(struct large *l, uint32_t section, uint32_t symbol)
{
	image_rela(&l->img, section, 0, symbol, R_X86_64_PC32, -4UL);
}

/* N relocations in up to 60,000 sections, each of another object. */
void large_rela_sections(struct large *l, unsigned long n)
{
	/* Up to 10 million, so that there are more sections for more relocations. */
	unsigned long per_section = 10000000 / SECTIONS + 1;
	uint32_t symbols[2] = { rela_symbol(l, 0), rela_symbol(l, 1) };

	for (unsigned long i = 0; i < n; i += per_section) {
		char name[64];
		uint32_t section;

		snprintf(name, sizeof(name), ".klp.rela.object%lu..text", i);
		section = rela_section(l, name);
		for (unsigned long j = 0; j < per_section; j++)
			refer(l, section, symbols[j * 2 / per_section]);
	}
}

void large_rela_one_symbol(struct large *l, unsigned long n)
{
	uint32_t section = rela_section(l, ".klp.rela.object..text");
	uint32_t symbol = rela_symbol(l, 0);

	for (unsigned long i = 0; i < n; i++)
		refer(l, section, symbol);
}

void large_rela_two_symbols(struct large *l, unsigned long n)
{
	uint32_t section = rela_section(l, ".klp.rela.object..text");
	uint32_t symbols[2] = { rela_symbol(l, 0), rela_symbol(l, 1) };

	for (unsigned long i = 0; i < n; i++)
		refer(l, section, symbols[i % 2]);
}

void large_rela_distinct(struct large *l, unsigned long n)
{
	uint32_t section = rela_section(l, ".klp.rela.object..text");

	for (unsigned long i = 0; i < n; i++)
		refer(l, section, rela_symbol(l, i));
}

/* Sections of as many objects, all with the same contents. */
void large_rela_overlap(struct large *l, unsigned long n)
{
	uint32_t first = rela_section(l, ".klp.rela.object..text");
	uint32_t symbols[2] = { rela_symbol(l, 0), rela_symbol(l, 1) };

	for (unsigned long i = 0; i < n; i++)
		refer(l, first, symbols[i % 2]);
	for (unsigned long i = 0; i < n / 8; i++) {
		char name[64];
		uint32_t section;

		snprintf(name, sizeof(name), ".klp.rela.object%lu..text", i);
		section = rela_section(l, name);
		l->img.sections[section].contents_of = first;
	}
}

/* Livepatch symbols whose names are one string, each beginning within the one before. */
void large_symbols_klp_one_string(struct large *l, unsigned long n)
{
	static const char unit[] = ".klp.sym.o.f";
	uint32_t section = rela_section(l, ".klp.rela.object..text");
	size_t names = large_long_string(&l->img.strings, n * (sizeof(unit) - 1), unit);

	l->img.strings.len--;
	mk_buf_str(&l->img.strings, ",0");
	for (unsigned long i = 0; i < n; i++)
		refer(l, section, rela_symbol_at(l, names + i * (sizeof(unit) - 1)));
}

/* ---- kpatch ---- */

static void kpatch_func(struct large *l, const struct part *funcs, uint64_t name,
			uint64_t object)
{
	uint64_t at = large_room(l, funcs, 56);

	large_pointer(l, funcs, at, l->text.symbol, 0);
	large_pointer(l, funcs, at + 40, l->strings.symbol, name);
	large_pointer(l, funcs, at + 48, l->strings.symbol, object);
}

static struct part kpatch(struct large *l, const char *section)
{
	l->strings = large_part(l, ".kpatch.strings", SHF_ALLOC);
	return large_data_part(l, section);
}

void large_kpatch_funcs(struct large *l, unsigned long n)
{
	struct part funcs = kpatch(l, ".kpatch.funcs");
	uint64_t object = large_string(l, "object");

	for (unsigned long i = 0; i < n; i++)
		kpatch_func(l, &funcs, large_string_number(l, "function", i), object);
}

void large_kpatch_objects(struct large *l, unsigned long n)
{
	struct part funcs = kpatch(l, ".kpatch.funcs");
	uint64_t function = large_string(l, "function");

	for (unsigned long i = 0; i < n; i++)
		kpatch_func(l, &funcs, function, large_string_number(l, "object", i));
}

void large_kpatch_callbacks(struct large *l, unsigned long n)
{
	struct part funcs = kpatch(l, ".kpatch.funcs");
	struct part callbacks = large_data_part(l, ".kpatch.callbacks.pre_patch");

	kpatch_func(l, &funcs, large_string(l, "f"), large_string(l, "object"));
	for (unsigned long i = 0; i < n; i++) {
		uint64_t at = large_room(l, &callbacks, 16);

		large_pointer(l, &callbacks, at, l->text.symbol, 0);
		large_pointer(l, &callbacks, at + 8, l->strings.symbol,
			      large_string_number(l, "object", i));
	}
	large_room(l, &callbacks, 8);
}

void large_kpatch_one_string(struct large *l, unsigned long n)
{
	struct part funcs = kpatch(l, ".kpatch.funcs");
	uint64_t names = large_long_string(image_data(&l->img, l->strings.section), n,
					   "a");

	for (unsigned long i = 0; i < n; i++)
		kpatch_func(l, &funcs, names + i, names + i);
}

/* ---- klp-build ---- */

struct klp_build {
	struct part objects;
	struct part funcs;
};

static struct klp_build klp_build(struct large *l)
{
	return (struct klp_build){ large_data_part(l, ".init.klp_objects"),
				   large_data_part(l, ".init.klp_funcs") };
}

static void build_object(struct large *l, const struct klp_build *b, uint64_t name,
			 uint64_t funcs, unsigned long n_funcs)
{
	uint64_t at = large_room(l, &b->objects, 64);
	uint32_t count = htole32((uint32_t)n_funcs);

	large_pointer(l, &b->objects, at, l->strings.symbol, name);
	large_pointer(l, &b->objects, at + 8, b->funcs.symbol, funcs);
	memcpy(image_data(&l->img, b->objects.section)->data + at + 56, &count,
	       sizeof(count));
}

static void build_func(struct large *l, const struct klp_build *b, uint64_t name)
{
	uint64_t at = large_room(l, &b->funcs, 24);

	large_pointer(l, &b->funcs, at, l->strings.symbol, name);
	large_pointer(l, &b->funcs, at + 8, l->text.symbol, 0);
}

void large_klp_build_funcs(struct large *l, unsigned long n)
{
	struct klp_build b = klp_build(l);

	for (unsigned long i = 0; i < n; i++)
		build_func(l, &b, large_string_number(l, "function", i));
	build_object(l, &b, large_string(l, "object"), 0, n);
}

void large_klp_build_objects(struct large *l, unsigned long n)
{
	struct klp_build b = klp_build(l);

	for (unsigned long i = 0; i < n; i++) {
		uint64_t name = large_string_number(l, "o", i);

		build_func(l, &b, name);
		build_object(l, &b, name, 24 * i, 1);
	}
}

void large_klp_build_same_funcs(struct large *l, unsigned long n)
{
	struct klp_build b = klp_build(l);

	for (unsigned long i = 0; i < n; i++) {
		uint64_t name = large_string_number(l, "o", i);

		build_func(l, &b, name);
		build_object(l, &b, name, 0, n);
	}
}

void large_klp_build_one_string(struct large *l, unsigned long n)
{
	struct klp_build b = klp_build(l);
	uint64_t names = large_long_string(image_data(&l->img, l->strings.section), n,
					   "a");

	for (unsigned long i = 0; i < n; i++)
		build_func(l, &b, names + i);
	build_object(l, &b, names, 0, n);
}
