// SPDX-License-Identifier: LGPL-2.1-or-later
/* A newer patch takes an older one's place, with a kernel that is played. */
#include "config.h"

#include <sys/utsname.h>

#include "testsuite/unit/play.h"

/* In the place of the C library's. */
int uname(struct utsname *uts)
{
	strcpy(uts->release, KERNEL);
	return 0;
}

/* ---- kmod: no module depends on another -------------------------------------------- */

static char kmod_there; /* its address is the context */

int klp_kmod_new(struct klpdep_ctx *context, const char *kernel, unsigned int flags,
		 struct klp_kmod **kmod)
{
	(void)flags;
	ck_assert_ptr_eq(context, ctx);
	expect_text(kernel, KERNEL);
	*kmod = (struct klp_kmod *)&kmod_there;
	return 0;
}

void klp_kmod_free(struct klp_kmod *kmod)
{
	(void)kmod;
}

char *klp_kmod_file(struct klp_kmod *kmod, const char *name)
{
	(void)kmod;
	return strdup(text("/%s.ko", name));
}

int klp_kmod_deps(struct klp_kmod *kmod, const char *name, struct klp_strv *deps)
{
	(void)kmod, (void)name, (void)deps;
	return 0;
}

int klp_kmod_lookup(struct klp_kmod *kmod, const char *alias, struct klp_strv *names)
{
	(void)kmod, (void)alias, (void)names;
	return -ENOENT;
}

const char *klp_kmod_install_command(struct klp_kmod *kmod, const char *name)
{
	(void)kmod, (void)name;
	return NULL;
}

int klp_kmod_probe(struct klp_kmod *kmod, const char *alias)
{
	(void)kmod;
	ck_abort_msg("%s is probed", alias);
}

/* ---- the frame --------------------------------------------------------------------- */

/* Three releases for kvm, one for ext4; and lp for both. */
#define PATCHES                                                                          \
	"object ext4 lp order=before\nobject ext4 lp2_ext4 order=before\n"               \
	"object kvm kvm_1 order=before\nobject kvm kvm_2 order=before\n"                 \
	"object kvm kvm_3 order=before\nobject kvm lp order=before\n"                    \
	"object kvm lp2_kvm order=before\nobject vmlinux vm order=none\n"                \
	"patch kvm_1 file=x\npatch kvm_2 file=x\npatch kvm_3 file=x\npatch lp file=x\n"  \
	"patch lp2_ext4 file=x\npatch lp2_kvm file=x\npatch vm file=x\n"
#define RELEASES                                                                         \
	PATCHES "supersedes kvm_2 kvm_1 reason=declared\n"                               \
		"supersedes kvm_3 kvm_2 reason=declared\n"
#define DECLARING                                                                        \
	"object kvm kvm_2 order=before\nobject vmlinux vm order=none\n"                  \
	"patch kvm_2 file=x supersedes=none,old*,their*\npatch vm file=x\n"
#define SPLIT                                                                            \
	PATCHES "supersedes lp2_ext4 lp reason=declared\n"                               \
		"supersedes lp2_kvm lp reason=declared\n"

static const struct {
	char sign;
	enum klp_patch_state state;
} signs[] = {
	{ '=', KLP_PATCH_ENABLED },   { '>', KLP_PATCH_ENABLING },
	{ '<', KLP_PATCH_DISABLING }, { '-', KLP_PATCH_DEAD },
	{ '+', KLP_PATCH_COMING }, /* a target */
};

/* "=NAME", and so on as above, for each; a target is put with "+".  Of a patch, objects
 * can follow: "=NAME/OBJECT/OBJECT", as the kernel has them in sysfs. */
static void put_states(const char *words)
{
	_cleanup_strv_ struct klp_strv list = { 0 };

	ck_assert_int_eq(klp_strv_split(&list, words, " "), 0);
	for (size_t i = 0; i < list.n; i++) {
		char *objects = list.v[i] + 1, *object;
		const char *name = strsep(&objects, "/");

		for (size_t j = 0; j < KLP_ARRAY_SIZE(signs); j++) {
			if (signs[j].sign == list.v[i][0])
				put_state(name, signs[j].state);
		}
		while ((object = strsep(&objects, "/")))
			put_text(text("sys/kernel/livepatch/%s/%s/patched", name, object),
				 "1\n");
		put_text(text("sys/module/%s/taint", name),
			 list.v[i][0] == '+' ? "\n" : "OEK\n");
		/* what begins with "their" others have loaded */
		if (!klp_after_prefix(name, "their"))
			klp_note_inserted(name, NULL, &(struct klp_note){ 0 });
	}
}

/* What is there in the end, in the same words, by name. */
static char *states(void)
{
	_cleanup_strv_ struct klp_strv modules = { 0 };
	char *out = text("%s", "");

	ck_assert_int_eq(klp_live_modules(&modules), 0);
	for (size_t i = 0; i < modules.n; i++) {
		enum klp_patch_state state = klp_live_patch(modules.v[i]);

		for (size_t j = 0; j < KLP_ARRAY_SIZE(signs); j++) {
			if (signs[j].state == state)
				out = append(out, "%s%c%s", *out ? " " : "",
					     signs[j].sign, modules.v[i]);
		}
	}
	return out;
}

/* "RESULT LEFT: JOURNAL: STATES" of a call. */
static char *replace(const char *index_lines, const char *config_lines, const char *patch)
{
	_cleanup_index_ struct klpdep_index *index = make_index(index_lines);
	_cleanup_config_ struct klpdep_config *config = make_config(config_lines);
	size_t left = 77;
	int err;

	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	klpdep_set_log_priority(ctx, LOG_NOTICE);
	err = klpdep_load(ctx, view_of(index, config), patch, &left);
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
	return text("%d %zu: %s: %s", err, left, journal ? journal : "", states());
}

/* ---- the tests --------------------------------------------------------------------- */

static const struct {
	const char *what, *index, *config, *before, *patch, *result, *log;
} cases[] = {
	{ "the plain case", RELEASES, "", "+kvm =kvm_1 =vm", "kvm_2",
	  "0 0: +kvm_2 -kvm_1 ~kvm_1: +kvm =kvm_2 =vm",
	  "5 replaced: kvm_2: took the place of kvm_1, which was unloaded\n" },
	{ "its target is not loaded", RELEASES, "", "=kvm_1", "kvm-2",
	  "0 0: +kvm_2 -kvm_1 ~kvm_1: =kvm_2", NULL },
	{ "it is there, and the older one still", RELEASES, "", "+kvm =kvm_1 =kvm_2",
	  "kvm_2", "0 0: -kvm_1 ~kvm_1: +kvm =kvm_2", NULL },
	{ "the older one is dead", RELEASES, "", "+kvm -kvm_1 =kvm_2", "kvm_2",
	  "0 0: ~kvm_1: +kvm =kvm_2", NULL },
	{ "nothing to be done", RELEASES, "", "+kvm =kvm_2", "kvm_2",
	  "0 0: : +kvm =kvm_2", "" },
	{ "the one before the last one", RELEASES, "", "+kvm =kvm_1", "kvm_3",
	  "0 0: +kvm_3 -kvm_1 ~kvm_1: +kvm =kvm_3", NULL },
	{ "both", RELEASES, "", "+kvm =kvm_1 =kvm_2", "kvm_3",
	  "0 0: +kvm_3 -kvm_1 ~kvm_1 -kvm_2 ~kvm_2: +kvm =kvm_3", NULL },
	{ "an older one by name, where the newer one is: as one likes", RELEASES, "",
	  "+kvm =kvm_2", "kvm_1", "0 0: +kvm_1: +kvm =kvm_1 =kvm_2", NULL },
	{ "the one between is masked: nobody speaks of the first", RELEASES,
	  "mask kvm_2", "+kvm =kvm_1", "kvm_3", "0 0: +kvm_3: +kvm =kvm_1 =kvm_3",
	  NULL },
	{ "an older one that is masked", RELEASES, "mask kvm_1", "+kvm =kvm_1", "kvm_2",
	  "0 0: +kvm_2 -kvm_1 ~kvm_1: +kvm =kvm_2", NULL },
	{ "one is masked", RELEASES, "mask kvm_2", "+kvm =kvm_1", "kvm_2",
	  "-125 77: : +kvm =kvm_1", NULL },
	{ "there is no such patch", RELEASES, "", "+kvm =kvm_1", "kvm_9",
	  "-2 77: : +kvm =kvm_1",
	  "3 not-indexed: kvm_9: there is no such patch in the index of " KERNEL "\n" },
	{ "that is no name", RELEASES, "", "", "a/b", "-22 77: : ", NULL },
	{ "by configuration", PATCHES, "supersede kvm_2 kvm_*", "+kvm =kvm_1", "kvm_2",
	  "0 0: +kvm_2 -kvm_1 ~kvm_1: +kvm =kvm_2", NULL },
	{ "of another object", PATCHES, "supersede kvm_2 *", "+kvm =vm", "kvm_2",
	  "0 0: +kvm_2: +kvm =kvm_2 =vm", NULL },
	{ "each other's place: the later name", PATCHES,
	  "supersede kvm_1 kvm_2\nsupersede kvm_2 kvm_1", "+kvm =kvm_2", "kvm_1",
	  "0 0: +kvm_1: +kvm =kvm_1 =kvm_2", NULL },
	{ "the same, the other way", PATCHES,
	  "supersede kvm_1 kvm_2\nsupersede kvm_2 kvm_1", "+kvm =kvm_1", "kvm_2",
	  "0 0: +kvm_2 -kvm_1 ~kvm_1: +kvm =kvm_2", NULL },
	{ "gone from the tree, and configured", PATCHES, "supersede kvm_2 old*",
	  "+kvm =old_1 -old_2", "kvm_2",
	  "0 0: +kvm_2 ~old_2 -old_1 ~old_1: +kvm =kvm_2", NULL },
	{ "gone from the tree, and not configured", RELEASES, "", "+kvm =old_1", "kvm_2",
	  "0 0: +kvm_2: +kvm =kvm_2 =old_1", NULL },
	{ "gone from the tree, and declared", DECLARING, "", "+kvm =old_1/kvm", "kvm_2",
	  "0 0: +kvm_2 -old_1 ~old_1: +kvm =kvm_2", NULL },
	{ "the same, and somebody else has loaded it", DECLARING, "",
	  "+kvm =their_old_1/kvm", "kvm_2", "0 0: +kvm_2: +kvm =kvm_2 =their_old_1", NULL },
	{ "somebody else's, and configured", PATCHES, "supersede kvm_2 their*",
	  "+kvm =their_old_1/kvm", "kvm_2",
	  "0 0: +kvm_2 -their_old_1 ~their_old_1: +kvm =kvm_2", NULL },
	{ "the same, of another object", DECLARING, "", "+kvm =old_1/ext4", "kvm_2",
	  "0 0: +kvm_2: +kvm =kvm_2 =old_1", NULL },
	{ "the same, and the newer one is not asked for", DECLARING, "",
	  "+kvm =old_1/kvm", "vm", "0 0: +vm: +kvm =old_1 =vm", NULL },
	{ "one that is declared, and patches more than that", DECLARING, "",
	  "+kvm +ext4 =old_1/ext4/kvm", "kvm_2",
	  "0 1: +kvm_2: +ext4 +kvm =kvm_2 =old_1", NULL },
	{ "gone from the tree, and of an earlier release", PATCHES, "",
	  "+kvm =kvm_0/kvm =lp1__kvm/kvm", "kvm_2",
	  "0 0: +kvm_2 -kvm_0 ~kvm_0: +kvm =kvm_2 =lp1__kvm", NULL },
	{ "of a later release", PATCHES, "", "+kvm =kvm_9/kvm", "kvm_2",
	  "0 0: +kvm_2: +kvm =kvm_2 =kvm_9", NULL },
	{ "of an earlier release, which had more objects", PATCHES, "",
	  "+kvm =kvm_0/kvm/vmlinux", "kvm_2", "0 0: +kvm_2: +kvm =kvm_0 =kvm_2", NULL },
	{ "no patch at all", PATCHES, "supersede kvm_2 *", "+kvm +other", "kvm_2",
	  "0 0: +kvm_2: +kvm =kvm_2 +other", NULL },
	{ "the first of two halves", SPLIT, "", "+ext4 +kvm =lp", "lp2_kvm",
	  "0 1: +lp2_kvm: +ext4 +kvm =lp =lp2_kvm",
	  "5 older-stays: lp2_kvm: the older patch lp stays loaded: it patches ext4, for "
	  "which no newer patch is in effect\n" },
	{ "the second", SPLIT, "", "+ext4 +kvm =lp =lp2_kvm", "lp2_ext4",
	  "0 0: +lp2_ext4 -lp ~lp: +ext4 +kvm =lp2_ext4 =lp2_kvm", NULL },
	{ "the second, the first being in transition: it is waited for", SPLIT, "",
	  "+ext4 +kvm =lp >lp2_kvm", "lp2_ext4",
	  "0 0: +lp2_ext4 -lp ~lp: +ext4 +kvm =lp2_ext4 =lp2_kvm", NULL },
	{ "the first, the other's target not being loaded", SPLIT, "", "+kvm =lp",
	  "lp2_kvm", "0 0: +lp2_kvm -lp ~lp: +kvm =lp2_kvm", NULL },
	{ "another requires it", RELEASES "requires vm kvm_1 reason=declared\n", "",
	  "+kvm =kvm_1 =vm", "kvm_2", "0 1: +kvm_2: +kvm =kvm_1 =kvm_2 =vm", NULL },
	{ "another that is not loaded requires it",
	  RELEASES "requires vm kvm_1 reason=declared\n", "", "+kvm =kvm_1", "kvm_2",
	  "0 0: +kvm_2 -kvm_1 ~kvm_1: +kvm =kvm_2", NULL },
	{ "what is required is newer, too",
	  RELEASES "requires vm kvm_3 reason=declared\n", "", "+kvm =kvm_1", "vm",
	  "0 0: +kvm_3 +vm -kvm_1 ~kvm_1: +kvm =kvm_3 =vm",
	  "5 loaded: vm: loaded with kvm_3\n"
	  "5 replaced: kvm_3: took the place of kvm_1, which was unloaded\n" },
};

/* Index lines have to be sorted, whatever a case appends. */
static char *sorted(const char *lines)
{
	_cleanup_strv_ struct klp_strv list = { 0 };
	char *out = text("%s", "");

	ck_assert_int_eq(klp_strv_split(&list, lines, "\n"), 0);
	klp_strv_sort(&list);
	for (size_t i = 0; i < list.n; i++)
		out = append(out, "%s\n", list.v[i]);
	return out;
}

static void run_case(size_t i)
{
	const char *is, *log;

	play_start(&(struct play){ .transition = 500 });
	put_states(cases[i].before);
	if (strstr(cases[i].before, ">lp2_kvm"))
		at(300, "lp2_kvm", KLP_PATCH_ENABLED);
	is = replace(sorted(cases[i].index), cases[i].config, cases[i].patch);
	log = take_log();
	ck_assert_msg(klp_streq(is, cases[i].result), "%s:\nis:     %s\nwanted: %s\n%s",
		      cases[i].what, is, cases[i].result, log);
	if (cases[i].log)
		ck_assert_msg(klp_streq(log, cases[i].log), "%s:\nis:     %s\nwanted: %s",
			      cases[i].what, log, cases[i].log);
}

/* Each in a directory of its own: what one leaves behind is none of the next one's. */
START_TEST(replacing)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		if (i) {
			fixture_down();
			fixture_up();
		}
		run_case(i);
	}
}
END_TEST

/* Whoever is at it is killed with each thing that he does; the next one does the rest. */
START_TEST(killed)
{
	static const struct {
		const char *at, *then, *rest;
	} moments[] = {
		{ "+kvm_2", "+kvm =kvm_1 >kvm_2", "-kvm_1 ~kvm_1" },
		{ "-kvm_1", "+kvm <kvm_1 =kvm_2", "~kvm_1" },
		{ "~kvm_1", "+kvm =kvm_2", "" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(moments); i++) {
		int status;
		pid_t pid;

		play_start(&(struct play){ .transition = 500, .killed = moments[i].at });
		put_states("+kvm =kvm_1");
		put_state("kvm_2", KLP_PATCH_ABSENT);
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0) {
			replace(RELEASES, "", "kvm_2");
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), KILLED);
		expect_text(states(), moments[i].then);

		/* what the kernel goes on with by itself */
		play_start(&(struct play){ .transition = 500 });
		if (klp_live_patch("kvm_2") == KLP_PATCH_ENABLING)
			at(300, "kvm_2", KLP_PATCH_ENABLED);
		if (klp_live_patch("kvm_1") == KLP_PATCH_DISABLING)
			at(300, "kvm_1", KLP_PATCH_DEAD);
		expect_text(replace(RELEASES, "", "kvm_2"),
			    text("0 0: %s: +kvm =kvm_2", moments[i].rest));
		take_log();
	}
}
END_TEST

/* A transition that does not end: the older patch stays, until the next time. */
START_TEST(stalled)
{
	const char *config = "settle-timeout 1\nretry-timeout 3";

	play_start(&(struct play){ .transition = 0 });
	put_states("+kvm =kvm_1");
	expect_text(replace(RELEASES, config, "kvm_2"),
		    "0 1: +kvm_2: +kvm =kvm_1 >kvm_2");
	ck_assert_uint_ge(now_ms, 3000);
	ck_assert_uint_lt(now_ms, 3100);
	expect_text(take_log(), "4 unsettled: kvm_2: the transition of patch kvm_2 is "
				"still running after 3 s; "
				"tasks may run unpatched code until it ends\n"
				"5 older-stays: kvm_2: the older patch kvm_1 stays "
				"loaded: the transition of "
				"kvm_2 is still running\n");
	play_start(&(struct play){ .transition = 500 });
	at(200, "kvm_2", KLP_PATCH_ENABLED);
	expect_text(replace(RELEASES, config, "kvm_2"),
		    "0 0: -kvm_1 ~kvm_1: +kvm =kvm_2");
	take_log();
}
END_TEST

/* The transition of the older one on its way out does not end; nor does the kernel let go
 * of one that was forced. */
START_TEST(not_unloaded)
{
	play_start(&(struct play){ .transition = 0 });
	put_states("+kvm =kvm_1 =kvm_2");
	expect_text(replace(RELEASES, "retry-timeout 6", "kvm_2"),
		    "0 1: -kvm_1: +kvm <kvm_1 =kvm_2");
	ck_assert_uint_ge(now_ms, 6000);
	ck_assert_uint_lt(now_ms, 6100);
	expect_text(take_log(),
		    "4 older-failed: kvm_2: the older patch kvm_1 could not be unloaded: "
				"the transition of kvm_1 does not finish\n");
	play_start(&(struct play){ .transition = 500, .remove_again = 9999 });
	put_states("+kvm =kvm_1 =kvm_2");
	expect_text(replace(RELEASES, "", "kvm_2"), "0 1: -kvm_1: +kvm -kvm_1 =kvm_2");
	expect_text(take_log(),
		    "4 older-failed: kvm_2: the older patch kvm_1 could not be unloaded: "
				"it is in use\n");
}
END_TEST

/* A module that uses the older one's symbols. */
START_TEST(held)
{
	play_start(&(struct play){ .transition = 500 });
	put_states("+kvm =kvm_1 +user");
	put_text("sys/module/kvm_1/holders/user", "");
	expect_text(replace(RELEASES, "", "kvm_2"),
		    "0 1: +kvm_2: +kvm =kvm_1 =kvm_2 +user");
	expect_text(take_log(), "5 older-stays: kvm_2: the older patch kvm_1 stays "
				"loaded: user requires it\n");
}
END_TEST

/* The newer one is loaded, but not applied: that is not being in effect. */
START_TEST(not_applied)
{
	play_start(&(struct play){ .transition = 500 });
	put_states("+kvm =kvm_1 =kvm_2");
	put_text("sys/kernel/livepatch/kvm_2/kvm/patched", "0\n");
	expect_text(replace(RELEASES, "", "kvm_2"), "0 1: : +kvm =kvm_1 =kvm_2");
	expect_text(take_log(),
		    "5 older-stays: kvm_2: the older patch kvm_1 stays loaded: it "
				"patches kvm, for which no newer patch is in effect\n");
	put_text("sys/kernel/livepatch/kvm_2/kvm/patched", "1\n");
	journal = NULL;
	expect_text(replace(RELEASES, "", "kvm_2"), "0 0: -kvm_1 ~kvm_1: +kvm =kvm_2");
	take_log();
}
END_TEST

START_TEST(refused)
{
	play_start(&(struct play){ .insert_err = -EINVAL });
	put_states("+kvm =kvm_1");
	expect_text(replace(RELEASES, "", "kvm_2"), "-22 77: : +kvm =kvm_1");
	expect_text(
		take_log(),
		"3 patch-failed: kvm_2: patch kvm_2 was not loaded: Invalid argument\n");
	play_start(&(struct play){ .transition = 500 });
	put_text("proc/cmdline", "quiet klpdep=off\n");
	expect_text(replace(RELEASES, "", "kvm_2"), "-125 77: : +kvm =kvm_1");
	expect_text(take_log(), "3 switched-off: kvm_2: not loaded: klpdep=off\n");
}
END_TEST

/* Another kernel's index, or another root, is not what is running. */
START_TEST(not_running)
{
	_cleanup_index_ struct klpdep_index *index = make_index(RELEASES);

	play_start(&(struct play){ .transition = 500 });
	ck_assert_int_eq(klpdep_load(ctx, view_of(index, NULL), "kvm_2", NULL), -EINVAL);
	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	ck_assert_int_eq(klpdep_load(ctx, view_of(index, NULL), "kvm_2", NULL), 0);
	strcpy(index->kernel, "6.1-tess");
	ck_assert_int_eq(klpdep_load(ctx, view_of(index, NULL), "kvm_2", NULL), -EINVAL);
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
	take_log();
}
END_TEST

UNIT_MAIN("replace", replacing, killed, stalled, not_unloaded, held, not_applied, refused,
	  not_running)
