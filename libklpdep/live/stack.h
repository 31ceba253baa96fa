/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loaded livepatches in the order of enabling: of the patches of a function, the one
 * that was enabled last is in effect. */
#ifndef KLP_STACK_H
#define KLP_STACK_H

#include "libklpdep/live/live.h"
#include "libklpdep/live/notes.h"

struct klp_loaded {
	char name[KLP_MODULE_NAME_LEN];
	enum klp_patch_state state;
	struct klpdep_patch *seen; /* as in sysfs; NULL: it is dead, or coming */
	enum klpdep_replace replace; /* from sysfs; unknown before Linux 6.11 */
	bool noted;		     /* klpdep has inserted it since the last boot */
	struct klp_note note;	     /* its note from then */
	long order;		     /* its place, from the kernel or by the order of loading */
};

static inline bool klp_loaded_is_enabled(const struct klp_loaded *loaded)
{
	return loaded->state == KLP_PATCH_ENABLED || loaded->state == KLP_PATCH_ENABLING;
}

struct klp_stack {
	struct klp_loaded *v; /* from the bottom to the top; those without a place first */
	size_t n;
};

/* Read it.  0 or -ENOMEM. */
int klp_stack_read(struct klp_stack *stack);
void klp_stack_clear(struct klp_stack *stack);
#define _cleanup_stack_ _cleanup_(klp_stack_clear)

/* The index of a patch by name, or the stack's length. */
size_t klp_stack_find(const struct klp_stack *stack, const char *name);

#endif /* KLP_STACK_H */
