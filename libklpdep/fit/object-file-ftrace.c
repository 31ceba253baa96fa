/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions that ftrace can hook into.  Like ftrace_location() in
 * kernel/trace/ftrace.c, since 5.18; earlier kernels accept more on some machines. */
#include "config.h"

#include "libklpdep/fit/object-file.h"

/* A function's patchable entry may begin this far before it: eight bytes on arm64 and
 * riscv, and up to two instructions more. */
#define FRONT_MAX 16

/* Machines whose compilers put no-ops before functions; ftrace_call_adjust() then moves the
 * location into the function. */
bool klp_object_file_in_front(uint16_t machine)
{
	return machine == EM_AARCH64 || machine == EM_RISCV || machine == EM_PPC64 ||
	       machine == 258 /* EM_LOONGARCH */;
}

static int cmp_places(uint32_t section_a, uint64_t a, uint32_t section_b, uint64_t b)
{
	if (section_a != section_b)
		return section_a < section_b ? -1 : 1;
	return a < b ? -1 : a > b;
}

static int cmp_symbols(const void *p, const void *q)
{
	const struct klp_object_file_symbol *a = p, *b = q;

	return cmp_places(a->section, a->value, b->section, b->value);
}

static int cmp_locations(const void *p, const void *q)
{
	const struct klp_location *a = p, *b = q;

	return cmp_places(a->section, a->value, b->section, b->value);
}

/* Move locations before a function to the function. */
static void adjust(const struct klp_object_file *image, struct klp_location *locations,
		   size_t n)
{
	uint64_t covered = 0; /* the end of functions that begin before */
	uint32_t section = 0;
	size_t s = 0;

	for (size_t i = 0; i < n; i++) {
		struct klp_location *location = &locations[i];
		const struct klp_object_file_symbol *symbol = image->symbols;

		for (; s < image->n_symbols &&
		       cmp_places(symbol[s].section, symbol[s].value, location->section,
				  location->value) <= 0;
		     s++) {
			uint64_t end = symbol[s].value + symbol[s].size;

			if (section != symbol[s].section)
				covered = 0;
			section = symbol[s].section;
			if (end > covered && end >= symbol[s].value)
				covered = end;
			if (symbol[s].value == location->value)
				covered = location->value + 1;
		}
		if (section == location->section && location->value < covered)
			continue;
		if (s < image->n_symbols && symbol[s].section == location->section &&
		    symbol[s].value - location->value <= FRONT_MAX)
			location->value = symbol[s].value;
	}
}

void klp_object_file_mark_traceable(struct klp_object_file *image,
				    struct klp_location *locations, size_t n, bool in_front)
{
	struct klp_object_file_symbol *symbols = image->symbols;
	size_t next, l = 0;

	if (image->n_symbols)
		qsort(symbols, image->n_symbols, sizeof(*symbols), cmp_symbols);
	if (n)
		qsort(locations, n, sizeof(*locations), cmp_locations);
	if (in_front)
		adjust(image, locations, n);
	/* A function extends to the next symbol: kallsyms ignores st_size. */
	for (size_t s = 0; s < image->n_symbols; s = next) {
		bool found;

		for (next = s + 1; next < image->n_symbols; next++) {
			if (cmp_symbols(&symbols[s], &symbols[next]) != 0)
				break;
		}
		while (l < n && cmp_places(locations[l].section, locations[l].value,
					   symbols[s].section, symbols[s].value) < 0)
			l++;
		found = l < n && locations[l].section == symbols[s].section &&
			(next == image->n_symbols ||
			 cmp_places(locations[l].section, locations[l].value,
				    symbols[next].section, symbols[next].value) < 0);
		for (size_t i = s; i < next; i++)
			symbols[i].traceable = found;
	}
	image->has_locations = true;
}
