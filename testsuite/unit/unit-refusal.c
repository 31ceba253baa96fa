// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel's log tells of a refusal: lines as the sources of 6.1 and 6.12 have them. */
#include "config.h"

#include "testsuite/unit/fixture.h"

static ssize_t play_read(int fd, void *buffer, size_t size);

#define KMSG_PATH "kmsg"
#define read play_read
#include "libklpdep/live/kernel-log.c"
#undef read

/* The kernel's log is a plain file here, and gives out one record a read all the same. */
static ssize_t play_read(int fd, void *buffer, size_t size)
{
	ssize_t n = read(fd, buffer, size);
	const char *end = n > 0 ? memchr(buffer, '\n', (size_t)n) : NULL;

	/* Properties of a record begin with a space. */
	while (end && end + 1 < (char *)buffer + n && end[1] == ' ')
		end = memchr(end + 1, '\n', (size_t)((char *)buffer + n - end - 1));
	if (!end)
		return n;
	ck_assert_int_ge(lseek(fd, end + 1 - (char *)buffer - n, SEEK_CUR), 0);
	return end + 1 - (char *)buffer;
}

static const char *outline_why(const struct klp_refusal *why)
{
	return text("%s%s%s%s", klpdep_refusal_name(why->class), *why->text ? ": " : "",
		    why->text, *why->text && !why->is_cause ? " ?" : "");
}

/* Why klp_a was refused with @err, when the kernel has then said @records. */
static const char *reason(const char *records, int err)
{
	_cleanup_close_ int fd = -1;
	struct klp_refusal why;

	ck_assert_int_eq(chdir(fix_dir), 0);
	put_text("kmsg", "3,1,1,-;klp_a: Unknown symbol of_another_day (err -2)\n");
	fd = klp_kernel_log_watch();
	ck_assert_int_ge(fd, 0);
	put_text("kmsg", text("3,1,1,-;klp_a: Unknown symbol of_another_day (err -2)\n%s",
			      records));
	klp_kernel_log_find_reason(fd, "klp_a", err, &why);
	return outline_why(&why);
}

START_TEST(patches)
{
	static const struct {
		const char *records;
		int err;
		const char *is;
	} cases[] = {
		{ "", -EINVAL, "none" },
		{ "5,2,2,-;Loading of unsigned module is rejected\n", -EKEYREJECTED,
		  "signature: Loading of unsigned module is rejected" },
		{ "5,2,2,-;Loading of module with unavailable key is rejected\n", -EKEYREJECTED,
		  "signature: Loading of module with unavailable key is rejected" },
		/* another's */
		{ "5,2,2,-;Loading of unsigned module is rejected\n", -ENOEXEC, "none" },
		{ "5,2,2,-;Lockdown: klpdep-modprobe: unsigned module loading is restricted; "
		  "see man kernel_lockdown.7\n", -EPERM,
		  "signature: Lockdown: klpdep-modprobe: unsigned module loading is restricted; "
		  "see man kernel_lockdown.7" },
		{ "3,2,2,-;klp_a: version magic '6.1.0-1 SMP ' should be '6.1.0-2 SMP '\n",
		  -ENOEXEC,
		  "vermagic: klp_a: version magic '6.1.0-1 SMP ' should be '6.1.0-2 SMP '" },
		{ "3,2,2,-;klp_ab: version magic '6.1.0-1 SMP ' should be '6.1.0-2 SMP '\n",
		  -ENOEXEC, "none" },
		{ "4,2,2,-;klp_a: loading out-of-tree module taints kernel.\n"
		  "5,3,3,-;klp_a: tainting kernel with TAINT_LIVEPATCH\n"
		  "4,4,4,-;klp_a: Unknown symbol f (err -2)\n"
		  "4,5,5,-;klp_a: Unknown symbol g (err -2)\n",
		  -ENOENT, "symbol: klp_a: Unknown symbol f (err -2)" },
		{ "4,2,2,-;klp_a: disagrees about version of symbol f\n"
		  "4,3,3,-;klp_a: Unknown symbol f (err -22)\n",
		  -EINVAL, "symbol: klp_a: disagrees about version of symbol f" },
		{ "5,2,2,-;livepatch: enabling patch 'klp_a'\n"
		  "3,3,3,-;livepatch: failed to register ftrace handler for function 'f' (-16)\n"
		  "4,4,4,-;livepatch: failed to patch object 'b'\n"
		  "4,5,5,-;livepatch: failed to enable patch 'klp_a'\n"
		  "5,6,6,-;livepatch: 'klp_a': unpatching complete\n",
		  -EBUSY,
		  "ftrace: livepatch: failed to register ftrace handler for function 'f' (-16)" },
		{ "3,2,2,-;livepatch: Livepatch patch (klp_a) is not compatible with the already "
		  "installed livepatches.\n", -EINVAL,
		  "state: livepatch: Livepatch patch (klp_a) is not compatible with the already "
		  "installed livepatches." },
		{ "3,2,2,-;livepatch: symbol 'f' not found in symbol table\n", -EINVAL,
		  "symbol: livepatch: symbol 'f' not found in symbol table" },
		{ "5,2,2,-;livepatch: enabling patch 'klp_a'\n"
		  "4,3,3,-;klp_a: not on this machine\n"
		  "4,4,4,-;livepatch: pre-patch callback failed for object 'b'\n",
		  -ENODEV, "other: livepatch: pre-patch callback failed for object 'b'" },
		/* what fails, and no more; the first of these */
		{ "4,2,2,-;livepatch: failed to patch object 'b'\n"
		  "4,3,3,-;livepatch: failed to enable patch 'klp_a'\n",
		  -ENOMEM, "other: livepatch: failed to patch object 'b' ?" },
		{ "6,2,2,-;klp_a: hello\n4,3,3,-;klp_a: not here\n", -ENODEV,
		  "other: klp_a: not here ?" },
		{ "3,2,2,-;Invalid ELF header magic: != \\x7fELF\n", -ENOEXEC,
		  "other: Invalid ELF header magic: != \\x7fELF" },
		/* a user's line, be it of a facility that looks like none; properties; nonsense */
		{ "12,2,2,-;klp_a: Unknown symbol f (err -2)\n", -ENOENT, "none" },
		{ "4294967300,2,2,-;klp_a: Unknown symbol f (err -2)\n", -ENOENT, "none" },
		{ "4,2,2,-;x\n klp_a: Unknown symbol f (err -2)\n", -ENOENT, "none" },
		{ "4,2,2,-;klp_a: Unknown symbol f\n SUBSYSTEM=x\n", -ENOENT,
		  "symbol: klp_a: Unknown symbol f" },
		{ "4,2,2,-\n;\nx\n", -ENOENT, "none" },
		{ "4,2,2,-;klp_a: Unknown symbol \033[2J\n", -ENOENT,
		  "symbol: klp_a: Unknown symbol ?[2J" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect_text(reason(cases[i].records, cases[i].err), cases[i].is);
}
END_TEST

START_TEST(long_line)
{
	const char *is = reason(text("4,2,2,-;klp_a: Unknown symbol %0400d\n", 7), -ENOENT);

	ck_assert_uint_eq(strlen(is), strlen("symbol: ") + KLP_REFUSAL_SIZE - 1);
}
END_TEST

/* Because of which patch the target b was refused, and why. */
static const char *refusal(const char *records)
{
	_cleanup_close_ int fd = -1;
	char patch[KLP_MODULE_NAME_LEN], last[KLP_MODULE_NAME_LEN];
	struct klp_refusal why, last_why;
	bool found;

	ck_assert_int_eq(chdir(fix_dir), 0);
	put_text("kmsg", "");
	fd = klp_kernel_log_watch();
	put_text("kmsg", records);
	found = klp_kernel_log_find_refusal(fd, "b", patch, &why);
	ck_assert_int_eq(klp_kernel_log_find_last_refusal("b", last, &last_why), found);
	if (!found)
		return "-";
	expect_text(last, patch);
	expect_text(outline_why(&last_why), outline_why(&why));
	return text("%s %s", patch, outline_why(&why));
}

#define NO_SYMBOL "3,1,1,-;livepatch: symbol 'f' not found in symbol table\n"
#define NO_INIT "4,2,2,-;livepatch: failed to initialize patch '%s' for module '%s' (-22)\n"
#define REFUSING "4,3,3,-;livepatch: patch '%s' failed for module '%s', refusing to load module '%s'\n"

START_TEST(targets)
{
	expect_text(refusal(text(NO_SYMBOL NO_INIT REFUSING, "klp_a", "b", "klp_a", "b", "b")),
		    "klp_a symbol: livepatch: symbol 'f' not found in symbol table");
	expect_text(refusal(text(NO_INIT REFUSING, "klp_a", "b", "klp_a", "b", "b")),
		    "klp_a other: livepatch: failed to initialize patch 'klp_a' for module 'b' "
		    "(-22) ?");
	/* what was said of another module, or another patch, is not the reason */
	expect_text(refusal(text(NO_SYMBOL REFUSING
				 "4,4,4,-;livepatch: pre-patch callback failed for object 'b'\n"
				 REFUSING, "klp_a", "c", "c", "klp_a", "b", "b")),
		    "klp_a other: livepatch: pre-patch callback failed for object 'b'");
	expect_text(refusal(text(NO_SYMBOL
				 "5,4,4,-;livepatch: applying patch 'klp_a' to loading module 'b'\n"
				 REFUSING, "klp_a", "b", "b")), "klp_a none");
	expect_text(refusal(text(REFUSING, "klp_a", "c", "c")), "-");
	/* who writes to the log is not the kernel */
	expect_text(refusal("12,3,3,-;livepatch: patch 'klp_a' failed for module 'b', refusing to "
			    "load module 'b'\n"), "-");
	expect_text(refusal("4,3,3,-;x: livepatch: patch 'klp_a' failed for module 'b', refusing "
			    "to load module 'b'\n"), "-");
}
END_TEST

UNIT_MAIN("refusal", patches, long_line, targets)
