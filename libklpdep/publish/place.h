/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where indexes and rules are written. */
#ifndef KLP_PLACE_H
#define KLP_PLACE_H

#include "libklpdep/publish/publish.h"

/* Two places for one file.  If the lasting one is on a file system that cannot be
 * written (EROFS), the file goes to /run, where it takes precedence until the next
 * boot.  It is removed when the lasting file can be written, or has the same text
 * already. */
struct klp_place {
	char *lasting;
	char *run; /* or NULL, for another root than the running system's */
};

void klp_place_clear(struct klp_place *place);
#define _cleanup_place_ _cleanup_(klp_place_clear)

/* 0 or -ENOMEM. */
int klp_place_of_index(const struct klpdep_ctx *out, const char *kernel, struct klp_place *place);
int klp_place_of_rules(const struct klpdep_ctx *out, const char *file, struct klp_place *place);

/* Write a text; NULL: remove the file.  @none is the text that hides a lasting file
 * which cannot be removed; NULL: there is none.  0 or an errno; *file is the file with
 * the text, or the one that could not be written. */
int klp_place_write(const struct klp_place *place, const char *text, const char *none,
		    const char **file);

#endif /* KLP_PLACE_H */
