/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A patch of several of the targets klptest_manyN: KLPTEST_MANY(X) is a list of X(N). */
#include "patch.h"

KLPTEST_PATCHED_ANSWER(many)

/* Each object has an array of its own: the kernel's lists do not stand a shared one. */
#define FUNCS(number)								\
static struct klp_func funcs##number[] = {					\
	{ .old_name = "klptest_many" #number "_answer",				\
	  .new_func = many_patched_answer },					\
	{ }									\
};
KLPTEST_MANY(FUNCS)

#define OBJECT(number) { .name = "klptest_many" #number, .funcs = funcs##number },
static struct klp_object objs[] = {
	KLPTEST_MANY(OBJECT)
	{ }
};

KLPTEST_PATCH_OBJECTS(objs);
