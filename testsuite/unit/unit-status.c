// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is patched: an index, a configuration, and a directory in the place of sysfs. */
#include "config.h"

#include <sys/utsname.h>

#include "testsuite/unit/fixture.h"

#define SYSFS_DIR "sys"
#define PROC_DIR "proc"
#define KMSG_PATH "kmsg"
#include "libklpdep/live/live.c"
#undef RUN_DIR
#define RUN_DIR "run"
#include "libklpdep/live/notes.c"
#include "libklpdep/live/stack.c"
#include "libklpdep/live/policy.c"
#include "libklpdep/live/kernel-log.c"
#include "libklpdep/live/transition.c"

/* In the place of the C library's. */
int uname(struct utsname *uts)
{
	strcpy(uts->release, KERNEL);
	return 0;
}

/* ---- the kernel -------------------------------------------------------------------- */

static void enter(void)
{
	ck_assert_int_eq(chdir(fix_dir), 0);
	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	ck_assert_int_eq(system("rm -rf sys proc kmsg"), 0);
	put_text("sys/module/printk/parameters/time", "Y\n");
	put_text("sys/kernel/livepatch/.x", "");
}

static void put_loaded(const char *name, const char *initstate, const char *taint)
{
	put_text(text("sys/module/%s/initstate", name), initstate);
	put_text(text("sys/module/%s/taint", name), taint);
}

static void put_target(const char *name)
{
	put_loaded(name, "live\n", "\n");
}

/* A patch that has a directory in /sys/kernel/livepatch. */
static void put_patch(const char *name, const char *enabled, const char *transition)
{
	put_loaded(name, "live\n", "OEK\n");
	put_text(text("sys/kernel/livepatch/%s/enabled", name), enabled);
	put_text(text("sys/kernel/livepatch/%s/transition", name), transition);
}

/* An object of it; NULL: without the attribute. */
static void put_object(const char *patch, const char *object, const char *patched)
{
	const char *dir = text("sys/kernel/livepatch/%s/%s", patch, object);

	put_text(text("%s/func,1/.x", dir), "");
	if (patched)
		put_text(text("%s/patched", dir), patched);
}

/* ---- the status -------------------------------------------------------------------- */

static struct klpdep_status *take(const struct klpdep_index *index,
				  const struct klpdep_config *config)
{
	struct klpdep_status *status = NULL;

	ck_assert_int_eq(klpdep_status_new(ctx, index ? view_of(index, config) : NULL,
					   &status), 0);
	expect_text(take_log(), "");
	return status;
}

/* A line for each row, and for what does not stand in rows.  The flags: target loaded,
 * patch loaded, enabled, patched, in transition. */
static const char *outline_status(const struct klpdep_status *status)
{
	const struct klpdep_transition *transition = klpdep_status_get_transition(status);
	const struct klpdep_row *row;
	char *out = text("%s", "");
	size_t i;

	for (i = 0; (row = klpdep_status_get_row(status, i)); i++) {
		const char *target = klpdep_row_get_target(row);
		const char *set = klpdep_row_get_set(row);
		const char *reason = klpdep_row_get_reason(row);

		out = append(out, "%s%s %s %c%c%c%c%c %s%s%s%s%s\n", target ? target : "-",
			     set ? text("(%s)", set) : "", klpdep_row_get_patch(row),
			     klpdep_row_is_target_loaded(row) ? 'T' : '-',
			     klpdep_row_is_loaded(row) ? 'L' : '-',
			     klpdep_row_is_enabled(row) ? 'E' : '-',
			     klpdep_row_is_patched(row) ? 'P' : '-',
			     klpdep_row_is_in_transition(row) ? 'X' : '-',
			     klpdep_condition_name(klpdep_row_get_condition(row)),
			     reason ? " (" : "", reason ? reason : "", reason ? ")" : "",
			     klpdep_row_get_refusal(row) ?
				     text(" [%s]", klpdep_refusal_name(
							    klpdep_row_get_refusal(row))) :
				     "");
	}
	ck_assert_uint_eq(klpdep_status_count_rows(status), i);
	if (transition) {
		const char *tasks = klpdep_transition_get_held_up_by(transition);

		out = append(out, "%s %s %ld %ld %s\n", klpdep_transition_get_patch(transition),
			     klpdep_transition_is_patching(transition) ? "patching" :
									 "unpatching",
			     klpdep_transition_get_seconds(transition),
			     klpdep_transition_get_tasks(transition), tasks ? tasks : "-");
	}
	return append(out, "%s\n", klpdep_status_is_patched(status) ? "good" : "bad");
}

static const char *look_with(const char *records, const char *lines)
{
	_cleanup_index_ struct klpdep_index *index = make_index(records);
	_cleanup_config_ struct klpdep_config *config = make_config(lines);
	_cleanup_status_ struct klpdep_status *status = take(index, config);

	return outline_status(status);
}

/* Of a file that is there. */
#define ONE "object kvm klp_kvm order=before\npatch klp_kvm file=/dev/null srcversion=ABC\n"

/* Of the one patch of kvm. */
static const char *look(void)
{
	return look_with(ONE, "");
}

/* ---- one patch and its target ------------------------------------------------------ */

START_TEST(idle)
{
	enter();
	expect_text(look(), "kvm klp_kvm ----- idle\ngood\n");
	/* being unloaded, or its init has failed */
	put_loaded("kvm", "going\n", "\n");
	expect_text(look(), "kvm klp_kvm ----- idle\ngood\n");
	unlink("sys/module/kvm/initstate");
	put_patch("klp_kvm", "1\n", "0\n");
	put_object("klp_kvm", "kvm", "0\n");
	expect_text(look(), "kvm klp_kvm -LE-- idle\ngood\n");
	/* before 6.1 */
	unlink("sys/kernel/livepatch/klp_kvm/kvm/patched");
	expect_text(look(), "kvm klp_kvm -LE-- idle\ngood\n");
	put_patch("klp_kvm", "1\n", "1\n");
	expect_text(look(), "kvm klp_kvm -LE-X idle\nklp_kvm patching -1 -1 -\ngood\n");
}
END_TEST

START_TEST(patched)
{
	enter();
	put_target("kvm");
	put_patch("klp_kvm", "1\n", "0\n");
	put_object("klp_kvm", "kvm", "1\n");
	expect_text(look(), "kvm klp_kvm TLEP- patched\ngood\n");
	/* its init is running */
	put_loaded("kvm", "coming\n", "\n");
	expect_text(look(), "kvm klp_kvm TLEP- patched\ngood\n");
	/* before 6.1 */
	unlink("sys/kernel/livepatch/klp_kvm/kvm/patched");
	expect_text(look(), "kvm klp_kvm TLEP- patched\ngood\n");
	put_text("sys/module/klp_kvm/srcversion", "ABC\n");
	expect_text(look(), "kvm klp_kvm TLEP- patched\ngood\n");
	put_text("sys/module/klp_kvm/srcversion", "ABD\n");
	expect_text(look(), "kvm klp_kvm TLEP- unpatched "
			    "(another build of it is loaded)\nbad\n");
	/* an index that does not know */
	expect_text(look_with("object kvm klp_kvm order=before\npatch klp_kvm file=x\n",
			      ""),
		    "kvm klp_kvm TLEP- patched\ngood\n");
}
END_TEST

START_TEST(unpatched)
{
	enter();
	put_target("kvm");
	expect_text(look(), "kvm klp_kvm T---- unpatched (not loaded)\nbad\n");
	put_text("proc/cmdline", "ro klpdep=off\n");
	expect_text(look(), "kvm klp_kvm T---- unpatched (klpdep=off)\nbad\n");
	ck_assert_int_eq(rename("sys/kernel/livepatch", "sys/kernel/x"), 0);
	expect_text(look(), "kvm klp_kvm T---- unpatched "
			    "(the kernel cannot livepatch)\nbad\n");
	ck_assert_int_eq(rename("sys/kernel/x", "sys/kernel/livepatch"), 0);
	put_loaded("klp_kvm", "coming\n", "OEK\n");
	expect_text(look(), "kvm klp_kvm TL--- unpatched (being loaded)\nbad\n");
	put_loaded("klp_kvm", "live\n", "OEK\n");
	expect_text(look(), "kvm klp_kvm TL--- unpatched "
			    "(disabled or replaced, but not unloaded)\nbad\n");
	put_patch("klp_kvm", "1\n", "0\n");
	put_object("klp_kvm", "kvm", "0\n");
	expect_text(look(), "kvm klp_kvm TLE-- unpatched "
			    "(enabled, but not applied)\nbad\n");
	/* a patch of that name, but of other objects */
	ck_assert_int_eq(system("rm -r sys/kernel/livepatch/klp_kvm/kvm"), 0);
	put_object("klp_kvm", "zram", NULL);
	expect_text(look(), "kvm klp_kvm TLE-- unpatched "
			    "(the patch that is loaded has no such object)\n"
			    "zram klp_kvm -LE-- foreign "
			    "(not an object of the index's patch)\nbad\n");
}
END_TEST

/* What was noted of the last try. */
START_TEST(refused)
{
	static const char gone[] = "object kvm klp_kvm order=before\npatch klp_kvm file=x\n";
	static const char other[] = "object kvm klp_kvm order=before\n"
				    "patch klp_kvm file=/dev/zero\n";

	enter();
	ck_assert_int_eq(system("rm -rf run"), 0);
	put_target("kvm");
	expect_text(look_with(gone, ""), "kvm klp_kvm T---- unpatched (/lib/modules/" KERNEL
					 "/x: No such file or directory) [missing]\nbad\n");
	klp_note_why("klp_kvm", NULL, "/dev/null", KLPDEP_REFUSAL_VERMAGIC, "because");
	expect_text(look(), "kvm klp_kvm T---- unpatched (because) [vermagic]\nbad\n");
	/* of another file of that name nothing is known */
	expect_text(look_with(other, ""), "kvm klp_kvm T---- unpatched (not loaded)\nbad\n");
	put_text("proc/cmdline", "ro klpdep=off\n");
	expect_text(look(), "kvm klp_kvm T---- unpatched (klpdep=off)\nbad\n");
	unlink("proc/cmdline");
	/* without its patch, policy require keeps the target out */
	ck_assert_int_eq(system("rm -r sys/module/kvm"), 0);
	expect_text(look(), "kvm klp_kvm ----- idle (because) [vermagic]\ngood\n");
	put_patch("klp_kvm", "1\n", "0\n");
	expect_text(look(), "kvm klp_kvm -LE-- idle\ngood\n");
	/* the kernel refuses a target that an enabled patch does not fit */
	klp_note_why("klp_kvm", "kvm", "/dev/null", KLPDEP_REFUSAL_SYMBOL, "no symbol");
	expect_text(look(), "kvm klp_kvm -LE-- idle (no symbol) [symbol]\ngood\n");
	klp_note_why("klp_kvm", "zram", "/dev/null", KLPDEP_REFUSAL_SYMBOL, "no symbol");
	expect_text(look(), "kvm klp_kvm -LE-- idle\ngood\n");
	klp_note_why("klp_kvm", "kvm", "/dev/null", KLPDEP_REFUSAL_SYMBOL, "no symbol");
	klp_note_inserted("klp_kvm", NULL, &(struct klp_note){ 0 });
	expect_text(look(), "kvm klp_kvm -LE-- idle\ngood\n");
}
END_TEST

/* Notes that are none. */
START_TEST(refused_notes)
{
	struct klp_refusal why;
	char target[KLP_MODULE_NAME_LEN], id[KLP_FILE_ID_SIZE];
	char *longest = text("%0400d", 7);

	enter();
	ck_assert_int_eq(system("rm -rf run"), 0);
	klp_note_identify("/dev/null", id);
	put_text("run/why/klp_kvm", text("%s\n2 -\ntext\n", id));
	ck_assert(klp_note_find_why("klp_kvm", "/dev/null", target, &why));
	expect_text(why.text, "text");
	expect_text(target, "");
	put_text("run/why/klp_kvm", text("%s\n99 -\ntext\n", id));
	ck_assert(!klp_note_find_why("klp_kvm", "/dev/null", target, &why));
	put_text("run/why/klp_kvm", text("%s\n2 -\n", id));
	ck_assert(!klp_note_find_why("klp_kvm", "/dev/null", target, &why));
	put_text("run/why/klp_kvm", text("%s\n", id));
	ck_assert(!klp_note_find_why("klp_kvm", "/dev/null", target, &why));
	put_text("run/why/klp_kvm", "");
	ck_assert(!klp_note_find_why("klp_kvm", "/dev/null", target, &why));
	klp_note_why("klp_kvm", NULL, "/dev/null", KLPDEP_REFUSAL_OTHER, longest);
	ck_assert(klp_note_find_why("klp_kvm", "/dev/null", target, &why));
	ck_assert_uint_eq(strlen(why.text), KLP_REFUSAL_SIZE - 1);
}
END_TEST

START_TEST(signatures)
{
	enter();
	ck_assert_ptr_null(klp_live_wants_signatures());
	put_text("sys/module/module/parameters/sig_enforce", "N\n");
	put_text("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	ck_assert_ptr_null(klp_live_wants_signatures());
	put_text("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	expect_text(klp_live_wants_signatures(), "lockdown");
	put_text("sys/module/module/parameters/sig_enforce", "Y\n");
	expect_text(klp_live_wants_signatures(), "module.sig_enforce");
}
END_TEST

/* As Linux 6.12 has it: a tracer, a kprobe with and one without post handler, a livepatch. */
START_TEST(entries)
{
	_cleanup_stack_ struct klp_stack stack = { 0 };
	_cleanup_strv_ struct klp_strv taken = { 0 };
	_cleanup_free_ char *text = NULL;

	enter();
	put_text("sys/kernel/tracing/enabled_functions",
		 "traced (1)            \ttramp: 0xc0 (function_trace_call+0x0/0x1 I) ->x\n"
		 "probed (1) R I        \ttramp: 0xc0 (kprobe_ftrace_handler+0x0/0x1) ->x\n"
		 "f [kvm] (2) R I     M \t->ftrace_regs_call+0x5/0x6d\n"
		 "func [kvm] (1) R I   \ttramp: 0xc0 (klp_ftrace_handler+0x0/0x1) ->x\n"
		 "quiet [kvm] (1) R     \ttramp: 0xc0 (kprobe_ftrace_handler+0x0/0x1) ->x\n"
		 "\nnonsense\n");
	put_target("kvm");
	put_patch("klp_kvm", "1\n", "0\n");
	put_object("klp_kvm", "kvm", "1\n");
	put_text("proc/modules", "klp_kvm 1 1 - Live 0x0\n");
	ck_assert_int_eq(klp_stack_read(&stack), 0);
	ck_assert_int_eq(klp_live_taken_entries(&stack, &taken), 0);
	text = klp_strv_join(&taken, ",");
	expect_text(text, "kvm f,vmlinux probed");
}
END_TEST

START_TEST(transition)
{
	enter();
	put_target("kvm");
	put_text("proc/7/task/7/patch_state", "0\n");
	put_text("proc/7/task/7/comm", "bash\n");
	put_patch("klp_kvm", "1\n", "1\n");
	put_object("klp_kvm", "kvm", "1\n");
	expect_text(look(), "kvm klp_kvm TLEPX transition (patching)\n"
			    "klp_kvm patching -1 1 bash[7]\nbad\n");
	put_patch("klp_kvm", "0\n", "1\n");
	expect_text(look(), "kvm klp_kvm TL-PX transition (unpatching)\n"
			    "klp_kvm unpatching -1 0 -\nbad\n");
	/* over, and about to go */
	put_patch("klp_kvm", "0\n", "0\n");
	put_object("klp_kvm", "kvm", "0\n");
	expect_text(look(), "kvm klp_kvm TL--X transition (unpatching)\nbad\n");
	/* somebody else's */
	put_patch("klp_kvm", "1\n", "0\n");
	put_object("klp_kvm", "kvm", "1\n");
	put_patch("klp_x", "1\n", "1\n");
	expect_text(look(), "kvm klp_kvm TLEP- patched\n"
			    "- klp_x -LE-X foreign\n"
			    "klp_x patching -1 1 bash[7]\ngood\n");
}
END_TEST

/* ---- of several -------------------------------------------------------------------- */

START_TEST(not_active)
{
	static const char records[] = "object kvm kvm_1 order=before\n"
				      "object kvm kvm_2 order=before\n"
				      "object vmlinux vm order=none\n"
				      "patch kvm_1 file=x\npatch kvm_2 file=x\n"
				      "patch vm file=/dev/null\n"
				      "supersedes kvm_2 kvm_1 reason=declared\n";

	enter();
	put_target("kvm");
	put_patch("kvm_2", "1\n", "0\n");
	put_object("kvm_2", "kvm", "1\n");
	/* vmlinux is always there */
	expect_text(look_with(records, ""),
		    "kvm kvm_1 T---- superseded (kvm_2)\nkvm kvm_2 TLEP- patched\n"
		    "vmlinux vm T---- unpatched (not loaded)\nbad\n");
	expect_text(look_with(records, "mask vm\n"),
		    text("kvm kvm_1 T---- superseded (kvm_2)\nkvm kvm_2 TLEP- patched\n"
			 "vmlinux vm T---- masked (%s/config/a.conf:1)\ngood\n",
			 fix_dir));
	/* what does not count can be at work all the same, and its transition does not
	 * matter, either */
	put_patch("kvm_1", "1\n", "0\n");
	put_object("kvm_1", "kvm", "1\n");
	put_patch("vm", "1\n", "1\n");
	put_object("vm", "vmlinux", "1\n");
	expect_text(look_with(records, "mask vm\n"),
		    text("kvm kvm_1 TLEP- superseded (kvm_2)\nkvm kvm_2 TLEP- patched\n"
			 "vmlinux vm TLEPX masked (%s/config/a.conf:1)\n"
			 "vm patching -1 -1 -\ngood\n",
			 fix_dir));
	/* dead, and the older one counts again */
	put_patch("vm", "1\n", "0\n");
	ck_assert_int_eq(system("rm -r sys/kernel/livepatch/kvm_2"), 0);
	expect_text(look_with(records, "mask kvm_2\n"),
		    text("kvm kvm_1 TLEP- patched\n"
			 "kvm kvm_2 TL--- masked (%s/config/a.conf:1)\n"
			 "vmlinux vm TLEP- patched\ngood\n", fix_dir));
}
END_TEST

START_TEST(several_objects)
{
	static const char records[] = "object ext4 klp_9 order=before\n"
				      "object ext4 lp__9 order=before\n"
				      "object ext4 lp__10 order=before\n"
				      "object kvm lp__9 order=before\n"
				      "patch klp_9 file=x\npatch lp__10 file=x set=lp\n"
				      "patch lp__9 file=x set=lp\n";

	enter();
	put_target("kvm");
	put_patch("lp__9", "1\n", "0\n");
	put_object("lp__9", "kvm", "1\n");
	put_object("lp__9", "ext4", "0\n");
	expect_text(look_with(records, ""),
		    "ext4 klp_9 ----- idle\next4(lp) lp__9 -LE-- idle\n"
		    "ext4(lp) lp__10 ----- idle\nkvm(lp) lp__9 TLEP- patched\ngood\n");
}
END_TEST

START_TEST(foreign)
{
	struct klpdep_status *status;

	enter();
	put_target("kvm");
	put_patch("klp_a", "1\n", "0\n");
	put_object("klp_a", "kvm", "1\n");
	put_object("klp_a", "vmlinux", "1\n");
	put_object("klp_a", "zram", "0\n");
	put_loaded("klp_dead", "live\n", "OEK\n");
	put_loaded("klp_coming", "coming\n", "OEK\n");
	/* no livepatches: another taint; and a directory that is about to go */
	put_loaded("other", "live\n", "OE\n");
	put_text("sys/module/gone/taint", "OEK\n");
	expect_text(look_with("", ""),
		    "kvm klp_a TLEP- foreign\nvmlinux klp_a TLEP- foreign\n"
		    "zram klp_a -LE-- foreign\n- klp_coming -L--- foreign\n"
		    "- klp_dead -L--- foreign\ngood\n");
	/* the same without an index */
	status = take(NULL, NULL);
	expect_text(outline_status(status),
		    "kvm klp_a TLEP- foreign\nvmlinux klp_a TLEP- foreign\n"
		    "zram klp_a -LE-- foreign\n- klp_coming -L--- foreign\n"
		    "- klp_dead -L--- foreign\ngood\n");
	ck_assert_ptr_eq(klpdep_status_ref(status), status);
	ck_assert_ptr_null(klpdep_status_unref(status));
	ck_assert_ptr_null(klpdep_status_unref(status));
	ck_assert_ptr_null(klpdep_status_unref(NULL));
	/* one whose objects the index could not find out, alive and dead */
	expect_text(look_with("patch klp_a file=x\npatch klp_dead file=x\n", ""),
		    "kvm klp_a TLEP- foreign (not an object of the index's patch)\n"
		    "vmlinux klp_a TLEP- foreign (not an object of the index's patch)\n"
		    "zram klp_a -LE-- foreign (not an object of the index's patch)\n"
		    "- klp_coming -L--- foreign\n- klp_dead -L--- foreign\ngood\n");
	/* one that it knows is not listed twice */
	expect_text(look_with("object kvm klp_dead order=before\npatch klp_dead file=x\n",
			      "mask *"),
		    text("kvm klp_a TLEP- foreign\n"
			 "kvm klp_dead TL--- masked (%s/config/a.conf:1)\n"
			 "vmlinux klp_a TLEP- foreign\nzram klp_a -LE-- foreign\n"
			 "- klp_coming -L--- foreign\ngood\n", fix_dir));
}
END_TEST

static const char *fixes_of(const char *records, const char *lines, const char *id)
{
	_cleanup_index_ struct klpdep_index *index = make_index(records);
	_cleanup_config_ struct klpdep_config *config = make_config(lines);
	_cleanup_status_ struct klpdep_status *status = take(index, config);
	struct klpdep_fixes *fixes = NULL;
	const struct klpdep_fix *fix;
	char *out = text("%s", "");

	ck_assert_int_eq(klpdep_fixes_new(ctx, status, id ? &id : NULL, id != NULL, &fixes), 0);
	ck_assert_ptr_eq(klpdep_fixes_ref(fixes), fixes);
	ck_assert_ptr_null(klpdep_fixes_unref(fixes));
	for (size_t i = 0; (fix = klpdep_fixes_get_fix(fixes, i)); i++) {
		const char *reason = klpdep_fix_get_reason(fix);
		const char *patch = klpdep_fix_get_patch(fix, 0);

		out = append(out, "%s %s %s (%s)\n", klpdep_fix_get_id(fix),
			     klpdep_fix_state_name(klpdep_fix_get_state(fix)),
			     patch ? patch : "-", reason ? reason : "");
	}
	klpdep_fixes_unref(fixes);
	return out;
}

#define FIXED "object kvm klp_kvm order=before\n" \
	      "patch klp_kvm file=/dev/null srcversion=ABC fixes=CVE-1,CVE-2\n"

START_TEST(fixes)
{
	enter();
	expect_text(fixes_of(FIXED, "", NULL),
		    "CVE-1 not loaded klp_kvm ()\nCVE-2 not loaded klp_kvm ()\n");
	expect_text(fixes_of(FIXED, "fixes klp-* CVE-3", "CVE-3"), "CVE-3 not loaded klp_kvm ()\n");
	expect_text(fixes_of(FIXED, "", "CVE-4"), "CVE-4 unknown - ()\n");
	put_target("kvm");
	expect_text(fixes_of(FIXED, "", "CVE-1"),
		    "CVE-1 not fixed klp_kvm (klp_kvm on kvm: unpatched: not loaded)\n");
	put_patch("klp_kvm", "1\n", "1\n");
	put_object("klp_kvm", "kvm", "1\n");
	expect_text(fixes_of(FIXED, "", "CVE-1"),
		    "CVE-1 in transition klp_kvm (klp_kvm on kvm: transition: patching)\n");
	put_patch("klp_kvm", "1\n", "0\n");
	expect_text(fixes_of(FIXED, "", "CVE-1"), "CVE-1 fixed klp_kvm ()\n");
	/* on its way out */
	put_patch("klp_kvm", "0\n", "1\n");
	expect_text(fixes_of(FIXED, "", "CVE-1"),
		    "CVE-1 not fixed klp_kvm (klp_kvm on kvm: transition: unpatching)\n");
	put_patch("klp_kvm", "1\n", "0\n");
	/* what it patches nobody knows */
	expect_text(fixes_of("patch klp_x file=x fixes=CVE-5\n", "", "CVE-5"),
		    "CVE-5 not fixed klp_x (klp_x: its objects are not known)\n");
	/* masked, and at work still */
	expect_text(fixes_of(FIXED, "mask klp_kvm", "CVE-1"), "CVE-1 fixed klp_kvm ()\n");
	put_text("sys/module/klp_kvm/srcversion", "OTHER\n");
	expect_text(fixes_of(FIXED, "", "CVE-1"),
		    "CVE-1 not fixed klp_kvm (klp_kvm on kvm: unpatched: another build of it is "
		    "loaded)\n");
	ck_assert_ptr_null(klpdep_fix_state_name((enum klpdep_fix_state)99));
}
END_TEST

START_TEST(not_possible)
{
	_cleanup_index_ struct klpdep_index *index = make_index(ONE);
	struct klpdep_status *status = (struct klpdep_status *)&index;

	enter();
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
	ck_assert_int_eq(klpdep_status_new(ctx, view_of(index, NULL), &status), -EINVAL);
	ck_assert_int_eq(klpdep_status_new(ctx, NULL, &status), -EINVAL);
	expect_text(take_log(), "3 there is a status of the running kernel only\n"
				"3 there is a status of the running kernel only\n");
	ck_assert_int_eq(klpdep_set_root(ctx, NULL), 0);
	strcpy(index->kernel, "6.1-tesx");
	ck_assert_int_eq(klpdep_status_new(ctx, view_of(index, NULL), &status), -EINVAL);
	expect_text(take_log(), "3 there is a status of the running kernel only\n");
	strcpy(index->kernel, KERNEL);
	ck_assert_int_eq(system("rm -r sys/module"), 0);
	ck_assert_int_eq(klpdep_status_new(ctx, view_of(index, NULL), &status), -ENOENT);
	expect_text(take_log(), "3 the running kernel's modules cannot be seen in /sys: "
				"No such file or directory\n");
	ck_assert_ptr_eq(status, &index);
}
END_TEST

UNIT_MAIN("status", idle, patched, unpatched, refused, refused_notes, signatures,
	  entries, transition, not_active, several_objects, foreign, fixes, not_possible)
