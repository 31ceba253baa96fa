/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patches of the prediction table (guest/checks/p-predict.sh): klp_predict_NAME
 * defines CASE_NAME and includes this.  They differ in what is wrong with them.
 *
 * A patch that is at work answers "patched".
 */
#include <linux/seq_file.h>
#include "patch.h"
#include "predhelp.h"
#include "predict_target.h"

#define TARGET "klptest_predict"

/* ---- what is patched: OBJECT, FUNCTION, SYMPOS
 * -------------------------------------- */

/* Functions that are there, and are not. */
#if defined(CASE_nosym)
#define FUNCTION "predict_no_such_function"
#elif defined(CASE_vmlinux)
#define OBJECT NULL
#define FUNCTION "version_proc_show"
#elif defined(CASE_vmlinux_nosym)
#define OBJECT NULL
#define FUNCTION "klptest_no_such_function"
#elif defined(CASE_notrace)
#define FUNCTION "predict_untraceable"

/* One of several, and how it is told. */
#elif defined(CASE_plain1)
#define SYMPOS 1
#elif defined(CASE_plain2)
#define SYMPOS 2
#elif defined(CASE_twin0)
#define FUNCTION "predict_twin"
#elif defined(CASE_twin1)
#define FUNCTION "predict_twin"
#define SYMPOS 1
#elif defined(CASE_twin2)
#define FUNCTION "predict_twin"
#define SYMPOS 2
#elif defined(CASE_twin3)
#define FUNCTION "predict_twin"
#define SYMPOS 3
#elif defined(CASE_namesake0)
#define FUNCTION "predict_namesake"
#elif defined(CASE_namesake1)
#define FUNCTION "predict_namesake"
#define SYMPOS 1
#elif defined(CASE_early0)
#define FUNCTION "predict_early"
#elif defined(CASE_early1)
#define FUNCTION "predict_early"
#define SYMPOS 1

/* Names. */
#elif defined(CASE_name55)
#define OBJECT LONGEST_MODULE
#define FUNCTION LONGEST_MODULE "_answer"
#elif defined(CASE_name56)
#define OBJECT LONGEST_MODULE "x"
#elif defined(CASE_noname)
#define OBJECT ""
#elif defined(CASE_func0)
#define FUNCTION ""
#elif defined(CASE_func511)
#define FUNCTION LONGEST_FUNCTION
#elif defined(CASE_func512)
#define FUNCTION LONGEST_FUNCTION "x"
#elif defined(CASE_dash)
#define OBJECT "klptest-predict"
#elif defined(CASE_ending)
#define OBJECT "klptest_predict.ko"
#elif defined(CASE_path)
#define OBJECT "updates/klptest_predict"
#elif defined(CASE_named_vmlinux)
#define OBJECT "vmlinux"
#define FUNCTION "version_proc_show"
#elif defined(CASE_unknown)
#define OBJECT "klptest_predicted"
#elif defined(CASE_builtin)
#define OBJECT "mousedev"
#endif

#ifndef OBJECT
#define OBJECT TARGET
#endif
#ifndef FUNCTION
#define FUNCTION "predict_plain"
#endif
#ifndef SYMPOS
#define SYMPOS 0
#endif

/* ---- what they refer to
 * ------------------------------------------------------------- */

#if defined(CASE_rela)
KLP_SYMBOL(char word[], TARGET, TARGET, "predict_word", 0);
#elif defined(CASE_rela_nosym)
KLP_SYMBOL(char word[], TARGET, TARGET, "predict_no_such_word", 0);
#elif defined(CASE_rela_helper)
KLP_SYMBOL(char word[], TARGET, "klptest_predhelp", "predhelp_word", 0);
#elif defined(CASE_rela_stranger)
KLP_SYMBOL(char word[], TARGET, "klptest_init", "init_says", 0);
#elif defined(CASE_rela_inside)
KLP_SYMBOL(char word[], "vmlinux", TARGET, "predict_word", 0);
#elif defined(CASE_rela_twin0)
KLP_SYMBOL(void twin(char *answer), TARGET, TARGET, "predict_twin", 0);
#elif defined(CASE_rela_twin2)
KLP_SYMBOL(void twin(char *answer), TARGET, TARGET, "predict_twin", 2);
#elif defined(CASE_rela_twin3)
KLP_SYMBOL(void twin(char *answer), TARGET, TARGET, "predict_twin", 3);
#elif defined(CASE_rela_vmlinux)
KLP_SYMBOL(char banner[], "vmlinux", "vmlinux", "linux_proc_banner", 0);
#elif defined(CASE_rela_vmlinux_nosym)
KLP_SYMBOL(char banner[], "vmlinux", "vmlinux", "klptest_no_such_banner", 0);
#elif defined(CASE_rela_misplaced)
KLP_SYMBOL(char banner[], TARGET, "vmlinux", "linux_proc_banner", 0);
#endif

static bool refers_rightly(void)
{
#if defined(CASE_rela) || defined(CASE_rela_nosym) || defined(CASE_rela_helper) || \
	defined(CASE_rela_stranger) || defined(CASE_rela_inside)
	return strcmp(word, "word") == 0;
#elif defined(CASE_rela_twin0) || defined(CASE_rela_twin2) || defined(CASE_rela_twin3)
	char answer[KLPTEST_ANSWER_SIZE];

	twin(answer);
	return strcmp(answer, "twin2") == 0;
#elif defined(CASE_rela_vmlinux) || defined(CASE_rela_vmlinux_nosym) || \
	defined(CASE_rela_misplaced)
	return strncmp(banner, "%s version", 10) == 0;
#elif defined(CASE_crc_module) || defined(CASE_import)
	char answer[KLPTEST_ANSWER_SIZE];

	predhelp_answer(answer);
	return strcmp(answer, "word") == 0;
#else
	return true;
#endif
}

/* ---- the patch
 * ---------------------------------------------------------------------- */

#if defined(CASE_vmlinux) || defined(CASE_vmlinux_nosym) || defined(CASE_named_vmlinux)
static int replacement(struct seq_file *m, void *v)
{
	seq_puts(m, refers_rightly() ? "patched\n" : "wrong\n");
	return 0;
}
#else
static void replacement(char *answer)
{
	strscpy(answer, refers_rightly() ? "patched" : "wrong", KLPTEST_ANSWER_SIZE);
}
#endif

static struct klp_func funcs[] = {
	{ .old_name = FUNCTION, .new_func = replacement, .old_sympos = SYMPOS },
#if defined(CASE_twice)
	{ .old_name = FUNCTION, .new_func = replacement, .old_sympos = 1 },
#endif
	{ }
};

#if defined(CASE_objects)
static struct klp_func more_funcs[] = {
	{ .old_name = "predict_twin", .new_func = replacement, .old_sympos = 1 },
	{ }
};
#endif

static struct klp_object objs[] = {
	{ .name = OBJECT, .funcs = funcs },
#if defined(CASE_objects)
	{ .name = OBJECT, .funcs = more_funcs },
#endif
	{ }
};

KLPTEST_PATCH_OBJECTS(objs);
