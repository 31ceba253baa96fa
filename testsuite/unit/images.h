/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the representations' readers share: images of all architectures, and
 * damage to them. */
#ifndef KLPDEP_UNIT_IMAGES_H
#define KLPDEP_UNIT_IMAGES_H

#include <elf.h>

#include "testsuite/unit/fixture.h"

#define N_ARCHES 6
extern const char *const arches[N_ARCHES];

/*
 * Read what @spec describes, named klp_x, on all architectures, each with each of the
 * lines in @variants, an array that ends with NULL.  @wanted is the outline, or the
 * error's number and message.
 */
void check_everywhere(const char *const *variants, const char *spec, const char *wanted);

struct damage {
	enum {
		NO_DAMAGE,
		D_TYPE,
		D_SYMBOL,
		D_TARGET,
		D_ADDEND,
		D_OFFSET,
		D_PUT,
		D_RESIZE,
		D_SECTION,
		D_FLAGS,
	} what;
	const char *section;
	uint64_t at;
	uint64_t value;
	const char *target;
};

#define DAMAGE(w, s, a, v)                                                               \
	{                                                                                \
		.what = (w), .section = (s), .at = (a), .value = (v)                     \
	}
/* The relocation for offset @at of a section, ANY being the first of all, becomes none;
 * of another type, symbol number or addend, or for another offset. */
#define ANY UINT64_MAX
#define DROP(section, at) DAMAGE(D_TYPE, section, at, 0)
#define TYPE(section, at, type) DAMAGE(D_TYPE, section, at, type)
#define SYMBOL(section, at, number) DAMAGE(D_SYMBOL, section, at, number)
#define OFFSET(section, at, offset) DAMAGE(D_OFFSET, section, at, offset)
#define ADDEND(section, at, addend) DAMAGE(D_ADDEND, section, at, addend)
/* It leads to the beginning of another section. */
#define TARGET(s, a, to)                                                                 \
	{                                                                                \
		.what = D_TARGET, .section = (s), .at = (a), .target = (to)              \
	}
/* Four bytes of a section become a number. */
#define PUT(section, at, number) DAMAGE(D_PUT, section, at, number)
/* A section becomes larger, or smaller; of another type; or has other flags. */
#define RESIZE(section, difference) DAMAGE(D_RESIZE, section, 0, (uint64_t)(difference))
#define SECTION(section, type) DAMAGE(D_SECTION, section, 0, type)
#define FLAGS(section, flags) DAMAGE(D_FLAGS, section, 0, flags)
#define UNHARMED                                                                         \
	{                                                                                \
		.what = NO_DAMAGE                                                        \
	}

/* Do it, and fail the test where there is nothing to damage. */
void damage(struct image *image, const struct damage *damage);

struct damaged {
	const char *spec;
	struct damage damage[3];
	const char *message;
};

/* Each of the @n, on all architectures, is -EBADMSG with just that message. */
void check_damaged(const struct damaged *cases, size_t n);

#endif
