/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The layout of struct klp_patch, klp_object and klp_func in memory
 * (include/linux/livepatch.h): the fields' offsets, the form of an array element, and the
 * stride from one element to the next.  The structures' sizes depend on the kernel's
 * configuration.  So strides come from symbol sizes, or from the place of the next
 * element's pointers. */
#ifndef KLP_KLP_PATCH_LAYOUT_H
#define KLP_KLP_PATCH_LAYOUT_H

#include "libklpdep/livepatch/format.h"
#include "libklpdep/livepatch/klp-patch-code.h"
#include "libklpdep/livepatch/pointers.h"

/* Offsets are the same in all kernels since 5.5.  Earlier ones differ in klp_patch only:
 * from 5.1 to 5.4, replace is where states is now; before that, there is neither. */
enum {
	KLP_PATCH_OBJS = 8,
	KLP_PATCH_STATES = 16,
	KLP_PATCH_REPLACE = 24,

	KLP_OBJECT_FIELDS_END = 48,

	KLP_STATE_VERSION = 8,
	KLP_STATE_SIZE = 24,

	KLP_FUNC_OLD_NAME = 0,
	KLP_FUNC_NEW_FUNC = 8,
	KLP_FUNC_OLD_SYMPOS = 16,
	KLP_FUNC_FIELDS_END = 24,
};

/* The form that array elements share: a name and a pointer first, further fields that may
 * be initialised, and then only zeros. */
struct klp_kind {
	const char *name;
	unsigned int number; /* the stride's index in struct klp_layout */
	uint64_t fields_end; /* no pointer comes after this offset */
	bool (*is_element)(const struct klp_pointers *pointers, struct klp_place place);
};

extern const struct klp_kind klp_object_kind, klp_func_kind;

/* What is known about a module's structures. */
struct klp_layout {
	const struct klp_pointers *pointers;
	const struct klp_code *code;
	/* Distances between elements; 0: not known yet.  All arrays of a kind have the
	 * same one.  It is certain if elements at that distance fill an array with a
	 * symbol, divided if it only divides the symbol's size, and inferred from
	 * pointers if there is no symbol. */
	struct klp_stride {
		uint64_t certain, inferred, divided;
	} strides[2];
	/* The limits of this search, in elements and in times 64 bytes of them: arrays of a
	 * hostile file can overlap. */
	uint64_t patience;
};

/* Whether a place looks like a klp_object; and whether a pointer can be a klp_func's
 * new_func. */
bool klp_is_object(const struct klp_pointers *pointers, struct klp_place place);
bool klp_leads_to_func(const struct klp_pointers *pointers,
		       const struct klp_pointer *pointer);
/* An element without its first two pointers ends the array. */
bool klp_is_terminator(const struct klp_pointers *pointers, struct klp_place place);
/* Whether there are only zeros up to offset @to, and no pointers. */
bool klp_is_blank(const struct klp_pointers *pointers, struct klp_place from,
		  uint64_t to);
/* An object's pointer to its array of functions, or NULL. */
const struct klp_pointer *klp_object_funcs(const struct klp_pointers *pointers,
					   struct klp_place object);

/* Learn the stride of an array's kind from the array. */
void klp_layout_learn(struct klp_layout *layout, const struct klp_kind *kind,
		      struct klp_place array);
/* Go to the next element: 0; 1, there is none; or an error, which is logged.  The array
 * certainly ends at @end. */
int klp_layout_next(const struct klp_layout *layout, const struct klp_kind *kind,
		    uint64_t end, struct klp_place *element);

#endif /* KLP_KLP_PATCH_LAYOUT_H */
