/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The relocations of the code tell where it gets the address of something from.  What it
 * does with the address is in the instructions: where klp_patch.replace is set by code, the
 * value in the file is not the one that counts.
 */
#include "config.h"

#include "libklpdep/klp-patch-code.h"
#include "libklpdep/stores.h"

enum { CALLEE_NONE, CALLEE_ANY, CALLEE_ENABLE, CALLEE_COPY };

/* klp_patch.replace, and the same from 5.1 to 5.4, when there were no states. */
enum { REPLACE = 24, OLD_REPLACE = 16 };

void klp_code_clear(struct klp_code *code)
{
	free(code->refs);
	free(code->enabled);
	free(code->targets);
	free(code->units);
}

static int cmp_refs(const void *p, const void *q)
{
	const struct klp_ref *a = p, *b = q;

	return klp_place_cmp(&a->from, &b->from);
}

static int cmp_places(const void *p, const void *q)
{
	return klp_place_cmp(p, q);
}

/* ---- functions --------------------------------------------------------------------- */

static int cmp_units(const void *p, const void *q)
{
	const struct klp_unit *a = p, *b = q;
	int cmp = klp_place_cmp(&a->at, &b->at);

	return cmp ? cmp : a->end > b->end ? -1 : a->end < b->end;
}

/* The functions that the symbol table knows. */
static int gather_functions(const struct klp_elf *elf, struct klp_unit **functions,
			    size_t *n)
{
	for (uint32_t i = 1; i < klp_elf_count_symbols(elf); i++) {
		struct klp_symbol symbol;
		struct klp_unit *unit;
		int err = klp_elf_symbol(elf, i, &symbol);
		uint64_t size;

		if (err < 0)
			return err;
		size = elf->sections[symbol.section].size;
		if (symbol.type != STT_FUNC || !klp_elf_is_code(elf, symbol.section) ||
		    symbol.value >= size || symbol.size == 0)
			continue;
		unit = klp_append(*functions, *n);
		if (!unit)
			return -ENOMEM;
		unit->at = (struct klp_place){ symbol.section, symbol.value };
		unit->end = symbol.size < size - symbol.value ? symbol.value + symbol.size :
								size;
	}
	return 0;
}

static int add_unit(struct klp_code *code, uint32_t section, uint64_t from, uint64_t to)
{
	struct klp_unit *unit;

	if (from >= to)
		return 0;
	unit = klp_append(code->units, code->n_units);
	if (!unit)
		return -ENOMEM;
	*unit = (struct klp_unit){ { section, from }, to, false };
	return 0;
}

/* Functions without a symbol, which strip removes from local ones, begin where pointers
 * lead to, the new_func of a klp_func above all; where they end is not known. */
static int gather_pointed_to(const struct klp_pointers *pointers,
			     struct klp_unit **functions, size_t *n)
{
	for (size_t i = 0; i < pointers->n; i++) {
		struct klp_unit *unit;

		if (!klp_elf_is_code(pointers->elf, pointers->v[i].to.section))
			continue;
		unit = klp_append(*functions, *n);
		if (!unit)
			return -ENOMEM;
		unit->at = pointers->v[i].to;
		unit->end = unit->at.offset;
	}
	return 0;
}

/* Functions, and what is left between them. */
static int gather_units(struct klp_code *code)
{
	const struct klp_elf *elf = code->pointers->elf;
	_cleanup_free_ struct klp_unit *functions = NULL;
	size_t n = 0, i = 0;
	int err = gather_functions(elf, &functions, &n);

	if (err == 0)
		err = gather_pointed_to(code->pointers, &functions, &n);
	if (n)
		qsort(functions, n, sizeof(*functions), cmp_units);
	for (uint32_t section = 1; section < elf->n_sections && err == 0; section++) {
		uint64_t end = 0;

		if (!klp_elf_is_code(elf, section))
			continue;
		for (; i < n && functions[i].at.section == section && err == 0; i++) {
			uint64_t from = functions[i].at.offset;

			/* a pointer can lead beyond the section's end */
			if (from > elf->sections[section].size)
				continue;
			err = add_unit(code, section, end, from);
			if (err == 0)
				err = add_unit(code, section, from < end ? end : from,
					       functions[i].end);
			if (functions[i].end > end)
				end = functions[i].end;
		}
		if (err == 0)
			err = add_unit(code, section, end, elf->sections[section].size);
	}
	return err;
}

static struct klp_unit *find_unit(const struct klp_code *code, struct klp_place place)
{
	size_t i = klp_places_from(code->units, code->n_units, sizeof(*code->units),
				   (struct klp_place){ place.section, place.offset + 1 });

	return i && code->units[i - 1].at.section == place.section &&
			       place.offset < code->units[i - 1].end ?
		       &code->units[i - 1] : NULL;
}

/* ---- references -------------------------------------------------------------------- */

/* What the addend of a pc-relative relocation has more or less than the target: x86 counts
 * from behind the displacement, s390x from 2 bytes in front of it. */
static int64_t bias(const struct klp_elf *elf, uint32_t type)
{
	switch (elf->machine) {
	case EM_X86_64:
		return type == R_X86_64_PC32 || type == R_X86_64_PLT32 ||
				       type == R_X86_64_GOTPCREL ||
				       type == R_X86_64_GOTPCRELX ||
				       type == R_X86_64_REX_GOTPCRELX ?
			       4 : 0;
	case EM_S390:
		return (type >= R_390_PC16DBL && type <= R_390_PLT32DBL) ||
				       type == R_390_GOTENT ?
			       -2 : 0;
	}
	return 0;
}

static unsigned int callee_of(const char *name)
{
	static const char *const copying[] = { "memcpy", "memmove", "memset", "__memcpy",
					       "__memmove", "__memset" };

	if (!name)
		return CALLEE_NONE;
	/* The second is there before 5.1, and is called before the first. */
	if (klp_streq(name, "klp_enable_patch") || klp_streq(name, "klp_register_patch"))
		return CALLEE_ENABLE;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(copying); i++) {
		if (klp_streq(name, copying[i]))
			return CALLEE_COPY;
	}
	return CALLEE_ANY;
}

/* ppc64le keeps addresses in a table of contents, others in one of offsets. */
static bool is_table(const struct klp_elf *elf, uint32_t section)
{
	const char *name = elf->sections[section].name;

	return section && (klp_streq(name, ".toc") || klp_streq(name, ".got"));
}

static int read_ref(const struct klp_code *code, uint32_t number, uint64_t i,
		    struct klp_ref *ref)
{
	const struct klp_elf *elf = code->pointers->elf;
	const struct klp_unit *callee;
	const struct klp_pointer *entry;
	struct klp_symbol symbol;
	struct klp_rela rela;
	int err = klp_elf_rela(elf, number, i, &rela);

	if (err == 0)
		err = klp_elf_symbol(elf, rela.symbol, &symbol);
	if (err < 0)
		return err;
	*ref = (struct klp_ref){
		.from = { elf->sections[number].info, rela.offset },
		.to = { symbol.section,
			symbol.value + (uint64_t)rela.addend +
				(uint64_t)bias(elf, rela.type) },
	};
	if (is_table(elf, ref->to.section)) {
		entry = klp_pointer_at(code->pointers, ref->to, 0);
		if (entry)
			ref->to = entry->to;
	}
	if (rela.symbol && !symbol.section)
		ref->callee = (uint8_t)callee_of(symbol.name);
	if (klp_elf_is_code(elf, ref->to.section)) {
		callee = find_unit(code, ref->to);
		/* A relocation to the middle of the same function is none of a call. */
		if (callee && callee != find_unit(code, ref->from))
			ref->callee = CALLEE_ANY;
	}
	return 0;
}

static bool has_refs(const struct klp_elf *elf, uint32_t number)
{
	const struct klp_section *section = &elf->sections[number];

	return section->type == SHT_RELA && section->info < elf->n_sections &&
	       !(section->flags & KLP_SHF_RELA_LIVEPATCH) &&
	       klp_elf_is_code(elf, section->info);
}

static int gather_refs(struct klp_code *code)
{
	const struct klp_elf *elf = code->pointers->elf;
	uint64_t n = 0;
	bool sorted = true;

	for (uint32_t i = 1; i < elf->n_sections; i++)
		n += has_refs(elf, i) ? klp_elf_count_relas(elf, i) : 0;
	code->refs = calloc(n + 1, sizeof(*code->refs));
	if (!code->refs)
		return -ENOMEM;
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (!has_refs(elf, i))
			continue;
		for (uint64_t j = 0; j < klp_elf_count_relas(elf, i); j++) {
			struct klp_ref *ref = &code->refs[code->n_refs];
			int err = read_ref(code, i, j, ref);

			if (err < 0)
				return err;
			if (code->n_refs && cmp_refs(ref - 1, ref) > 0)
				sorted = false;
			code->n_refs++;
		}
	}
	if (!sorted)
		qsort(code->refs, code->n_refs, sizeof(*code->refs), cmp_refs);
	return 0;
}

/* Mark what is referred to between a call and one of klp_enable_patch() behind it: its
 * argument is there, unless it was in a register before. */
static void mark_enabled(struct klp_code *code)
{
	for (size_t i = 0; i < code->n_refs; i++) {
		if (code->refs[i].callee != CALLEE_ENABLE)
			continue;
		for (size_t j = i; j-- > 0;) {
			if (code->refs[j].from.section != code->refs[i].from.section ||
			    code->refs[j].callee != CALLEE_NONE)
				break;
			code->refs[j].enabled = true;
		}
	}
}

static int gather_targets(struct klp_code *code)
{
	code->targets = calloc(code->n_refs + 1, sizeof(*code->targets));
	code->enabled = calloc(code->n_refs + 1, sizeof(*code->enabled));
	if (!code->targets || !code->enabled)
		return -ENOMEM;
	for (size_t i = 0; i < code->n_refs; i++) {
		if (!klp_elf_is_data(code->pointers->elf, code->refs[i].to.section))
			continue;
		code->targets[code->n_targets++] = code->refs[i].to;
		if (code->refs[i].enabled)
			code->enabled[code->n_enabled++] = code->refs[i].to;
	}
	qsort(code->targets, code->n_targets, sizeof(*code->targets), cmp_places);
	qsort(code->enabled, code->n_enabled, sizeof(*code->enabled), cmp_places);
	return 0;
}

int klp_code_gather(struct klp_code *code, const struct klp_pointers *pointers)
{
	int err;

	*code = (struct klp_code){ .pointers = pointers };
	err = gather_units(code);
	if (err == 0)
		err = gather_refs(code);
	if (err < 0)
		return err;
	mark_enabled(code);
	return gather_targets(code);
}

static bool is_among(const struct klp_place *places, size_t n, struct klp_place place)
{
	size_t i = klp_places_from(places, n, sizeof(*places), place);

	return i < n && klp_place_cmp(&places[i], &place) == 0;
}

bool klp_code_refers(const struct klp_code *code, struct klp_place place)
{
	return is_among(code->targets, code->n_targets, place);
}

bool klp_code_enables(const struct klp_code *code, struct klp_place place)
{
	return is_among(code->enabled, code->n_enabled, place);
}

/* ---- writing ----------------------------------------------------------------------- */

/*
 * May the code write to patch->replace?  Where the file cannot tell, it may.  It can
 *
 *  - refer to the field itself;
 *  - refer to the klp_patch, or to anything near it that the compiler took for a base (GCC's
 *    section anchors), and write at a distance from it: then the function that does has an
 *    instruction that writes that far from a register, or one that does not say where;
 *  - hand the klp_patch to a function of its own that writes to it: any that can be reached
 *    by direct calls is looked at in the same way, its argument being the klp_patch;
 *  - have it overwritten as a whole, by memcpy();
 *  - have a pointer to it, or to the field, in its data: module_param_named() sets it then.
 *
 * Calls through pointers are followed where the function's address is taken.
 */
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

/* Where replace is, or could be for a kernel before 5.5, the way around: a store of @width
 * bytes @offset from what base hits it? */
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
	i = klp_places_from(search->bases, search->n_bases, sizeof(*search->bases), first);
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

	reach(search, find_unit(search->code, (struct klp_place){ search->section, target }));
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
	size_t i = klp_places_from(code->refs, code->n_refs, sizeof(*code->refs), unit->at);

	search->n_bases = 0;
	search->section = unit->at.section;
	for (; i < code->n_refs && code->refs[i].from.section == unit->at.section &&
	       code->refs[i].from.offset < unit->end; i++) {
		const struct klp_ref *ref = &code->refs[i];

		if (is_near(search, ref->to))
			search->bases[search->n_bases++] = ref->to;
		search->may_write |= ref->callee == CALLEE_COPY || is_field(search, ref->to);
		if (klp_elf_is_code(code->pointers->elf, ref->to.section))
			reach(search, find_unit(code, ref->to));
	}
	qsort(search->bases, search->n_bases, sizeof(*search->bases), cmp_places);
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
		    klp_elf_is_code(elf, section->info) || is_table(elf, section->info))
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
	_cleanup_free_ struct klp_unit **queue = calloc(code->n_units + 1, sizeof(*queue));
	_cleanup_free_ struct klp_place *bases = calloc(code->n_refs + 1, sizeof(*bases));
	struct search search = { .code = code, .patch = patch, .queue = queue,
				 .bases = bases };
	int err;

	if (!queue || !bases)
		return -ENOMEM;
	for (size_t i = 0; i < code->n_refs; i++) {
		if (is_near(&search, code->refs[i].to))
			reach(&search, find_unit(code, code->refs[i].from));
	}
	err = search_data(&search);
	while (err == 0 && search.n_queue && !search.may_write)
		err = search_unit(&search, queue[--search.n_queue]);
	return err < 0 ? err : search.may_write;
}
