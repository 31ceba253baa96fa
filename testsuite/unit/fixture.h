/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the unit tests share: a directory of their own, log messages, images, outlines. */
#ifndef KLPDEP_UNIT_FIXTURE_H
#define KLPDEP_UNIT_FIXTURE_H

#include <check.h>

#include "libklpdep/base/context.h"
#include "libklpdep/tree/index.h"
#include "libklpdep/livepatch/patch.h"
#include "testsuite/mkmodule.h"

/* ---- one test's surroundings: made and cleaned up by fixture_up() and fixture_down() */

extern char *fix_dir;	       /* an empty directory, absolute, and the context's root */
extern struct klpdep_ctx *ctx; /* logs everything from LOG_WARNING up */
extern struct klp_strv logged; /* "PRIORITY MESSAGE", fix_dir being replaced with @ */

void fixture_up(void);
void fixture_down(void);

/* The log as lines, each of which ends with a newline; and forget it. */
const char *take_log(void);

/* A view that is there until the next one is asked for.  Here and not in fixture.c, which
 * some link beside a played kmod.c that has not all of what a view takes. */
static inline const struct klpdep_view *view_of(const struct klpdep_index *index,
						const struct klpdep_config *config)
{
	static struct klpdep_view *view;

	view = klpdep_view_unref(view);
	ck_assert_int_eq(klpdep_view_new(ctx, (struct klpdep_index *)index,
					 (struct klpdep_config *)config, 0, &view), 0);
	return view;
}

/* ---- text ------------------------------------------------------------------------- */

/* A printf() into memory that fixture_down() frees. */
char *text(const char *format, ...) KLP_PRINTF(1, 2);
/* Append to such a string, NULL being an empty one. */
char *append(char *to, const char *format, ...) KLP_PRINTF(2, 3);

/* ---- files; a path is below fix_dir ----------------------------------------------- */

char *in_dir(const char *path);
void put_file(const char *path, const void *data, size_t size);
void put_text(const char *path, const char *content);
/* NULL when there is none. */
char *get_text(const char *path);

/* ---- images: a description as in mkmodule.h, but lines may be divided by ';' too -- */

/* The data is of just that size on the heap: the sanitizers watch its end. */
struct image {
	unsigned char *data;
	size_t size;
};

struct image build(const char *spec);
void put_module(const char *path, const char *spec);

/* Read an image by way of a file: 0 or the error; the patch's outline, or the message. */
int read_image(const struct image *image, char **result);
/* The same, and check that all is well. */
char *outline_of(const char *spec);

/*
 * A patch as text, the unknown and the absent left out:
 *
 *	NAME FORMAT replace=yes; OBJECT[pre_patch post_unpatch]: func@0 func@1 ~obj.sym@0;
 */
char *outline(const struct klpdep_patch *patch);

/* ---- indexes ---------------------------------------------------------------------- */

#define KERNEL "6.1-test"

/* Out of its lines: header and end are added. Fails the test unless it can be read. A line
 * "supersedes NEWER OLDER" stands for that in the other's key supersedes=. */
struct klpdep_index *make_index(const char *lines);
struct klpdep_config *make_config(const char *lines);

/* ---- the frame -------------------------------------------------------------------- */

#define expect_text(actual, expected)                                                    \
	do {                                                                             \
		const char *a_ = (actual), *e_ = (expected);                             \
                                                                                         \
		if (!a_)                                                                 \
			a_ = "(null)";                                                   \
		ck_assert_msg(klp_streq(a_, e_), "\nis:     %s\nwanted: %s", a_, e_);    \
	} while (0)

/* Run the tests that end with NULL, each in a process of its own with a fixture:
 * main(). */
int run_tests(const char *name, const TTest *const *tests);

#define UNIT_MAIN(name, ...)                                                             \
	int main(void)                                                                   \
	{                                                                                \
		const TTest *const tests[] = { __VA_ARGS__, NULL };                      \
                                                                                         \
		return run_tests(name, tests);                                           \
	}

#endif
