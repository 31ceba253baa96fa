/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relocations of the code: the addresses that it takes, and the functions that it calls. */
#include "config.h"

#include "libklpdep/livepatch/klp-patch-code.h"

void klp_code_clear(struct klp_code *code)
{
	free(code->refs);
	free(code->enabled);
	free(code->targets);
	free(code->units);
}

/* ---- functions --------------------------------------------------------------------- */

static int cmp_units(const void *p, const void *q)
{
	const struct klp_unit *a = p, *b = q;
	int cmp = klp_place_cmp(&a->at, &b->at);

	return cmp ? cmp : a->end > b->end ? -1 : a->end < b->end;
}

static int add_unit(struct klp_code *code, uint32_t section, uint64_t from, uint64_t size)
{
	uint64_t end = code->pointers->elf->sections[section].size;
	struct klp_unit *unit;

	/* a pointer can point beyond the section's end */
	if (from > end)
		return 0;
	unit = klp_append(code->units, code->n_units);
	if (!unit)
		return -ENOMEM;
	if (size < end - from)
		end = from + size;
	*unit = (struct klp_unit){ { section, from }, end, false };
	return 0;
}

/* The functions in the symbol table. */
static int add_functions(struct klp_code *code)
{
	const struct klp_elf *elf = code->pointers->elf;
	int err = 0;

	for (uint32_t i = 1; i < klp_elf_count_symbols(elf) && err == 0; i++) {
		struct klp_symbol symbol;

		err = klp_elf_symbol(elf, i, &symbol);
		if (err == 0 && symbol.type == STT_FUNC && symbol.size &&
		    klp_elf_is_code(elf, symbol.section))
			err = add_unit(code, symbol.section, symbol.value, symbol.size);
	}
	return err;
}

/* Each extends to the next one, unless that is inside it. */
static void part_units(struct klp_code *code)
{
	const struct klp_elf *elf = code->pointers->elf;
	size_t n = 0;

	if (code->n_units)
		qsort(code->units, code->n_units, sizeof(*code->units), cmp_units);
	for (size_t i = 0; i < code->n_units; i++) {
		struct klp_unit unit = code->units[i], *last = n ? &code->units[n - 1] : NULL;

		if (last && last->at.section == unit.at.section &&
		    (unit.at.offset < last->end || unit.at.offset == last->at.offset))
			continue;
		code->units[n++] = unit;
	}
	code->n_units = n;
	for (size_t i = 0; i < n; i++) {
		struct klp_unit *unit = &code->units[i];

		unit->end = i + 1 < n && unit[1].at.section == unit->at.section ?
				    unit[1].at.offset :
				    elf->sections[unit->at.section].size;
	}
}

static int gather_units(struct klp_code *code)
{
	const struct klp_pointers *pointers = code->pointers;
	int err = add_functions(code);

	for (uint32_t i = 1; i < pointers->elf->n_sections && err == 0; i++) {
		if (klp_elf_is_code(pointers->elf, i))
			err = add_unit(code, i, 0, 0);
	}
	/* strip removes the symbols of local functions.  Such functions begin where
	 * pointers point to, in particular new_func of a klp_func.  ftrace's pointers are
	 * no beginnings: they point after a function's first instruction.  Their ends are
	 * not known. */
	for (size_t i = 0; i < pointers->n && err == 0; i++) {
		const struct klp_pointer *pointer = &pointers->v[i];

		if (klp_elf_is_code(pointers->elf, pointer->to.section) &&
		    !klp_streq(pointers->elf->sections[pointer->at.section].name,
			       "__patchable_function_entries"))
			err = add_unit(code, pointer->to.section, pointer->to.offset, 0);
	}
	if (err == 0)
		part_units(code);
	return err;
}

struct klp_unit *klp_code_find_unit(const struct klp_code *code, struct klp_place place)
{
	size_t i = klp_places_from(code->units, code->n_units, sizeof(*code->units),
				   (struct klp_place){ place.section, place.offset + 1 });

	return i && code->units[i - 1].at.section == place.section &&
			       place.offset < code->units[i - 1].end ?
		       &code->units[i - 1] : NULL;
}

/* ---- references -------------------------------------------------------------------- */

/* The difference between the addend of a pc-relative relocation and the target: x86 counts
 * from the end of the displacement, s390x from 2 bytes before it. */
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

static enum klp_callee callee_of(const char *name)
{
	static const struct {
		const char *name;
		enum klp_callee callee;
	} known[] = {
		{ "klp_enable_patch", KLP_CALLEE_ENABLE },
		/* exists before 5.1, and is called first */
		{ "klp_register_patch", KLP_CALLEE_ENABLE },
		{ "klp_disable_patch", KLP_CALLEE_KERNEL },
		{ "klp_unregister_patch", KLP_CALLEE_KERNEL },
		{ "klp_get_state", KLP_CALLEE_KERNEL },
		{ "memcpy", KLP_CALLEE_COPY },	 { "__memcpy", KLP_CALLEE_COPY },
		{ "memmove", KLP_CALLEE_COPY },	 { "__memmove", KLP_CALLEE_COPY },
		{ "memset", KLP_CALLEE_COPY },	 { "__memset", KLP_CALLEE_COPY },
	};

	for (size_t i = 0; name && i < KLP_ARRAY_SIZE(known); i++) {
		if (klp_streq(name, known[i].name))
			return known[i].callee;
	}
	return name ? KLP_CALLEE_ANY : KLP_CALLEE_NONE;
}

bool klp_code_is_table(const struct klp_elf *elf, uint32_t section)
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
	struct klp_symbol symbol = { 0 };
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
	if (klp_code_is_table(elf, ref->to.section)) {
		entry = klp_pointer_at(code->pointers, ref->to, 0);
		if (entry)
			ref->to = entry->to;
	}
	if (rela.symbol && !symbol.section)
		ref->callee = callee_of(symbol.name);
	if (klp_elf_is_code(elf, ref->to.section)) {
		callee = klp_code_find_unit(code, ref->to);
		/* A relocation to the middle of the same function is no call. */
		if (callee && callee != klp_code_find_unit(code, ref->from))
			ref->callee = KLP_CALLEE_ANY;
	}
	return 0;
}

static int gather_refs(struct klp_code *code)
{
	const struct klp_elf *elf = code->pointers->elf;
	uint64_t n = 0;

	for (uint32_t i = 1; i < elf->n_sections; i++)
		n += klp_has_relas(elf, i, klp_elf_is_code) ? klp_elf_count_relas(elf, i) : 0;
	code->refs = calloc((size_t)n + 1, sizeof(*code->refs));
	if (!code->refs)
		return -ENOMEM;
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (!klp_has_relas(elf, i, klp_elf_is_code))
			continue;
		for (uint64_t j = 0; j < klp_elf_count_relas(elf, i); j++) {
			int err = read_ref(code, i, j, &code->refs[code->n_refs]);

			if (err < 0)
				return err;
			code->n_refs++;
		}
	}
	klp_places_sort(code->refs, code->n_refs, sizeof(*code->refs), klp_place_cmp);
	return 0;
}

/* The next call gets the last reference as its argument, unless that was put into a
 * register before. */
static void find_calls(struct klp_code *code)
{
	const struct klp_ref *call = NULL;

	for (size_t i = code->n_refs; i-- > 0;) {
		struct klp_ref *ref = &code->refs[i];

		if (call && call->from.section != ref->from.section)
			call = NULL;
		ref->call = call;
		if (ref->callee != KLP_CALLEE_NONE)
			call = ref;
	}
}

static int gather_targets(struct klp_code *code)
{
	code->targets = calloc(code->n_refs + 1, sizeof(*code->targets));
	code->enabled = calloc(code->n_refs + 1, sizeof(*code->enabled));
	if (!code->targets || !code->enabled)
		return -ENOMEM;
	for (size_t i = 0; i < code->n_refs; i++) {
		const struct klp_ref *ref = &code->refs[i];

		if (!klp_elf_is_data(code->pointers->elf, ref->to.section))
			continue;
		code->targets[code->n_targets++] = ref->to;
		if (ref->call && ref->call->callee == KLP_CALLEE_ENABLE)
			code->enabled[code->n_enabled++] = ref->to;
	}
	qsort(code->targets, code->n_targets, sizeof(*code->targets), klp_place_cmp);
	qsort(code->enabled, code->n_enabled, sizeof(*code->enabled), klp_place_cmp);
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
	find_calls(code);
	return gather_targets(code);
}

bool klp_code_refers(const struct klp_code *code, struct klp_place place)
{
	return klp_places_at(code->targets, code->n_targets, sizeof(place), place);
}

bool klp_code_enables(const struct klp_code *code, struct klp_place place)
{
	return klp_places_at(code->enabled, code->n_enabled, sizeof(place), place);
}
