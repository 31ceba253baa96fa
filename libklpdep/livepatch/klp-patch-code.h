/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a module's code does with its klp_patch, as far as the file tells. */
#ifndef KLP_PATCH_CODE_H
#define KLP_PATCH_CODE_H

#include "libklpdep/livepatch/pointers.h"

/* What is called. */
enum klp_callee {
	KLP_CALLEE_NONE,
	KLP_CALLEE_ANY,
	KLP_CALLEE_COPY,   /* memcpy() and the like */
	KLP_CALLEE_KERNEL, /* what takes a klp_patch and leaves it alone */
	KLP_CALLEE_ENABLE, /* klp_enable_patch() */
};

/* What a relocation of the code refers to. */
struct klp_ref {
	struct klp_place from, to; /* to.section 0: outside the module */
	enum klp_callee callee;
	const struct klp_ref *call; /* the next that calls something, or NULL */
};

/* A function, and what follows up to the next. */
struct klp_unit {
	struct klp_place at;
	uint64_t end;
	bool reached;
};

struct klp_code {
	const struct klp_pointers *pointers;
	struct klp_ref *refs; /* sorted by where they stand */
	size_t n_refs;
	struct klp_place *enabled; /* what klp_enable_patch() is called with; sorted */
	size_t n_enabled;
	struct klp_place *targets; /* all that is referred to in writable data; sorted */
	size_t n_targets;
	struct klp_unit *units; /* sorted; all the code there is */
	size_t n_units;
};

/* @pointers: those in writable data.  0, -ENOMEM or an errno of reading. */
int klp_code_gather(struct klp_code *code, const struct klp_pointers *pointers);
void klp_code_clear(struct klp_code *code);
#define _cleanup_code_ _cleanup_(klp_code_clear)

/* Whether the code refers to that very place; and whether the next thing that it calls is
 * klp_enable_patch(). */
bool klp_code_refers(const struct klp_code *code, struct klp_place place);
bool klp_code_enables(const struct klp_code *code, struct klp_place place);

/* The unit that a place is in, or NULL. */
struct klp_unit *klp_code_find_unit(const struct klp_code *code, struct klp_place place);
/* Whether a section holds addresses for code to take them from: ppc64le keeps them in a
 * table of contents, others in one of offsets. */
bool klp_code_is_table(const struct klp_elf *elf, uint32_t section);

/* (klp-patch-replace.c) Whether something may write to the field replace of the klp_patch at
 * a place: 1, 0 or an error.  To be called once. */
int klp_code_may_write(struct klp_code *code, struct klp_place patch);

#endif /* KLP_PATCH_CODE_H */
