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
static bool is_in_front(uint16_t machine)
{
	return machine == EM_AARCH64 || machine == EM_RISCV || machine == EM_PPC64 ||
	       machine == 258 /* EM_LOONGARCH */;
}

/* Move locations before a function to the function. */
static void adjust(const struct klp_object_file *image, struct klp_place *locations, size_t n)
{
	uint64_t covered = 0; /* the end of functions that begin before */
	uint32_t section = 0;
	size_t s = 0;

	for (size_t i = 0; i < n; i++) {
		struct klp_place *location = &locations[i];
		const struct klp_object_file_symbol *symbol = image->symbols;

		for (; s < image->n_symbols && klp_place_cmp(&symbol[s], location) <= 0; s++) {
			uint64_t begin = symbol[s].at.offset, end = begin + symbol[s].size;

			if (section != symbol[s].at.section)
				covered = 0;
			section = symbol[s].at.section;
			if (end > covered && end >= begin)
				covered = end;
			if (begin == location->offset)
				covered = location->offset + 1;
		}
		if (section == location->section && location->offset < covered)
			continue;
		if (s < image->n_symbols && symbol[s].at.section == location->section &&
		    symbol[s].at.offset - location->offset <= FRONT_MAX)
			location->offset = symbol[s].at.offset;
	}
}

void klp_object_file_mark_traceable(struct klp_object_file *image,
				    struct klp_place *locations, size_t n, uint16_t machine)
{
	struct klp_object_file_symbol *symbols = image->symbols;
	size_t next, l = 0;

	klp_places_sort(symbols, image->n_symbols, sizeof(*symbols), klp_place_cmp);
	klp_places_sort(locations, n, sizeof(*locations), klp_place_cmp);
	if (is_in_front(machine))
		adjust(image, locations, n);
	/* A function extends to the next symbol: kallsyms ignores st_size. */
	for (size_t s = 0; s < image->n_symbols; s = next) {
		bool found;

		for (next = s + 1; next < image->n_symbols; next++) {
			if (klp_place_cmp(&symbols[s], &symbols[next]) != 0)
				break;
		}
		while (l < n && klp_place_cmp(&locations[l], &symbols[s]) < 0)
			l++;
		found = l < n && locations[l].section == symbols[s].at.section &&
			(next == image->n_symbols ||
			 klp_place_cmp(&locations[l], &symbols[next]) < 0);
		for (size_t i = s; i < next; i++)
			symbols[i].traceable = found;
	}
	image->has_locations = true;
}
