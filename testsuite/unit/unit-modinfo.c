// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a patch's .modinfo says. */
#include "config.h"

#include "testsuite/unit/fixture.h"

#define LONG "n12345678901234567890123456789012345678901234567890123456"
#define PATCH "livepatch klp-patch;object kvm;func f 0;"

static char *list(const char *name, const struct klp_strv *list)
{
	char *out = list->n ? text(" %s", name) : text("%s", "");

	for (size_t i = 0; i < list->n; i++)
		out = append(out, "%s%s", i ? "," : "=", list->v[i]);
	return out;
}

static char *tag(const char *name, const char *value)
{
	return value ? text(" %s=%s", name, value) : text("%s", "");
}

/* All but vermagic, which mkmodule gives every module. */
static char *tags(const char *file, const char *spec)
{
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	int err;

	put_module(file, spec);
	err = klpdep_patch_new_from_file(ctx, in_dir(file), &patch);
	if (err < 0)
		return text("%d %s", err, take_log());
	expect_text(klpdep_patch_get_file(patch), in_dir(file));
	return text("%s%s%s%s%s%s%s%s", klpdep_patch_get_name(patch),
		    tag("version", klpdep_patch_get_version(patch)),
		    tag("srcversion", klpdep_patch_get_srcversion(patch)),
		    tag("set", klpdep_patch_get_set(patch)),
		    list("requires", &patch->requires),
		    list("supersedes", &patch->supersedes), list("pre", &patch->pre),
		    list("post", &patch->post));
}

START_TEST(every_tag)
{
	static const struct {
		const char *spec, *tags;
	} cases[] = {
		{ "name klp_x", "klp_x" },
		{ "name klp_x;modinfo version=1.2 b", "klp_x version=1.2 b" },
		{ "name klp_x;modinfo srcversion=ABC", "klp_x srcversion=ABC" },
		{ "name klp_x;modinfo klp_set=lp 7", "klp_x set=lp 7" },
		{ "name lp7__kvm", "lp7__kvm set=lp7" },
		{ "name lp7__kvm__x", "lp7__kvm__x set=lp7" },
		{ "name lp7__kvm;modinfo klp_set=other", "lp7__kvm set=other" },
		{ "name __kvm", "__kvm" },
		{ "name lp7__", "lp7__" },
		{ "name klp_x;modinfo klp_requires=a", "klp_x requires=a" },
		{ "name klp_x;modinfo klp_requires=a,b, c;modinfo klp_requires=d",
		  "klp_x requires=a,b,c,d" },
		{ "name klp_x;modinfo klp_requires=", "klp_x" },
		{ "name klp_x;modinfo klp_supersedes=klp_kvm_[0-3],lp6__*",
		  "klp_x supersedes=klp_kvm_[0-3],lp6__*" },
		{ "name klp_x;modinfo softdep=pre: a b post: c", "klp_x pre=a,b post=c" },
		{ "name klp_x;modinfo softdep=post: a pre: b;modinfo softdep=pre: b d",
		  "klp_x pre=b,b,d post=a" },
		/* as modprobe loads them */
		{ "name klp_x;modinfo softdep=pre: b a post: d c", "klp_x pre=b,a post=d,c" },
		{ "name klp_x;modinfo softdep=a b", "klp_x" },
		{ "name klp_x;modinfo softdep=pre:", "klp_x" },
		{ "name klp_x;modinfo author=me;modinfo klp_future=1;modinfo =x",
		  "klp_x" },
		/* the kernel's spelling */
		{ "name x;modinfo name=klp-x", "klp_x" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect_text(tags("file.ko", text("%s;" PATCH, cases[i].spec)),
			    cases[i].tags);
}
END_TEST

/* The author's klp_objects stands beside what is found in the image. */
START_TEST(objects)
{
	static const struct {
		const char *spec, *outline;
	} cases[] = {
		{ PATCH "modinfo klp_objects=zram",
		  "x klp-patch replace=no; kvm: f@0; zram:;" },
		{ PATCH "modinfo klp_objects=kvm", "x klp-patch replace=no; kvm: f@0;" },
		{ PATCH "modinfo klp_objects=a-b",
		  "x klp-patch replace=no; a_b:; kvm: f@0;" },
		{ "livepatch none-evidence;modinfo klp_objects=b a,vmlinux;"
		  "modinfo klp_objects=c",
		  "x modinfo; a:; b:; c:; vmlinux:;" },
		{ "livepatch none-evidence;modinfo klp_objects=", "x ?;" },
		{ "livepatch klp-rela;reloc a b c 0;modinfo klp_objects=b",
		  "x klp-rela; a: ~b.c@0; b:;" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++)
		expect_text(outline_of(text("name x;%s", cases[i].spec)),
			    cases[i].outline);
}
END_TEST

/* Of each object the srcversion that its author wants. */
START_TEST(target_srcversion)
{
	static const struct {
		const char *tag, *result;
	} cases[] = {
		{ "kvm:ABC", "kvm=ABC zram=-" },
		{ "kvm:A,zram:B", "kvm=A zram=B" },
		{ "zram:B;modinfo klp_target_srcversion=kvm:A", "kvm=A zram=B" },
		{ "other:A", "kvm=- zram=-" },
		{ "", "kvm=- zram=-" },
		{ "kvm", "'kvm' is not of the form OBJECT:SRCVERSION" },
		{ "kvm:", "'kvm' is not of the form OBJECT:SRCVERSION" },
		{ ":A", "'' is not of the form OBJECT:SRCVERSION" },
		{ "a/b:A", "'a/b' is not of the form OBJECT:SRCVERSION" },
	};

	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		_cleanup_patch_ struct klpdep_patch *patch = NULL;
		char *result = text("%s", "");
		int err;

		put_module("x.ko", text("name x;modinfo klp_target_srcversion=%s;" PATCH
					"object zram;func g 0", cases[i].tag));
		err = klpdep_patch_new_from_file(ctx, in_dir("x.ko"), &patch);
		if (err < 0) {
			ck_assert_int_eq(err, -EBADMSG);
			expect_text(take_log(),
				    text("3 @/x.ko: modinfo klp_target_srcversion: %s\n",
					 cases[i].result));
			continue;
		}
		for (size_t j = 0; j < klpdep_patch_count_objects(patch); j++) {
			const struct klpdep_object *object =
				klpdep_patch_get_object(patch, j);
			const char *srcversion =
				klpdep_object_get_target_srcversion(object);

			result = append(result, "%s%s=%s", j ? " " : "",
					klpdep_object_get_name(object),
					srcversion ? srcversion : "-");
		}
		expect_text(result, cases[i].result);
	}
}
END_TEST

START_TEST(vermagic)
{
	_cleanup_patch_ struct klpdep_patch *patch = NULL, *other = NULL;

	put_module("x.ko", "name x;" PATCH);
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, in_dir("x.ko"), &patch), 0);
	expect_text(klpdep_patch_get_vermagic(patch), MKMODULE_VERMAGIC);
	put_module("x.ko", "name x;modinfo vermagic=6.12 SMP;" PATCH);
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, in_dir("x.ko"), &other), 0);
	expect_text(klpdep_patch_get_vermagic(other), "6.12 SMP");
}
END_TEST

/* Replaces the one key by another of the same length. */
static struct image without(const char *spec, const char *key, const char *other)
{
	struct image image = build(spec);
	size_t at = mkmodule_contents(image.data, ".modinfo");

	while (memcmp(image.data + at, key, strlen(key)) != 0)
		ck_assert_uint_lt(++at, image.size - strlen(key));
	memcpy(image.data + at, other, strlen(other));
	return image;
}

/* A module without a name inside is called as its file. */
START_TEST(name_of_file)
{
	struct image image = without("name klp_x;" PATCH, "name=", "nome=");
	char *result;

	ck_assert_int_eq(read_image(&image, &result), 0);
	expect_text(result, "image klp-patch replace=no; kvm: f@0;");
}
END_TEST

START_TEST(bad_names)
{
	static const char *const names[] = { "a b", ".x", "a/b", "$(reboot)", LONG };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++)
		expect_text(
			tags("f.ko", text("name x;modinfo name=%s;" PATCH, names[i])),
			text("%d 3 @/f.ko: '%s' is no name for a module%s\n", -EBADMSG,
			     names[i], strlen(names[i]) > 55 ? ", too long" : ""));
}
END_TEST

/* livepatch=Y is what makes a livepatch, to us as to the kernel. */
START_TEST(no_livepatch_tag)
{
	struct image image = without("name klp_x;" PATCH, "livepatch=", "livepotch=");
	char *result;

	ck_assert_int_eq(read_image(&image, &result), -ENODATA);
}
END_TEST

UNIT_MAIN("modinfo", every_tag, objects, target_srcversion, vermagic, name_of_file,
	  bad_names, no_livepatch_tag)
