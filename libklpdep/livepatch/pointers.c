/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pointers in data, and their targets, from relocations. */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/livepatch/pointers.h"

void klp_pointers_clear(struct klp_pointers *pointers)
{
	free(pointers->v);
	free(pointers->extents);
	free(pointers->starts);
}

int klp_place_fail(const struct klp_elf *elf, const char *what, struct klp_place place,
		   const char *why)
{
	return klp_file_fail(elf->file, -EBADMSG, "%.100s: the %s at 0x%" PRIx64 " %s",
			     elf->sections[place.section].name, what, place.offset, why);
}

int klp_place_cmp(const void *p, const void *q)
{
	const struct klp_place *a = p, *b = q;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int cmp_extents(const void *p, const void *q)
{
	const struct klp_extent *a = p, *b = q;
	int cmp = klp_place_cmp(&a->at, &b->at);

	return cmp ? cmp : a->size > b->size ? -1 : a->size < b->size;
}

bool klp_elf_is_data(const struct klp_elf *elf, uint32_t section)
{
	const struct klp_section *s = &elf->sections[section];

	return section && (s->flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR)) ==
				  (SHF_ALLOC | SHF_WRITE);
}

bool klp_elf_is_code(const struct klp_elf *elf, uint32_t section)
{
	return section && elf->sections[section].flags & SHF_EXECINSTR;
}

/* ---- gathering --------------------------------------------------------------------- */

int klp_pointer_resolve(const struct klp_elf *elf, const struct klp_rela *rela,
			struct klp_pointer *pointer)
{
	struct klp_symbol symbol;
	int err = klp_elf_symbol(elf, rela->symbol, &symbol);

	if (err < 0)
		return err;
	pointer->to.section = symbol.section;
	pointer->to.offset = symbol.value + (uint64_t)rela->addend;
	pointer->this_module = symbol.name && klp_streq(symbol.name, "__this_module") &&
			       !rela->addend;
	if (symbol.type == STT_SECTION && pointer->to.section)
		pointer->this_module = klp_streq(elf->sections[symbol.section].name,
						 ".gnu.linkonce.this_module") &&
				       pointer->to.offset == 0;
	return 0;
}

/* The pointer of a relocation of section @number: 0; 1 if the relocation is no pointer; or
 * an error. */
static int read_pointer(const struct klp_elf *elf, uint32_t number, uint64_t i,
			struct klp_pointer *pointer)
{
	struct klp_rela rela;
	int err = klp_elf_rela(elf, number, i, &rela);

	if (err < 0)
		return err;
	if (!klp_elf_is_abs64(elf, rela.type))
		return 1;
	pointer->at = (struct klp_place){ elf->sections[number].info, rela.offset };
	return klp_pointer_resolve(elf, &rela, pointer);
}

static int gather_section(struct klp_pointers *pointers, uint32_t number)
{
	const struct klp_elf *elf = pointers->elf;

	for (uint64_t i = 0; i < klp_elf_count_relas(elf, number); i++) {
		struct klp_pointer *pointer = &pointers->v[pointers->n];
		int err = read_pointer(elf, number, i, pointer);

		if (err < 0)
			return err;
		if (err > 0)
			continue;
		if (pointer->this_module)
			pointers->starts[pointers->n_starts++] = pointer->at;
		else if (klp_elf_is_data(elf, pointer->to.section))
			pointers->starts[pointers->n_starts++] = pointer->to;
		pointers->n++;
	}
	return 0;
}

static int gather_symbols(struct klp_pointers *pointers)
{
	for (uint32_t i = 1; i < klp_elf_count_symbols(pointers->elf); i++) {
		struct klp_extent *extent;
		struct klp_symbol symbol;
		int err = klp_elf_symbol(pointers->elf, i, &symbol);

		if (err < 0)
			return err;
		if (symbol.type != STT_OBJECT ||
		    !klp_elf_is_data(pointers->elf, symbol.section))
			continue;
		extent = &pointers->extents[pointers->n_extents++];
		extent->at = (struct klp_place){ symbol.section, symbol.value };
		/* A symbol that no array of pointers has tells nothing. */
		extent->size = symbol.size % 8 ? 0 : symbol.size;
		pointers->starts[pointers->n_starts++] = extent->at;
	}
	return 0;
}

bool klp_has_relas(const struct klp_elf *elf, uint32_t number,
		   bool (*wanted)(const struct klp_elf *elf, uint32_t section))
{
	const struct klp_section *section = &elf->sections[number];

	return section->type == SHT_RELA && section->info < elf->n_sections &&
	       !(section->flags & KLP_SHF_RELA_LIVEPATCH) && wanted(elf, section->info);
}

/* Room for the maximal number. */
static int allocate(struct klp_pointers *pointers,
		    bool (*wanted)(const struct klp_elf *elf, uint32_t section))
{
	const struct klp_elf *elf = pointers->elf;
	uint64_t n = 0, n_symbols = klp_elf_count_symbols(elf);

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (klp_has_relas(elf, i, wanted))
			n += klp_elf_count_relas(elf, i);
	}
	pointers->v = calloc((size_t)n + 1, sizeof(*pointers->v));
	pointers->extents = calloc((size_t)n_symbols + 1, sizeof(*pointers->extents));
	pointers->starts = calloc((size_t)(n + n_symbols) + 1, sizeof(*pointers->starts));
	return pointers->v && pointers->extents && pointers->starts ? 0 : -ENOMEM;
}

int klp_pointers_gather(struct klp_pointers *pointers, const struct klp_elf *elf,
			bool (*wanted)(const struct klp_elf *elf, uint32_t section))
{
	int err;

	*pointers = (struct klp_pointers){ .elf = elf };
	err = allocate(pointers, wanted);
	for (uint32_t i = 1; i < elf->n_sections && err == 0; i++) {
		if (klp_has_relas(elf, i, wanted))
			err = gather_section(pointers, i);
	}
	if (err == 0)
		err = gather_symbols(pointers);
	if (err < 0)
		return err;
	klp_places_sort(pointers->v, pointers->n, sizeof(*pointers->v), klp_place_cmp);
	klp_places_sort(pointers->extents, pointers->n_extents, sizeof(*pointers->extents),
			cmp_extents);
	klp_places_sort(pointers->starts, pointers->n_starts, sizeof(*pointers->starts),
			klp_place_cmp);
	return 0;
}

/* ---- looking up -------------------------------------------------------------------- */

size_t klp_places_from(const void *things, size_t n, size_t size, struct klp_place place)
{
	return klp_lower_bound(&place, things, n, size, klp_place_cmp);
}

const void *klp_places_at(const void *things, size_t n, size_t size, struct klp_place place)
{
	size_t i = klp_places_from(things, n, size, place);
	const char *found = things;

	if (i == n)
		return NULL;
	found += i * size;
	return klp_place_cmp(found, &place) == 0 ? found : NULL;
}

void klp_places_sort(void *things, size_t n, size_t size,
		     int (*cmp)(const void *, const void *))
{
	const char *p = things;

	for (size_t i = 1; i < n; i++) {
		if (cmp(p + (i - 1) * size, p + i * size) > 0) {
			qsort(things, n, size, cmp);
			return;
		}
	}
}

const struct klp_pointer *klp_pointer_from(const struct klp_pointers *pointers,
					   struct klp_place place)
{
	size_t i = klp_places_from(pointers->v, pointers->n, sizeof(*pointers->v), place);

	return i < pointers->n && pointers->v[i].at.section == place.section ?
		       &pointers->v[i] : NULL;
}

const struct klp_pointer *klp_pointer_at(const struct klp_pointers *pointers,
					 struct klp_place base, uint64_t offset)
{
	struct klp_place place = { base.section, base.offset + offset };

	return klp_places_at(pointers->v, pointers->n, sizeof(*pointers->v), place);
}

uint64_t klp_pointers_symbol_size(const struct klp_pointers *pointers,
				  struct klp_place place)
{
	const struct klp_extent *extent = klp_places_at(
		pointers->extents, pointers->n_extents, sizeof(*pointers->extents), place);

	return extent ? extent->size : 0;
}

uint64_t klp_pointers_array_end(const struct klp_pointers *pointers,
				struct klp_place place)
{
	uint64_t end = pointers->elf->sections[place.section].size;
	uint64_t size = klp_pointers_symbol_size(pointers, place);
	struct klp_place behind = { place.section, place.offset + 1 };
	size_t i;

	if (size && size <= end && place.offset <= end - size)
		return place.offset + size;
	i = klp_places_from(pointers->starts, pointers->n_starts,
			    sizeof(*pointers->starts), behind);
	if (i < pointers->n_starts && pointers->starts[i].section == place.section &&
	    pointers->starts[i].offset < end)
		end = pointers->starts[i].offset;
	return end;
}

bool klp_pointer_to_data(const struct klp_pointers *pointers,
			 const struct klp_pointer *pointer)
{
	return pointer && pointer->to.section &&
	       (pointers->elf->sections[pointer->to.section].flags &
		(SHF_ALLOC | SHF_EXECINSTR)) == SHF_ALLOC;
}

const char *klp_pointer_string(const struct klp_pointers *pointers,
			       const struct klp_pointer *pointer)
{
	const char *string;

	if (!klp_pointer_to_data(pointers, pointer))
		return NULL;
	string = klp_elf_string(pointers->elf, pointer->to.section, pointer->to.offset);
	return string && *string ? string : NULL;
}

bool klp_pointer_to_array(const struct klp_pointers *pointers,
			  const struct klp_pointer *pointer)
{
	return pointer && klp_elf_is_data(pointers->elf, pointer->to.section) &&
	       pointer->to.offset < pointers->elf->sections[pointer->to.section].size;
}

bool klp_pointer_to_code(const struct klp_pointers *pointers,
			 const struct klp_pointer *pointer)
{
	return pointer && klp_elf_is_code(pointers->elf, pointer->to.section);
}
