/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * May the code write to patch->replace?  The value in the file is then not the one that
 * counts.  Where the file cannot tell, it may.  It can
 *
 *  - refer to the field itself;
 *  - refer to the klp_patch, or to anything near it that the compiler took for a base
 * (GCC's section anchors), and write at a distance from it: then the function that does
 * has an instruction that writes that far from a register, or one that does not say
 * where;
 *  - hand the klp_patch to a function of its own that writes to it: any that can be
 * reached by direct calls is looked at in the same way, its argument being the klp_patch;
 *  - have it overwritten as a whole, by memcpy();
 *  - have a pointer to it, or to the field, in its data: module_param_named() sets it
 * then.
 *
 * Calls through pointers are followed where the function's address is taken.
 */
#include "config.h"

#include "libklpdep/livepatch/klp-patch-code.h"
#include "libklpdep/livepatch/stores.h"

/* klp_patch.replace, and the same from 5.1 to 5.4, when there were no states. */
enum { REPLACE = 24, OLD_REPLACE = 16 };

struct search {
	struct klp_code *code;
	struct klp_place patch;
	struct klp_unit **queue;
	size_t n_queue;
	/* Of the function that is looked at: what it refers to that is near; sorted. */
	struct klp_place *bases;
	size_t n_bases;
	uint32_t section;
	bool refers;
	bool may_write;
};

static void reach(struct search *search, struct klp_unit *unit)
{
	if (!unit || unit->reached)
		return;
	unit->reached = true;
	search->queue[search->n_queue++] = unit;
}

/* The other way around: from which bases would a store of @width bytes, @offset from
 * them, hit the field, and is any of these one? */
static bool hits(const struct search *search, uint64_t field, int64_t offset,
		 uint64_t width)
{
	/* the first base that is not too low, and the one that would be too high */
	uint64_t high = search->patch.offset + field - (uint64_t)offset;
	uint64_t low = high - width + 1;
	struct klp_place first = { search->patch.section, low > high ? 0 : low };
	size_t i;

	if ((int64_t)high < 0)
		return false;
	if (search->patch.offset >= first.offset && search->patch.offset <= high)
		return true;
	i = klp_places_from(search->bases, search->n_bases, sizeof(*search->bases),
			    first);
	return i < search->n_bases && search->bases[i].offset <= high;
}

static void found_store(void *data, int64_t offset, uint64_t width)
{
	struct search *search = data;

	if (width == KLP_STORE_ANYWHERE)
		search->may_write |= search->refers;
	else
		search->may_write |= hits(search, REPLACE, offset, width) ||
				     (width == 1 && hits(search, OLD_REPLACE, offset, 1));
}

static void found_branch(void *data, uint64_t target)
{
	struct search *search = data;

	reach(search, klp_code_find_unit(search->code,
					 (struct klp_place){ search->section, target }));
}

/* Whether a place is one that code may get the klp_patch's address from.  On x86 nothing
 * but the structure that it is in could be; elsewhere there are section anchors. */
static bool is_near(const struct search *search, struct klp_place place)
{
	enum { WITHIN = 4096 };
	uint64_t patch = search->patch.offset;

	return place.section == search->patch.section &&
	       (search->code->pointers->elf->machine != EM_X86_64 ||
		(place.offset <= patch + REPLACE && place.offset + WITHIN >= patch));
}

static bool is_field(const struct search *search, struct klp_place place)
{
	/* x86 counts from behind an immediate byte as well. */
	return place.section == search->patch.section &&
	       place.offset >= search->patch.offset + OLD_REPLACE - 1 &&
	       place.offset <= search->patch.offset + REPLACE;
}

static int search_unit(struct search *search, const struct klp_unit *unit)
{
	const struct klp_code_scan scan = { found_store, found_branch, search };
	struct klp_code *code = search->code;
	size_t i = klp_places_from(code->refs, code->n_refs, sizeof(*code->refs),
				   unit->at);

	search->n_bases = 0;
	search->section = unit->at.section;
	for (; i < code->n_refs && code->refs[i].from.section == unit->at.section &&
	       code->refs[i].from.offset < unit->end;
	     i++) {
		const struct klp_ref *ref = &code->refs[i];

		if (is_near(search, ref->to))
			search->bases[search->n_bases++] = ref->to;
		search->may_write |= ref->callee == KLP_CALLEE_COPY ||
				     is_field(search, ref->to);
		if (klp_elf_is_code(code->pointers->elf, ref->to.section))
			reach(search, klp_code_find_unit(code, ref->to));
	}
	qsort(search->bases, search->n_bases, sizeof(*search->bases), klp_places_cmp);
	search->refers = search->n_bases != 0;
	return klp_scan_code(code->pointers->elf, unit->at.section, unit->at.offset,
			     unit->end, &scan);
}

/* Pointers in the data, constant or not. */
static int search_data(struct search *search)
{
	const struct klp_elf *elf = search->code->pointers->elf;

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		const struct klp_section *section = &elf->sections[i];

		if (section->type != SHT_RELA || section->info >= elf->n_sections ||
		    !(elf->sections[section->info].flags & SHF_ALLOC) ||
		    klp_elf_is_code(elf, section->info) ||
		    klp_code_is_table(elf, section->info))
			continue;
		for (uint64_t j = 0; j < klp_elf_count_relas(elf, i); j++) {
			struct klp_pointer pointer;
			struct klp_rela rela;
			int err = klp_elf_rela(elf, i, j, &rela);

			if (err == 0)
				err = klp_pointer_resolve(elf, &rela, &pointer);
			if (err < 0)
				return err;
			if (!klp_elf_is_abs64(elf, rela.type))
				continue;
			search->may_write |= is_field(search, pointer.to);
			if (klp_place_cmp(&pointer.to, &search->patch) != 0)
				continue;
			/* Any of the functions may get it from there. */
			for (size_t k = 0; k < search->code->n_units; k++)
				reach(search, &search->code->units[k]);
		}
	}
	return 0;
}

int klp_code_may_write(struct klp_code *code, struct klp_place patch)
{
	_cleanup_free_ struct klp_unit **queue = calloc(code->n_units + 1,
							sizeof(*queue));
	_cleanup_free_ struct klp_place *bases = calloc(code->n_refs + 1, sizeof(*bases));
	struct search search = {
		.code = code, .patch = patch, .queue = queue, .bases = bases
	};
	int err;

	if (!queue || !bases)
		return -ENOMEM;
	for (size_t i = 0; i < code->n_refs; i++) {
		if (is_near(&search, code->refs[i].to))
			reach(&search, klp_code_find_unit(code, code->refs[i].from));
	}
	err = search_data(&search);
	while (err == 0 && search.n_queue && !search.may_write)
		err = search_unit(&search, queue[--search.n_queue]);
	return err < 0 ? err : search.may_write;
}
