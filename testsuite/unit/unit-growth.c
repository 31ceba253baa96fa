// SPDX-License-Identifier: LGPL-2.1-or-later
/* What files say may be much: four times as much takes four times as long, or a little more,
 * and not sixteen times. */
#include "config.h"

#include <elf.h>
#include <stddef.h>
#include <time.h>

#include "libklpdep/verify/verify.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define PATCH "livepatch klp-patch;replace no;"

/* Behind the last there is the first again. */
static size_t circle = SIZE_MAX;

/* @format for each number of a range: # is the number, + the next one. */
static char *repeat(size_t from, size_t to, const char *format)
{
	_cleanup_free_ char *all = NULL;
	size_t size;
	FILE *stream = open_memstream(&all, &size);

	for (size_t i = from; i < to; i++) {
		for (const char *c = format; *c; c++) {
			if (*c == '#' || *c == '+')
				fprintf(stream, "%zu", *c == '#' ? i : (i + 1) % circle);
			else
				fputc(*c, stream);
		}
	}
	fclose(stream);
	return text("%s", all);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- reading a module -------------------------------------------------------------- */

static void read_built(const struct image *image)
{
	_cleanup_patch_ struct klpdep_patch *patch = NULL;

	put_file("x.ko", image->data, image->size);
	ck_assert_int_eq(klpdep_patch_new_from_file(ctx, in_dir("x.ko"), &patch), 0);
}

static double read_module(const char *spec, size_t n)
{
	struct image image = build(text("name x;" PATCH "object t;func f 0;%s",
					repeat(0, n, spec)));
	double start = now();

	read_built(&image);
	return now() - start;
}

/* So many pointers to the klp_patch as there are functions. */
static double read_pointers(const char *spec, size_t n)
{
	struct image image = build(text("name x;" PATCH "object t;func f 0;%s",
					repeat(0, n, spec)));
	size_t relas = mkmodule_contents(image.data, ".rela__mcount_loc");
	size_t first = mkmodule_reloc(image.data, ".data", 0);
	uint64_t symbol = mkmodule_get(image.data,
				       mkmodule_reloc(image.data, ".data", 8) +
					       offsetof(Elf64_Rela, r_info), 8);
	double start;

	ck_assert_uint_ne(relas, 0);
	ck_assert_uint_ne(first, 0);
	for (size_t i = 0; i < n; i++) {
		size_t at = relas + i * sizeof(Elf64_Rela);

		mkmodule_put(image.data, at + offsetof(Elf64_Rela, r_info), 8, symbol);
		mkmodule_put(image.data, at + offsetof(Elf64_Rela, r_addend), 8, 0);
	}
	start = now();
	read_built(&image);
	return now() - start;
}

/* ---- an index, and what is to be seen of it ---------------------------------------- */

static const char *config_lines;

static double view_index(const char *spec, size_t n)
{
	_cleanup_free_ char *file = strdup(text("# klpdep index 1 " KERNEL "\n%send\n",
						repeat(0, n, spec)));
	_cleanup_index_ struct klpdep_index *index = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_view_ struct klpdep_view *view = NULL;
	double start;

	put_text("config/a.conf", config_lines ? repeat(0, n, config_lines) : "");
	start = now();
	ck_assert_int_eq(klpdep_config_new(ctx, in_dir("config"), &config), 0);
	ck_assert_int_eq(klp_index_parse(ctx, "index", KERNEL, file, &index), 0);
	ck_assert_int_eq(klpdep_view_new(ctx, index, config, 0, &view), 0);
	return now() - start;
}

static double view_superseded(const char *spec, size_t n)
{
	config_lines = "supersede q# p#\nmask m#\nignore p# release\n";
	return view_index(spec, n);
}

/* ---- verify ------------------------------------------------------------------------- */

static int count(void *data, const struct klpdep_finding *finding)
{
	(void)finding;
	++*(size_t *)data;
	return 0;
}

static size_t found;

static double verify_tree(const char *spec, size_t n)
{
	double start;

	put_module(TREE "t.ko", "name t;local f");
	put_text(TREE "modules.dep", text("t.ko:\n%s", repeat(0, n, "p#.ko:\n")));
	for (size_t i = 0; i < n; i++)
		put_module(text(TREE "p%zu.ko", i),
			   text("name p%zu;" PATCH "object t;%s", i,
				repeat(i, i + 1, spec)));
	found = 0;
	start = now();
	ck_assert_int_eq(klpdep_verify(ctx, KERNEL, NULL, NULL, 0, count, &found), 0);
	return now() - start;
}

/* The last requires the first. */
static double verify_circle(const char *spec, size_t n)
{
	double time;

	circle = n;
	time = verify_tree(spec, n);
	circle = SIZE_MAX;
	return time;
}

static double verify_overlap(const char *spec, size_t n)
{
	double time = verify_tree(spec, n);

	/* for each, that it does not fit, that there is no index, and that the one before has
	 * the function, too */
	ck_assert_uint_le(found, 4 * n);
	return time;
}

/* All of one name: the target has as many symbols as the patch functions. */
static double verify_one_name(const char *spec, size_t n)
{
	double start;

	put_module(TREE "t.ko", text("name t;%s", repeat(0, n, "local f;")));
	put_module(TREE "p.ko", text("name p;" PATCH "object t;%s", repeat(0, n, spec)));
	put_text(TREE "modules.dep", "t.ko:\np.ko:\n");
	start = now();
	ck_assert_int_eq(klpdep_verify(ctx, KERNEL, NULL, NULL, 0, count, &found), 0);
	return now() - start;
}

/* ---- the table ---------------------------------------------------------------------- */

static const struct {
	const char *what;
	double (*measure)(const char *spec, size_t n);
	const char *spec; /* so many times */
	size_t n;
} shapes[] = {
	{ "objects", read_module, "object o#;func f 0;", 1500 },
	{ "functions", read_module, "func f# 0;", 1500 },
	{ "states", read_module, "state + 1;", 4000 },
	{ "symbols", read_module, "import s#;", 1500 },
	{ "klp relocations", read_module, "reloc t t s# 0;", 1500 },
	{ "pointers to the klp_patch", read_pointers, "local g#;", 1500 },
	{ "lines of supersede", view_superseded,
	  "patch p# file=x format=klp-patch\nobject t p# order=before\n"
	  "patch q# file=x format=klp-patch\nobject t q# order=before\n", 100 },
	{ "softdeps", view_index, "softdep t# pre=x\n", 5000 },
	{ "a circle of requirements", verify_circle, "func g# 0;modinfo klp_requires=p+", 300 },
	{ "functions of one name", verify_one_name, "func f +;", 1500 },
	{ "overlap", verify_overlap, "func f 0", 300 },
};

/* Twice as long as it should, since a machine may be busy with something else meanwhile. */
static bool grows_as_it_should(size_t i, size_t factor, double *few, double *many)
{
	*few = shapes[i].measure(shapes[i].spec, shapes[i].n);
	*many = shapes[i].measure(shapes[i].spec, factor * shapes[i].n);
	klp_strv_clear(&logged);
	return *many < 2 * (double)factor * *few;
}

START_TEST(growth)
{
	const size_t factor = 4;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(shapes); i++) {
		double few, many;
		bool well = false;

		for (int turn = 0; turn < 3 && !well; turn++)
			well = grows_as_it_should(i, factor, &few, &many);
		if (getenv("KLPDEP_GROWTH"))
			fprintf(stderr, "%s: %.4f s, %.4f s\n", shapes[i].what, few, many);
		ck_assert_msg(well, "%s: %.4f s for %zu, %.4f s for %zu", shapes[i].what, few,
			      shapes[i].n, many, factor * shapes[i].n);
	}
}
END_TEST

UNIT_MAIN("growth", growth)
