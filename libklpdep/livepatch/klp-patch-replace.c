/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The field replace of a klp_patch, if code may write to it.
 *
 * If code may write to the field of a klp_patch in the data, the value in the file does not
 * count.  Relocations tell which code can reach the klp_patch:
 *
 *  - A relocation in the data to it, or into it, such as module_param_named() makes: any
 *    code.
 *
 *  - A relocation in code of x86_64: this code.  Compilers for x86_64 never go from one
 *    structure to another, so there is no other way to the klp_patch.  The code is harmless
 *    if it only loads the argument of klp_enable_patch() or the like, which is called next.
 *    The kernel's own livepatches, of 6.1 and 6.12, and ones written like SUSE's do so; gcc
 *    12 and clang 14 give the same code.  Writes to neighbours in .data do not count: only
 *    the symbol table tells that the klp_patch is inside something larger, and a stripped
 *    one does not.
 *
 *  - Elsewhere compilers do go from one structure of a section to others (GCC's section
 *    anchors).  A function that refers to the section must not call memcpy(), and must not
 *    write at the distance of the field from a register, measured from the reference or
 *    from the klp_patch's beginning.  The same holds for a function that it calls, or whose
 *    address it takes.
 *
 * If the file does not tell, the answer is unknown.
 *
 * kpatch's and klp-build's own code allocates the klp_patch, and stores a constant: on
 * x86_64 the function that calls klp_enable_patch() has "movb $CONSTANT,0x18(REGISTER)"
 * (seen in nine modules, of kpatch 0.9 and of klp-build).  None of other machines have been
 * seen.
 */
#include "config.h"

#include "libklpdep/livepatch/format.h"
#include "libklpdep/livepatch/klp-patch-layout.h"
#include "libklpdep/livepatch/stores.h"

/* From 5.1 to 5.4, replace was where states is now. */
enum { OLD_REPLACE = KLP_PATCH_STATES };

struct search {
	struct klp_code *code;
	struct klp_place patch;
	struct klp_place begin; /* of the structure that contains it, or its own */
	uint64_t size;
	struct klp_unit **queue;
	size_t n_queue;
	/* References of the current function into the section; sorted. */
	struct klp_place *bases;
	size_t n_bases;
	uint32_t section;
	bool may_write;
};

/* Beginning and end, by its symbol, of the klp_patch or the structure that contains it. */
static void find_bounds(struct search *search)
{
	enum { IMMEDIATE = 4 }; /* of x86's bytes that follow */
	const struct klp_pointers *pointers = search->code->pointers;
	const struct klp_place patch = search->patch;
	size_t i = klp_places_from(pointers->extents, pointers->n_extents,
				   sizeof(*pointers->extents), patch);
	const struct klp_extent *before = i ? &pointers->extents[i - 1] : NULL;
	uint64_t size = klp_pointers_symbol_size(pointers, patch);

	search->begin = patch;
	if (before && before->at.section == patch.section &&
	    klp_pointers_symbol_size(pointers, before->at) >
		    patch.offset - before->at.offset) {
		search->begin = before->at;
		size = klp_pointers_symbol_size(pointers, before->at);
	}
	search->size = patch.offset - search->begin.offset + KLP_PATCH_REPLACE + 1;
	if (size > search->size + IMMEDIATE)
		search->size = size - IMMEDIATE;
}

static bool is_in_it(const struct search *search, struct klp_place place)
{
	return place.section == search->patch.section &&
	       place.offset - search->begin.offset < search->size;
}

/* Data, constant or not. */
static bool is_any_data(const struct klp_elf *elf, uint32_t section)
{
	return elf->sections[section].flags & SHF_ALLOC && !klp_elf_is_code(elf, section) &&
	       !klp_code_is_table(elf, section);
}

/* Pointers in the data. */
static int search_data(struct search *search)
{
	const struct klp_elf *elf = search->code->pointers->elf;

	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (!klp_has_relas(elf, i, is_any_data))
			continue;
		for (uint64_t j = 0; j < klp_elf_count_relas(elf, i); j++) {
			struct klp_pointer pointer;
			struct klp_rela rela;
			int err = klp_elf_rela(elf, i, j, &rela);

			if (err == 0)
				err = klp_pointer_resolve(elf, &rela, &pointer);
			if (err < 0)
				return err;
			pointer.at = (struct klp_place){ elf->sections[i].info, rela.offset };
			search->may_write |= klp_elf_is_abs64(elf, rela.type) &&
					     is_in_it(search, pointer.to) &&
					     !is_in_it(search, pointer.at);
		}
	}
	return 0;
}

/* ---- x86_64 ------------------------------------------------------------------------ */

/* Whether a stretch of code neither writes to nor keeps what %rdi points to, for sure: only
 * what compilers put between the last argument and the call. */
static bool is_harmless(const unsigned char *p, uint64_t size)
{
	static const struct {
		unsigned char length, mask[3], value[3];
	} known[] = {
		{ 1, { 0xf8 }, { 0x58 } }, /* pop */
		{ 2, { 0xff, 0xf8 }, { 0x41, 0x58 } },
		{ 1, { 0xff }, { 0xc9 } },			      /* leave */
		{ 4, { 0xff, 0xff, 0xff }, { 0x48, 0x83, 0xc4 } },    /* add $X,%rsp */
		{ 5, { 0xff }, { 0xbe } },			      /* mov $X,%esi */
		{ 6, { 0xff, 0xe7 }, { 0x89, 0x05 } },		      /* mov %eax,X(%rip) */
		{ 7, { 0xff, 0xff, 0xe7 }, { 0x48, 0x89, 0x05 } },
		{ 7, { 0xff, 0xff }, { 0xc6, 0x05 } }, /* movb $X,Y(%rip) */
	};

	while (size) {
		size_t i = 0;

		while (i < KLP_ARRAY_SIZE(known) &&
		       (known[i].length > size ||
			(p[0] & known[i].mask[0]) != known[i].value[0] ||
			(known[i].mask[1] &&
			 (p[1] & known[i].mask[1]) != known[i].value[1]) ||
			(known[i].mask[2] &&
			 (p[2] & known[i].mask[2]) != known[i].value[2])))
			i++;
		if (i == KLP_ARRAY_SIZE(known))
			return false;
		p += known[i].length;
		size -= known[i].length;
	}
	return true;
}

/* Whether a reference only loads the argument of one of the kernel's klp_ functions. */
static bool is_argument(const struct klp_elf *elf, const struct klp_ref *ref)
{
	enum { LOAD = 3, ADDRESS = 4, CALL = 1, LONGEST = 64 };
	const unsigned char *p;
	uint64_t size;
	int err;

	if (!ref->call || ref->call->callee < KLP_CALLEE_KERNEL || ref->from.offset < LOAD)
		return false;
	size = ref->call->from.offset - ref->from.offset;
	p = size >= ADDRESS + CALL && size <= LONGEST ?
		    klp_elf_data(elf, ref->from.section, ref->from.offset - LOAD,
				 LOAD + size, &err) : NULL;
	/* mov $PATCH,%rdi or lea PATCH(%rip),%rdi; call or jmp */
	return p && (memcmp(p, "\x48\xc7\xc7", LOAD) == 0 ||
		     memcmp(p, "\x48\x8d\x3d", LOAD) == 0) &&
	       (p[LOAD + size - CALL] & 0xfe) == 0xe8 &&
	       is_harmless(p + LOAD + ADDRESS, size - ADDRESS - CALL);
}

static void search_x86(struct search *search)
{
	const struct klp_code *code = search->code;

	for (size_t i = 0; i < code->n_refs; i++) {
		const struct klp_ref *ref = &code->refs[i];

		search->may_write |= is_in_it(search, ref->to) &&
				     !(klp_place_cmp(&ref->to, &search->patch) == 0 &&
				       is_argument(code->pointers->elf, ref));
	}
}

/* movb $imm8,disp8(REGISTER); with a SIB byte, where the register is %r12. */
static void find_constants(const unsigned char *p, uint64_t size, bool seen[2])
{
	for (uint64_t i = 0; i + 4 <= size; i++) {
		uint64_t sib = p[i + 1] == 0x44;

		if (p[i] != 0xc6 || (p[i + 1] & 0xf8) != 0x40 || i + sib + 4 > size ||
		    p[i + sib + 2] != KLP_PATCH_REPLACE || p[i + sib + 3] > 1 ||
		    (sib && (p[i + 2] != 0x24 || i == 0 || p[i - 1] != 0x41)))
			continue;
		seen[p[i + sib + 3]] = true;
	}
}

static int look_at_enabling(struct klp_code *code, bool seen[2])
{
	for (size_t i = 0; i < code->n_refs; i++) {
		struct klp_unit *unit = code->refs[i].callee == KLP_CALLEE_ENABLE ?
						klp_code_find_unit(code,
								   code->refs[i].from) :
						NULL;
		const unsigned char *p;
		int err;

		if (!unit || unit->reached)
			continue;
		unit->reached = true;
		p = klp_elf_data(code->pointers->elf, unit->at.section, unit->at.offset,
				 unit->end - unit->at.offset, &err);
		if (!p)
			return err;
		find_constants(p, unit->end - unit->at.offset, seen);
	}
	return 0;
}

int klp_tool_replace(const struct klp_elf *elf, enum klpdep_replace *replace)
{
	/* The data has no klp_patch. */
	struct klp_pointers pointers = { .elf = elf };
	_cleanup_code_ struct klp_code code = { 0 };
	bool seen[2] = { false, false };
	int err;

	if (elf->machine != EM_X86_64)
		return 0;
	err = klp_code_gather(&code, &pointers);
	if (err == 0)
		err = look_at_enabling(&code, seen);
	/* another value, or several: unknown */
	if (err == 0 && seen[0] != seen[1])
		*replace = seen[1] ? KLPDEP_REPLACE_YES : KLPDEP_REPLACE_NO;
	return err;
}

/* ---- other machines ---------------------------------------------------------------- */

static void reach(struct search *search, struct klp_unit *unit)
{
	if (!unit || unit->reached)
		return;
	unit->reached = true;
	search->queue[search->n_queue++] = unit;
}

/* The inverse: the bases from which a store of @width bytes at @offset hits the field.  Is
 * there a reference among them? */
static bool hits(const struct search *search, uint64_t field, int64_t offset,
		 uint64_t width)
{
	/* the first base that is not too low, and the first that is too high */
	uint64_t high = search->patch.offset + field - (uint64_t)offset;
	uint64_t low = high - width + 1;
	struct klp_place first = { search->patch.section, low > high ? 0 : low };
	size_t i;

	if ((int64_t)high < 0)
		return false;
	if ((search->patch.offset >= first.offset && search->patch.offset <= high) ||
	    (search->begin.offset >= first.offset && search->begin.offset <= high))
		return true;
	i = klp_places_from(search->bases, search->n_bases, sizeof(*search->bases),
			    first);
	return i < search->n_bases && search->bases[i].offset <= high;
}

static void found_store(void *data, int64_t offset, uint64_t width)
{
	struct search *search = data;

	if (width == KLP_STORE_ANYWHERE)
		search->may_write |= search->n_bases != 0;
	else
		search->may_write |= hits(search, KLP_PATCH_REPLACE, offset, width) ||
				     (width == 1 && hits(search, OLD_REPLACE, offset, 1));
}

static void found_branch(void *data, uint64_t target)
{
	struct search *search = data;

	reach(search, klp_code_find_unit(search->code,
					 (struct klp_place){ search->section, target }));
}

static bool is_field(const struct search *search, struct klp_place place)
{
	return place.section == search->patch.section &&
	       place.offset >= search->patch.offset + OLD_REPLACE &&
	       place.offset <= search->patch.offset + KLP_PATCH_REPLACE;
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

		if (ref->to.section == search->patch.section)
			search->bases[search->n_bases++] = ref->to;
		search->may_write |= ref->callee == KLP_CALLEE_COPY ||
				     is_field(search, ref->to);
		if (klp_elf_is_code(code->pointers->elf, ref->to.section))
			reach(search, klp_code_find_unit(code, ref->to));
	}
	qsort(search->bases, search->n_bases, sizeof(*search->bases), klp_place_cmp);
	return klp_scan_code(code->pointers->elf, unit->at.section, unit->at.offset,
			     unit->end, &scan);
}

static int search_anchored(struct search *search)
{
	const struct klp_code *code = search->code;
	_cleanup_free_ struct klp_unit **queue = calloc(code->n_units + 1,
							sizeof(*queue));
	_cleanup_free_ struct klp_place *bases = calloc(code->n_refs + 1, sizeof(*bases));
	int err = queue && bases ? 0 : -ENOMEM;

	search->queue = queue;
	search->bases = bases;
	for (size_t i = 0; i < code->n_refs && err == 0; i++) {
		if (code->refs[i].to.section == search->patch.section)
			reach(search, klp_code_find_unit(code, code->refs[i].from));
	}
	while (err == 0 && search->n_queue && !search->may_write)
		err = search_unit(search, queue[--search->n_queue]);
	return err;
}

int klp_code_may_write(struct klp_code *code, struct klp_place patch)
{
	struct search search = { .code = code, .patch = patch };
	int err;

	find_bounds(&search);
	err = search_data(&search);
	if (err == 0 && code->pointers->elf->machine == EM_X86_64)
		search_x86(&search);
	else if (err == 0)
		err = search_anchored(&search);
	return err < 0 ? err : search.may_write;
}
