/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The livepatches that are loaded, in the order in which they were enabled: of a function,
 * the one that was enabled last is in effect. */
#ifndef KLP_STACK_H
#define KLP_STACK_H

#include "libklpdep/live/live.h"
#include "libklpdep/live/notes.h"

struct klp_loaded {
	char name[KLP_MODULE_NAME_LEN];
	enum klp_patch_state state;
	struct klpdep_patch *seen; /* what sysfs shows of it; NULL: it is dead, or coming */
	enum klpdep_replace replace; /* as sysfs says; before Linux 6.11, it does not */
	bool noted;		     /* klpdep has inserted it since the machine was started */
	struct klp_note note;	     /* what it noted then */
};

struct klp_stack {
	struct klp_loaded *v; /* from the bottom to the top; those without a place first */
	size_t n;
};

/* Read it anew.  0 or -ENOMEM. */
int klp_stack_read(struct klp_stack *stack);
void klp_stack_clear(struct klp_stack *stack);
#define _cleanup_stack_ _cleanup_(klp_stack_clear)

/* The place of a patch by name, or the stack's length. */
size_t klp_stack_find(const struct klp_stack *stack, const char *name);

#endif /* KLP_STACK_H */
