/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Releases of patches, cumulative ones and others: Kbuild has a line for each, with what it
 * changes and how.
 *
 * VMLINUX, RED, GREEN, BLUE, GRAY, TEAL: the object is changed; 1 its first function, 2 its
 * second, 3 both.  A changed function answers RELEASE, /proc/version and /proc/loadavg likewise.
 *
 * REPLACE	it replaces all other patches
 * CALLBACKS	post_patch of RED sets /proc/sys/kernel/overflowuid to RELEASE, and pre_unpatch
 *		sets it back
 * REFUSES	pre_patch of GRAY does not let that in
 * STATE	it has a klp_state, of this version
 * EXPORTS	a function that it has for the patches of others
 * IMPORTS	such a function, which is asked for the answer
 * REQUIRES	its klp_requires
 * ONE_SYMPOS	the sympos of RED's first function
 * MISNAMED	it is to change a function of GREEN that is not there
 */
#include <linux/highuid.h>
#include <linux/seq_file.h>
#include <linux/stringify.h>
#include "patch.h"

#ifndef REPLACE
#define REPLACE 0
#endif
#ifndef ONE_SYMPOS
#define ONE_SYMPOS 0
#endif

/* ---- what is answered -------------------------------------------------------------- */

#ifdef EXPORTS
void EXPORTS(char *answer);
void EXPORTS(char *answer)
{
	strscpy(answer, __stringify(RELEASE), KLPTEST_ANSWER_SIZE);
}
EXPORT_SYMBOL_GPL(EXPORTS);
#endif

#if defined(IMPORTS)
void IMPORTS(char *answer);
#define ANSWER IMPORTS
#elif defined(EXPORTS)
#define ANSWER EXPORTS
#else
static void own_answer(char *answer)
{
	strscpy(answer, __stringify(RELEASE), KLPTEST_ANSWER_SIZE);
}
#define ANSWER own_answer
#endif

static __maybe_unused void answer_release(char *answer)
{
	ANSWER(answer);
}

static __maybe_unused int show_release(struct seq_file *m, void *v)
{
	char answer[KLPTEST_ANSWER_SIZE];

	ANSWER(answer);
	seq_printf(m, "%s\n", answer);
	return 0;
}

/* ---- what is changed --------------------------------------------------------------- */

#define ONE_(function, sympos) \
	{ .old_name = function "_one", .new_func = answer_release, .old_sympos = sympos },
#define TWO_(function) { .old_name = function "_two", .new_func = answer_release },
/* The functions of a module by its bits. */
#define BITS_1(module, sympos) ONE_(module, sympos)
#define BITS_2(module, sympos) TWO_(module)
#define BITS_3(module, sympos) ONE_(module, sympos) TWO_(module)
#define BITS__(bits, module, sympos) BITS_##bits(module, sympos)
#define BITS(bits, module, sympos) BITS__(bits, module, sympos)

#ifdef VMLINUX
static struct klp_func vmlinux_funcs[] = {
#if VMLINUX & 1
	{ .old_name = "version_proc_show", .new_func = show_release },
#endif
#if VMLINUX & 2
	{ .old_name = "loadavg_proc_show", .new_func = show_release },
#endif
	{ }
};
#endif
#ifdef RED
static struct klp_func red_funcs[] = { BITS(RED, "klptest_red", ONE_SYMPOS) { } };
#endif
#ifdef GREEN
#ifdef MISNAMED
#define GREEN_MODULE "klptest_no_such_green"
#else
#define GREEN_MODULE "klptest_green"
#endif
static struct klp_func green_funcs[] = { BITS(GREEN, GREEN_MODULE, 0) { } };
#endif
#ifdef BLUE
static struct klp_func blue_funcs[] = { BITS(BLUE, "klptest_blue", 0) { } };
#endif
#ifdef GRAY
static struct klp_func gray_funcs[] = { BITS(GRAY, "klptest_gray", 0) { } };
#endif
#ifdef TEAL
static struct klp_func teal_funcs[] = { BITS(TEAL, "klptest_teal", 0) { } };
#endif

/* ---- what it does beside ----------------------------------------------------------- */

static __maybe_unused int refuse(struct klp_object *object)
{
	return -ENOTNAM;
}

static __maybe_unused void set_value(struct klp_object *object)
{
	overflowuid = RELEASE;
}

static __maybe_unused void clear_value(struct klp_object *object)
{
	overflowuid = DEFAULT_OVERFLOWUID;
}

static struct klp_object objs[] = {
#ifdef VMLINUX
	{ .funcs = vmlinux_funcs },
#endif
#ifdef RED
	{
		.name = "klptest_red",
		.funcs = red_funcs,
#ifdef CALLBACKS
		.callbacks = { .post_patch = set_value, .pre_unpatch = clear_value },
#endif
	},
#endif
#ifdef GREEN
	{ .name = "klptest_green", .funcs = green_funcs },
#endif
#ifdef BLUE
	{ .name = "klptest_blue", .funcs = blue_funcs },
#endif
#ifdef GRAY
	{
		.name = "klptest_gray",
		.funcs = gray_funcs,
#ifdef REFUSES
		.callbacks = { .pre_patch = refuse },
#endif
	},
#endif
#ifdef TEAL
	{ .name = "klptest_teal", .funcs = teal_funcs },
#endif
	{ }
};

/* ---- the patch --------------------------------------------------------------------- */

#ifdef STATE
static struct klp_state states[] = {
	{ .id = 4711, .version = STATE },
	{ }
};
#endif

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.replace = REPLACE,
#ifdef STATE
	.states = states,
#endif
};

static int __init klptest_release_init(void)
{
	return klp_enable_patch(&patch);
}
module_init(klptest_release_init);

static void __exit klptest_release_exit(void)
{
}
module_exit(klptest_release_exit);

KLPTEST_PATCH_MODINFO;
#ifdef REQUIRES
MODULE_INFO(klp_requires, __stringify(REQUIRES));
#endif
