// SPDX-License-Identifier: LGPL-2.1-or-later
/* Livepatches that want to do harm: names that would be lines, paths or commands
 * elsewhere, and files that change while they are read. */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "libklpdep/tree/scan.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define LONG_NAME 10240

/* ---- names ------------------------------------------------------------------------- */

/* @ is the name; kvm is patched beside it. */
static const char *const places[] = {
	"name klp_x;modinfo name=@;livepatch klp-patch;object kvm;func f 0",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;object @;func g 0",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;func @ 0",
	"name klp_x;livepatch kpatch;object kvm;func f 0;object @;func g 0",
	"name klp_x;livepatch kpatch;object kvm;func f 0;func @ 0",
	"name klp_x;livepatch klp-build;object kvm;func f 0;object @;func g 0",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;reloc kvm kvm @ 0",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;reloc kvm @ s 0",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo klp_set=@",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo klp_requires=@",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo klp_supersedes=@",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo klp_objects=@",
	("name klp_x;livepatch klp-patch;object kvm;func f 0;"
	 "modinfo klp_target_srcversion=kvm:@"),
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo version=@",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo srcversion=@",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo vermagic=@",
	"name klp_x;livepatch klp-patch;object kvm;func f 0;modinfo depends=@",
};

/* Each ^ is a line break in the module, each ! a blank, each { a tab, and each ? a
 * semicolon: the description cannot have them. */
static const char *const names[] = {
	"$(PWNED)", "`PWNED`", "a?PWNED?", "a|PWNED&", "'PWNED'\"", "../../PWNED",
	"/PWNED",
	"a!PWNED", "a^patch!PWNED!file=x", "^install!PWNED!/bin/PWNED", "^end^PWNED",
	"a{PWNED", "\033[2JPWNED", "\377\376PWNED", "--PWNED", "%41%0APWNED",
};

static void put_hostile(const char *place, const char *name)
{
	const char *at = strchr(place, '@');
	struct image image =
		build(text("%.*s%s%s", (int)(at - place), place, name, at + 1));

	for (size_t i = 0; i + 1 < image.size && *name; i++) {
		if (image.size - i < strlen(name) ||
		    memcmp(image.data + i, name, strlen(name)) != 0)
			continue;
		for (size_t j = 0; j < strlen(name); j++) {
			unsigned char *c = &image.data[i + j];

			*c = *c == '^' ? '\n' : *c == '!' ? ' ' : *c == '{' ? '\t' :
			     *c == '?' ? ';' : *c;
		}
	}
	put_file(TREE "updates/klp_x.ko", image.data, image.size);
}

/* Whether it is "WORD OBJECT MORE", OBJECT being a module's name. */
static bool is_of_object(const char *line, const char *word, const char *more)
{
	const char *object = klp_after_prefix(line, word);
	size_t len = object ? strcspn(object, " \n") : 0;

	return len && klp_name_valid(text("%.*s", (int)len, object)) &&
	       klp_after_prefix(object + len, more);
}

/* Every line is a record that klpdep writes, of printable characters. */
static void check_index(const char *data, const char *what)
{
	static const char *const words[] = { "# klpdep index 1 " KERNEL "\n",
					     "patch klp_x file=updates/klp_x.ko ",
					     "incompatible klp_x unreadable why=",
					     "end\n" };

	for (const char *line = data, *next; *line; line = next) {
		bool known = is_of_object(line, "object ", " klp_x order=") ||
			     is_of_object(line, "func klp_x ", " ");

		next = strchr(line, '\n');
		ck_assert_msg(next, "%s: no last line", what);
		next++;
		for (size_t i = 0; i < KLP_ARRAY_SIZE(words); i++)
			known = known || klp_after_prefix(line, words[i]);
		ck_assert_msg(known, "%s: a line of its own: %s", what, line);
		for (const char *c = line; c < next - 1; c++)
			ck_assert_msg(*c >= ' ' && *c < 0x7f, "%s: byte %d: %s", what, *c,
				      line);
	}
}

/* Read the tree, and what was made of it as it would be read again. */
static void scan_and_check(const char *what)
{
	_cleanup_index_ struct klpdep_index *index = NULL, *again = NULL;
	_cleanup_free_ char *data = NULL;
	size_t size, unreadable;

	ck_assert_int_eq(klpdep_index_scan(ctx, KERNEL, NULL, 1, KLPDEP_SCAN_NO_CACHE, NULL,
					   NULL, &index, &unreadable), 0);
	ck_assert_int_eq(klp_index_format(index, &data, &size), 0);
	ck_assert_uint_eq(strlen(data), size);
	check_index(data, what);
	put_text(TREE "modules.klpdep", data);
	ck_assert_msg(klpdep_index_open(ctx, KERNEL, 0, &again) == 0, "%s: %s\n%s", what,
		      take_log(), data);
	take_log();
}

static void put_tree(void)
{
	put_module(TREE "kernel/kvm.ko", "name kvm;local f");
	put_text(TREE "modules.dep", "kernel/kvm.ko:\nupdates/klp_x.ko:\n");
}

START_TEST(hostile_names)
{
	put_tree();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(places) * KLP_ARRAY_SIZE(names); i++) {
		const char *name = names[i % KLP_ARRAY_SIZE(names)];
		const char *place = places[i / KLP_ARRAY_SIZE(names)];

		put_hostile(place, name);
		scan_and_check(text("%s in %s", name, place));
	}
}
END_TEST

START_TEST(long_names)
{
	char *name = append(NULL, "%0*d", LONG_NAME, 0);

	memset(name, 'P', LONG_NAME);
	put_tree();
	for (size_t i = 0; i < KLP_ARRAY_SIZE(places); i++) {
		put_hostile(places[i], name);
		scan_and_check(places[i]);
	}
}
END_TEST

/* ---- files that change while they are read
 * ------------------------------------------- */

struct swapper {
	const struct image *image;
	char *path, *other;
	atomic_bool stop;
};

static void write_image(const char *path, const struct image *image)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, image->data, image->size), (ssize_t)image->size);
	close(fd);
}

/* Cut the file off, write it anew, put another one in its place, and take it away. */
static void *swap(void *data)
{
	struct swapper *swapper = data;

	while (!atomic_load(&swapper->stop)) {
		ck_assert_int_eq(truncate(swapper->path, 100), 0);
		write_image(swapper->path, swapper->image);
		write_image(swapper->other, swapper->image);
		ck_assert_int_eq(truncate(swapper->path, 0), 0);
		ck_assert_int_eq(rename(swapper->other, swapper->path), 0);
		unlink(swapper->path);
		write_image(swapper->path, swapper->image);
	}
	return NULL;
}

/* A patch with all that it has, or an error, and no signal. */
START_TEST(swapped)
{
	struct image image = build("name klp_x;livepatch klp-patch;object kvm;func f 0");
	struct swapper swapper = { &image, in_dir("x.ko"), in_dir("y.ko"), false };
	size_t complete = 0;
	pthread_t thread;

	write_image(swapper.path, &image);
	ck_assert_int_eq(pthread_create(&thread, NULL, swap, &swapper), 0);
	for (int i = 0; i < 2000; i++) {
		_cleanup_patch_ struct klpdep_patch *patch = NULL;

		if (klpdep_patch_new_from_file(ctx, swapper.path, &patch) < 0)
			continue;
		expect_text(outline(patch), "klp_x klp-patch replace=no; kvm: f@0;");
		complete++;
	}
	atomic_store(&swapper.stop, true);
	pthread_join(thread, NULL);
	/* else nothing was shown */
	ck_assert_uint_gt(complete, 0);
	ck_assert_uint_lt(complete, 2000);
	take_log();
}
END_TEST

UNIT_MAIN("hostile", hostile_names, long_names, swapped)
