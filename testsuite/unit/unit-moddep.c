// SPDX-License-Identifier: LGPL-2.1-or-later
/* modules.dep. */
#include "config.h"

#include "libklpdep/host/moddep.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define N56 "n12345678901234567890123456789012345678901234567890123_56"

/* "NAME PATH: DEPS" a line. */
static char *read_moddep(const char *content)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	char *out = text("%s", "");
	int err;

	put_text(TREE "modules.dep", content);
	err = klp_moddep_read(ctx, KERNEL, &moddep);
	if (err < 0) {
		ck_assert_uint_eq(moddep.n_modules, 0);
		return text("%d\n", err);
	}
	for (size_t i = 0; i < moddep.n_modules; i++) {
		const struct klp_module *m = &moddep.modules[i];

		ck_assert_ptr_eq(klp_moddep_find(&moddep, m->name), m);
		out = append(out, "%s %s:", m->name, m->path);
		for (size_t j = 0; j < m->n_deps; j++)
			out = append(out, " %s", moddep.modules[m->deps[j]].name);
		out = append(out, "\n");
	}
	ck_assert_ptr_null(klp_moddep_find(&moddep, "nonesuch"));
	ck_assert_ptr_null(klp_moddep_find(&moddep, ""));
	ck_assert_ptr_null(klp_moddep_find(&moddep, N56));
	return out;
}

START_TEST(contents)
{
	static const struct {
		const char *content, *read, *log;
	} cases[] = {
		{ "", "", "" },
		{ "\n\n", "", "" },
		{ "kernel/a.ko:\n", "a kernel/a.ko:\n", "" },
		{ "kernel/a.ko:", "a kernel/a.ko:\n", "" }, /* no newline at the end */
		{ "k/kvm-amd.ko.xz: k/kvm.ko.xz "
		  "k/ccp.ko.xz\nk/kvm.ko.xz:\nk/ccp.ko.xz:\n",
		  "ccp k/ccp.ko.xz:\nkvm k/kvm.ko.xz:\nkvm_amd k/kvm-amd.ko.xz: kvm "
		  "ccp\n",
		  "" },
		/* external directories of depmod.d(5) are absolute */
		{ "/opt/b.ko: k/a.ko\nk/a.ko:\n", "a k/a.ko:\nb /opt/b.ko: a\n", "" },
		/* what is not there cannot be needed, and nothing needs itself */
		{ "k/a.ko: k/gone.ko k/a.ko k/b.ko\nk/b.ko:\n",
		  "a k/a.ko: b\nb k/b.ko:\n", "" },
		/* of two files with one name the first counts, as with kmod */
		{ "u/a.ko: k/b.ko\nk/b.ko:\n", "a u/a.ko: b\nb k/b.ko:\n", "" },
		{ "k/a b.ko:\nk/c.ko:\n", "c k/c.ko:\n",
		  "4 @" TREE
		  "modules.dep:1: 'k/a b.ko' is not the name of a module; it is "
		  "left out\n" },
		{ "k/" N56 ".ko:\n", "",
		  "4 @" TREE "modules.dep:1: 'k/" N56
		  ".ko' is not the name of a module; it is "
		  "left out\n" },
		{ "k/a.ko:\n\nk/b.ko k/c.ko\n", "-74\n",
		  "3 @" TREE "modules.dep:3: no colon\n" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		expect_text(read_moddep(cases[i].content), cases[i].read);
		expect_text(take_log(), cases[i].log);
	}
}
END_TEST

/* What a crash can leave of a file: to take that for a tree without modules would be the
 * end of all rules. */
START_TEST(zeros)
{
	struct klp_moddep moddep;

	put_file(TREE "modules.dep", "k/a.ko:\n\0\0k/b.ko:\n", 18);
	ck_assert_int_eq(klp_moddep_read(ctx, KERNEL, &moddep), -EBADMSG);
	expect_text(take_log(),
		    "3 @" TREE "modules.dep: there is a NUL byte in it\n");
	put_file(TREE "modules.dep", "", 1);
	ck_assert_int_eq(klp_moddep_read(ctx, KERNEL, &moddep), -EBADMSG);
	expect_text(take_log(),
		    "3 @" TREE "modules.dep: there is a NUL byte in it\n");
}
END_TEST

/* Of several files of one name the first in the file counts, however many there are. */
START_TEST(twice)
{
	char *content = text("%s", "");

	for (int i = 0; i < 200; i++)
		content = append(content, "d%03d/a.ko:\n", i);
	expect_text(read_moddep(content), "a d000/a.ko:\n");
}
END_TEST

START_TEST(missing)
{
	struct klp_moddep moddep;

	ck_assert_int_eq(klp_moddep_read(ctx, KERNEL, &moddep), -ENOENT);
	ck_assert_uint_eq(moddep.n_modules, 0);
	expect_text(take_log(),
		    "3 there is no @/lib/modules/" KERNEL ": kernel " KERNEL
		    " is not installed here\n");
}
END_TEST

/* As many as a distribution's kernel has, each with the one before it as a dependency. */
START_TEST(many)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_free_ char *content = NULL;
	size_t size;
	FILE *out = open_memstream(&content, &size);

	for (int i = 4999; i >= 0; i--)
		fprintf(out, "k/m%04d.ko: k/m%04d.ko\n", i, (i + 1) % 5000);
	fclose(out);
	put_file(TREE "modules.dep", content, size);
	ck_assert_int_eq(klp_moddep_read(ctx, KERNEL, &moddep), 0);
	ck_assert_uint_eq(moddep.n_modules, 5000);
	for (size_t i = 0; i < 5000; i++) {
		expect_text(moddep.modules[i].name, text("m%04zu", i));
		ck_assert_uint_eq(moddep.modules[i].n_deps, 1);
		ck_assert_uint_eq(moddep.modules[i].deps[0], (i + 1) % 5000);
	}
}
END_TEST

UNIT_MAIN("moddep", contents, zeros, twice, missing, many)
