/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The patch of klptest_heldN, whose transition klptest_holds holds up: KLPTEST_HELD(N). */
#include "patch.h"

#define KLPTEST_HELD(n)								\
KLPTEST_PATCHED_ANSWER(held)							\
										\
static void patched_hold(void)							\
{										\
}										\
										\
static struct klp_func target_funcs[] = {					\
	{ .old_name = "klptest_held" #n "_answer",				\
	  .new_func = held_patched_answer },					\
	{ }									\
};										\
										\
static struct klp_func hold_funcs[] = {						\
	{ .old_name = "klptest_hold" #n, .new_func = patched_hold },		\
	{ }									\
};										\
										\
static struct klp_object objs[] = {						\
	{ .name = "klptest_held" #n, .funcs = target_funcs },			\
	{ .name = "klptest_holds", .funcs = hold_funcs },			\
	{ }									\
};										\
										\
KLPTEST_PATCH_OBJECTS(objs)
