/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How struct klp_patch, klp_object and klp_func lie in memory
 * (include/linux/livepatch.h): where their fields are, what an array element looks like,
 * and how far it is from one to the next.  The structures' sizes depend on the kernel's
 * configuration, so distances are found from symbol sizes, or from where the next
 * element's pointers stand. */
#ifndef KLP_KLP_PATCH_LAYOUT_H
#define KLP_KLP_PATCH_LAYOUT_H

#include "libklpdep/livepatch/klp-patch-code.h"
#include "libklpdep/livepatch/pointers.h"

/* Offsets are the same in every kernel from 5.5 on.  What comes before that differs in
 * klp_patch alone: from 5.1 to 5.4, replace is where states is now; earlier, there is
 * neither. */
enum {
	KLP_PATCH_OBJS = 8,
	KLP_PATCH_STATES = 16,
	KLP_PATCH_REPLACE = 24,

	KLP_OBJECT_NAME = 0,
	KLP_OBJECT_FUNCS = 8,
	KLP_OBJECT_CALLBACKS = 16, /* four, in the order of enum klpdep_callback */
	KLP_OBJECT_FIELDS_END = 48,

	KLP_STATE_VERSION = 8,
	KLP_STATE_SIZE = 24,

	KLP_FUNC_OLD_NAME = 0,
	KLP_FUNC_NEW_FUNC = 8,
	KLP_FUNC_OLD_SYMPOS = 16,
	KLP_FUNC_FIELDS_END = 24,
};

/* What the array elements have in common: a name and a pointer in front, further fields
 * that may be initialised, and then nothing but zeros. */
struct klp_kind {
	const char *name;
	unsigned int number; /* its strides' in struct klp_layout */
	uint64_t fields_end; /* no pointer stands behind that */
	uint64_t size_min;   /* of 4.4, with the smallest kobject */
	uint64_t size_max;
	bool (*is_element)(const struct klp_pointers *pointers, struct klp_place place);
};

extern const struct klp_kind klp_object_kind, klp_func_kind;

/* What is known of the structures of a module. */
struct klp_layout {
	const struct klp_pointers *pointers;
	const struct klp_code *code;
	/* Distances between elements, 0: not known yet.  They are the same in all arrays
	 * of a kind.  Of arrays whose symbol's size they divide, they are certain, or else
	 * may be wrong; of what looks like an array in other ways, they are inferred. */
	struct klp_stride {
		uint64_t certain, inferred, divided;
	} strides[2];
	/* How many more elements, and how many times 64 bytes of them, may be looked at
	 * to learn these: arrays of a hostile file can overlap. */
	uint64_t patience;
};

/* Whether a place looks like a klp_object; whether a pointer leads to what can be a
 * klp_func's new function. */
bool klp_is_object(const struct klp_pointers *pointers, struct klp_place place);
bool klp_leads_to_func(const struct klp_pointers *pointers,
		       const struct klp_pointer *pointer);
/* An element with neither of its first pointers is the one that ends the array. */
bool klp_is_terminator(const struct klp_pointers *pointers, struct klp_place place);
/* Whether there is nothing but zeros up to offset @to, and no pointers either. */
bool klp_is_blank(const struct klp_pointers *pointers, struct klp_place from,
		  uint64_t to);
/* The pointer to the array of functions that an object has, or NULL. */
const struct klp_pointer *klp_object_funcs(const struct klp_pointers *pointers,
					   struct klp_place object);

/* Learn from an array what the stride of its kind is. */
void klp_layout_learn(struct klp_layout *layout, const struct klp_kind *kind,
		      struct klp_place array);
/* Go from an element to the next: 0; 1, there is none; or an error, which is logged.
 * @end is where the array has ended for sure. */
int klp_layout_next(const struct klp_layout *layout, const struct klp_kind *kind,
		    uint64_t end, struct klp_place *element);
/* -EBADMSG, and a message that "the WHAT at SECTION+OFFSET WHY". */
int klp_layout_fail(const struct klp_layout *layout, const char *what,
		    struct klp_place place, const char *why);

#endif /* KLP_KLP_PATCH_LAYOUT_H */
