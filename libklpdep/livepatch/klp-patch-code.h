/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a module's code does with its klp_patch, as far as the file shows. */
#ifndef KLP_PATCH_CODE_H
#define KLP_PATCH_CODE_H

#include "libklpdep/livepatch/pointers.h"

/* The function that is called. */
enum klp_callee {
	KLP_CALLEE_NONE,
	KLP_CALLEE_ANY,
	KLP_CALLEE_COPY,   /* memcpy() and the like */
	KLP_CALLEE_KERNEL, /* takes a klp_patch and does not change it */
	KLP_CALLEE_ENABLE, /* klp_enable_patch() */
};

/* The target of a relocation of the code. */
struct klp_ref {
	struct klp_place from, to; /* to.section 0: outside the module */
	enum klp_callee callee;
	const struct klp_ref *call; /* the next reference that is a call, or NULL */
};

/* A function, up to the next one. */
struct klp_unit {
	struct klp_place at;
	uint64_t end;
	bool reached;
};

struct klp_code {
	const struct klp_pointers *pointers;
	struct klp_ref *refs; /* sorted by place */
	size_t n_refs;
	struct klp_place *enabled; /* arguments of klp_enable_patch(); sorted */
	size_t n_enabled;
	struct klp_place *targets; /* all references to writable data; sorted */
	size_t n_targets;
	struct klp_unit *units; /* all code; sorted */
	size_t n_units;
};

/* @pointers: those in writable data.  0, -ENOMEM or an errno of reading. */
int klp_code_gather(struct klp_code *code, const struct klp_pointers *pointers);
void klp_code_clear(struct klp_code *code);
#define _cleanup_code_ _cleanup_(klp_code_clear)

/* Whether the code refers to exactly that place; and whether the next call after that is
 * klp_enable_patch(). */
bool klp_code_refers(const struct klp_code *code, struct klp_place place);
bool klp_code_enables(const struct klp_code *code, struct klp_place place);

/* The unit that contains a place, or NULL. */
struct klp_unit *klp_code_find_unit(const struct klp_code *code, struct klp_place place);
/* Whether a section has addresses that code loads: ppc64le has a table of contents, others
 * a global offset table. */
bool klp_code_is_table(const struct klp_elf *elf, uint32_t section);

/* (klp-patch-replace.c) Whether code may write to the field replace of the klp_patch at a
 * place: 1, 0 or an error.  Call it once. */
int klp_code_may_write(struct klp_code *code, struct klp_place patch);

#endif /* KLP_PATCH_CODE_H */
