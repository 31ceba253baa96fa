/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klptest_predict: a target with functions of every kind that a patch can name rightly or
 * wrongly.  /sys/module/klptest_predict/parameters/says shows what they answer.
 */
#include <linux/module.h>
#include <linux/stringify.h>
#include <linux/string.h>

#ifndef KLPTEST_ANSWER_SIZE
#define KLPTEST_ANSWER_SIZE 32
#endif

/* The compiler must neither inline nor specialise what is to be patched. */
#define PATCHABLE __attribute__((noipa))

void predict_other_twin(char *answer);

/* A function's name with the most characters that the kernel takes. */
#define NAME_15 predict_longest
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME_31 PASTE(PASTE(NAME_15, _), NAME_15)
#define NAME_63 PASTE(PASTE(NAME_31, _), NAME_31)
#define NAME_127 PASTE(PASTE(NAME_63, _), NAME_63)
#define NAME_255 PASTE(PASTE(NAME_127, _), NAME_127)
#define NAME_511 PASTE(PASTE(NAME_255, _), NAME_255)
#define LONGEST_FUNCTION __stringify(NAME_511)

/* The same for modules: there is one of that name. */
#define LONGEST_MODULE "klptest_this_module_has_the_longest_name_the_kernel_can"
