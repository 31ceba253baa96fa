// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include <ftw.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "libklpdep/livepatch/format.h"
#include "testsuite/unit/fixture.h"

char *fix_dir;
struct klpdep_ctx *ctx;
struct klp_strv logged;

/* Running out of memory is an error to be tested, not one to stop at. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* The program's directory, in which each test has its own. */
static char top_dir[256];

/* What text() made. */
static char **texts;
static size_t n_texts;

/* ---- text ------------------------------------------------------------------------- */

static char *keep(char *s)
{
	char **slot = s ? klp_append(texts, n_texts) : NULL;

	ck_assert_ptr_nonnull(slot);
	*slot = s;
	return s;
}

char *text(const char *format, ...)
{
	va_list args;
	char *s = NULL;

	va_start(args, format);
	ck_assert_int_ge(vasprintf(&s, format, args), 0);
	va_end(args);
	return keep(s);
}

char *append(char *to, const char *format, ...)
{
	_cleanup_free_ char *more = NULL;
	va_list args;

	va_start(args, format);
	ck_assert_int_ge(vasprintf(&more, format, args), 0);
	va_end(args);
	return text("%s%s", to ? to : "", more);
}

/* ---- surroundings ----------------------------------------------------------------- */

static void log_message(void *data, int priority, const char *message)
{
	char *out = NULL;
	const char *at;

	(void)data;
	for (; (at = strstr(message, fix_dir)); message = at + strlen(fix_dir))
		out = append(out, "%.*s@", (int)(at - message), message);
	out = append(out, "%s", message);
	ck_assert_int_eq(klp_strv_add(&logged, text("%d %s", priority, out)), 0);
}

const char *take_log(void)
{
	char *all = text("%s", "");

	for (size_t i = 0; i < logged.n; i++)
		all = append(all, "%s\n", logged.v[i]);
	klp_strv_clear(&logged);
	return all;
}

void fixture_up(void)
{
	fix_dir = text("%s/XXXXXX", top_dir);
	ck_assert_ptr_nonnull(mkdtemp(fix_dir));
	ck_assert_int_eq(klpdep_new(&ctx), 0);
	ck_assert_int_eq(klpdep_set_root(ctx, fix_dir), 0);
	klpdep_set_log_fn(ctx, log_message, NULL);
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void fixture_down(void)
{
	remove_tree(fix_dir);
	ctx = klpdep_unref(ctx);
	klp_strv_clear(&logged);
	for (size_t i = 0; i < n_texts; i++)
		free(texts[i]);
	free(texts);
	texts = NULL;
	n_texts = 0;
}

/* ---- files ------------------------------------------------------------------------ */

char *in_dir(const char *path)
{
	return text("%s%s%s", fix_dir, *path == '/' ? "" : "/", path);
}

void put_file(const char *path, const void *data, size_t size)
{
	const char *file = in_dir(path);
	FILE *out;

	ck_assert_int_eq(klp_mkdir_parents(file), 0);
	out = fopen(file, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(data, 1, size, out), size);
	ck_assert_int_eq(fclose(out), 0);
}

void put_text(const char *path, const char *content)
{
	put_file(path, content, strlen(content));
}

char *get_text(const char *path)
{
	char *data = NULL;
	int err = klp_read_file(in_dir(path), (size_t)1 << 28, &data, NULL);

	if (err == -ENOENT)
		return NULL;
	ck_assert_int_eq(err, 0);
	return keep(data);
}

/* ---- images ----------------------------------------------------------------------- */

struct image build(const char *spec)
{
	char *lines = text("%s", spec);
	struct mkmodule *m = NULL;
	struct image image;
	unsigned char *data;
	int line;

	for (char *p = lines; (p = strpbrk(p, ";"));)
		*p = '\n';
	line = mkmodule_parse(lines, &m);
	ck_assert_msg(line == 0, "line %d of: %s", line, spec);
	ck_assert_int_eq(mkmodule_build(m, &data, &image.size), 0);
	mkmodule_free(m);
	image.data = (unsigned char *)keep(malloc(image.size));
	memcpy(image.data, data, image.size);
	free(data);
	return image;
}

void put_module(const char *path, const char *spec)
{
	struct image image = build(spec);

	put_file(path, image.data, image.size);
}

static char *outline_object(char *out, const struct klpdep_object *object)
{
	static const char *const names[] = { "pre_patch", "post_patch", "pre_unpatch",
					     "post_unpatch" };
	unsigned int callbacks = klpdep_object_get_callbacks(object);
	const char *name, *separator = "[";

	out = append(out, " %s", klpdep_object_get_name(object));
	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++) {
		if (callbacks & 1U << i) {
			out = append(out, "%s%s", separator, names[i]);
			separator = " ";
		}
	}
	out = append(out, callbacks ? "]:" : ":");
	for (size_t i = 0; (name = klpdep_object_get_func(object, i)); i++)
		out = append(out, " %s@%" PRIu64, name, klpdep_object_get_func_sympos(object, i));
	for (size_t i = 0; (name = klpdep_object_get_reloc(object, i)); i++)
		out = append(out, " ~%s.%s@%" PRIu64,
			     klpdep_object_get_reloc_symobject(object, i), name,
			     klpdep_object_get_reloc_sympos(object, i));
	return append(out, ";");
}

char *outline(const struct klpdep_patch *patch)
{
	static const char *const replaces[] = { [KLPDEP_REPLACE_NO] = " replace=no",
						[KLPDEP_REPLACE_YES] = " replace=yes",
						[KLPDEP_REPLACE_UNKNOWN] = "" };
	const char *format = klpdep_patch_get_format(patch);
	const struct klpdep_object *object;
	char *out = text("%s %s%s;", klpdep_patch_get_name(patch), format ? format : "?",
			 replaces[klpdep_patch_get_replace(patch)]);

	for (size_t i = 0; (object = klpdep_patch_get_object(patch, i)); i++)
		out = outline_object(out, object);
	return out;
}

int read_image(const struct image *image, char **result)
{
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	const char *log, *message, *prefix = "3 @/image.ko: ";
	int err;

	put_file("image.ko", image->data, image->size);
	err = klpdep_patch_new_from_file(ctx, in_dir("image.ko"), &patch);
	log = take_log();
	if (err == 0) {
		ck_assert_ptr_nonnull(patch);
		expect_text(log, "");
		*result = outline(patch);
		return 0;
	}
	ck_assert_ptr_null(patch);
	if (err == -ENODATA) { /* an answer, and no failure */
		expect_text(log, "");
		*result = text("%s", klpdep_strerror(err));
		return err;
	}
	message = klp_after_prefix(log, prefix);
	ck_assert_msg(message && strlen(message) > 5, "error %d says: %s", err, log);
	*result = text("%.*s", (int)strcspn(message, "\n"), message);
	return err;
}

char *outline_of(const char *spec)
{
	struct image image = build(spec);
	char *result;
	int err = read_image(&image, &result);

	ck_assert_msg(err == 0, "%s: %s\nof: %s", klpdep_strerror(err), result, spec);
	return result;
}

/* ---- indexes ---------------------------------------------------------------------- */

/* "supersedes NEWER OLDER", which the reader skips: what supersedes= of NEWER says. */
static void take_supersedes(struct klpdep_index *index, const char *lines)
{
	for (const char *line = lines; line && *line; line = strchr(line, '\n') + 1) {
		char newer[KLP_MODULE_NAME_LEN], older[KLP_MODULE_NAME_LEN];

		if (sscanf(line, "supersedes %55s %55s", newer, older) == 2)
			ck_assert_int_eq(klp_strv_add(&klp_index_find(index, newer)->supersedes,
						      older), 0);
	}
}

struct klpdep_index *make_index(const char *lines)
{
	struct klpdep_index *index = NULL;
	char *file = text("# klpdep index 1 " KERNEL "\n%send\n", lines);
	int err = klp_index_parse(ctx, "index", KERNEL, file, &index);

	ck_assert_msg(err == 0, "%s%s", klpdep_strerror(err), take_log());
	take_supersedes(index, lines);
	return index;
}

struct klpdep_config *make_config(const char *lines)
{
	struct klpdep_config *config = NULL;

	put_text("config/a.conf", lines);
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("config"), &config), 0);
	expect_text(take_log(), "");
	return config;
}

/* ---- the frame -------------------------------------------------------------------- */

static void make_top_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	/* Thousands of small files: in memory where that can be. */
	if (!tmp || *tmp != '/')
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(top_dir, sizeof(top_dir), "%s/klpdep-unit.XXXXXX", tmp);
	if (!mkdtemp(top_dir)) {
		perror(top_dir);
		exit(99);
	}
}

int run_tests(const char *name, const TTest *const *tests)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	char tags[256];
	int failed;

	for (; *tests; tests++) {
		TCase *tcase = tcase_create((*tests)->name);

		tcase_add_checked_fixture(tcase, fixture_up, fixture_down);
		tcase_set_timeout(tcase, 120);
		/* CK_INCLUDE_TAGS and CK_EXCLUDE_TAGS can name programs and tests. */
		snprintf(tags, sizeof(tags), "%s %s", name, (*tests)->name);
		tcase_set_tags(tcase, tags);
		tcase_add_test(tcase, *tests);
		suite_add_tcase(suite, tcase);
	}
	runner = srunner_create(suite);
	make_top_dir();
	srunner_run_all(runner, CK_NORMAL);
	/* what failed has left its files */
	remove_tree(top_dir);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
