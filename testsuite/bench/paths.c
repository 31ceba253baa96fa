// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * paths DIR: go once each way through the library that something waits for, on files
 * that it makes in DIR.  count-paths counts the instructions of each path_...().
 */
#include "config.h"

#include <stdio.h>
#include <sys/stat.h>

#include "libklpdep/host/configuration.h"
#include "libklpdep/tree/index.h"
#include "libklpdep/host/moddep.h"
#include "libklpdep/plan/plan.h"
#include "libklpdep/rules/rules.h"
#include "testsuite/mkmodule.h"

#define KERNEL "6.1-paths"
#define N_PATCHES 1000
#define N_TARGETS 300
#define N_MODULES 4000
/* Counted by name, and so not to be inlined, nor cloned: GCC alone can say that. */
#if __has_attribute(noipa)
#define PATH_FN(name) static __attribute__((noipa)) void path_##name(void)
#else
#define PATH_FN(name) static __attribute__((noinline)) void path_##name(void)
#endif

static const char *root;
static struct klpdep_ctx *ctx;
static struct klpdep_index *index_of_all;
static struct klpdep_config *config;
static struct klpdep_view *view;

static void check(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "paths: %s fails\n", what);
		exit(1);
	}
}

static const char *path_of(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s" MODULES_DIR "/" KERNEL "/%s", root, name);
	return path;
}

/* ---- what there is ----------------------------------------------------------------- */

/* A module of ten functions; a livepatch of ten objects, where there is a @kind. */
static void make_module(const char *file, const char *kind)
{
	struct mkmodule *m = mkmodule_new("module");
	char name[32];

	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "symbol%d", i);
		mkmodule_add_local(m, name, 1);
		mkmodule_add_import(m, name + 3, 0);
	}
	if (kind)
		check(mkmodule_set_livepatch(m, kind) == 0, kind);
	for (int i = 0; kind && i < 10; i++) {
		snprintf(name, sizeof(name), "object%d", i);
		mkmodule_add_object(m, name);
		for (int j = 0; j < 10; j++) {
			snprintf(name, sizeof(name), "func%d", j);
			mkmodule_add_func(m, name, 0);
		}
	}
	for (int i = 0; kind && i < 10; i++) {
		snprintf(name, sizeof(name), "object%d", i);
		mkmodule_add_reloc(m, name, name, "symbol", "0");
	}
	check(mkmodule_write(m, path_of(file)) == 0, file);
	mkmodule_free(m);
}

static void make_moddep(void)
{
	FILE *out = fopen(path_of("modules.dep"), "w");

	check(out, "modules.dep");
	for (int i = 0; i < N_MODULES; i++) {
		fprintf(out, "kernel/drivers/some/place/module-%d.ko:", i);
		for (int j = i - i % 4; j < i; j++)
			fprintf(out, " kernel/drivers/some/place/module-%d.ko", j);
		fputc('\n', out);
	}
	check(fclose(out) == 0, "modules.dep");
}

/* Patches that each change a target, and require the one before. */
static void add_patch(struct klpdep_index *index, int i)
{
	struct klpdep_patch *patch = klp_patch_new();
	struct klpdep_object *object;
	char text[64];
	int err;

	snprintf(text, sizeof(text), "klp_%04dx", i);
	err = klp_set_string(&patch->name, text);
	snprintf(text, sizeof(text), "updates/klp_%04dx.ko", i);
	err |= klp_set_string(&patch->file, text);
	snprintf(text, sizeof(text), "target%d", i % N_TARGETS);
	err |= klp_patch_add_object(patch, text, &object);
	object->order = KLPDEP_ORDER_BEFORE;
	snprintf(text, sizeof(text), "func%d", i / N_TARGETS);
	err |= klp_patch_add_func(patch, text, 0);
	err |= klp_patch_finish(patch);
	err |= klp_index_add_patch(index, patch);
	check(err == 0, "making a patch");
}

static void make_index(void)
{
	struct klpdep_index *index = klp_index_new(KERNEL);

	for (int i = 0; i < N_PATCHES; i++)
		add_patch(index, i);
	klp_index_sort_patches(index);
	check(klp_index_make_edges(index) == 0, "making edges");
	for (int i = 1; i < N_PATCHES; i++)
		check(klp_index_add_requires(index, index->patches[i],
					     index->patches[i - 1],
					     KLPDEP_REASON_DECLARED) == 0,
		      "making a requirement");
	klp_index_sort_links(index);
	index_of_all = index;
}

PATH_FN(setup)
{
	char *text;
	size_t size;

	mkdir(path_of(""), 0777);
	make_module("plain.ko", NULL);
	make_module("klp-patch.ko", "klp-patch");
	make_module("kpatch.ko", "kpatch");
	make_module("klp-build.ko", "klp-build");
	make_moddep();
	make_index();
	check(klp_index_format(index_of_all, &text, &size) == 0 &&
		      klp_write_whole(path_of(KLP_INDEX_FILE), text, size) == 0,
	      "writing the index");
	free(text);
	check(klpdep_config_new(ctx, NULL, &config) == 0, "the configuration");
	check(klpdep_view_new(ctx, index_of_all, config, 0, &view) == 0, "the view");
}

/* ---- the paths --------------------------------------------------------------------- */

static void read_module(const char *file, int expected)
{
	struct klpdep_patch *patch = NULL;

	check(klpdep_patch_new_from_file(ctx, path_of(file), &patch) == expected, file);
	klpdep_patch_unref(patch);
}

PATH_FN(module)
{
	read_module("plain.ko", -ENODATA);
}

PATH_FN(klp_patch)
{
	read_module("klp-patch.ko", 0);
}

PATH_FN(kpatch)
{
	read_module("kpatch.ko", 0);
}

PATH_FN(klp_build)
{
	read_module("klp-build.ko", 0);
}

PATH_FN(moddep)
{
	struct klp_moddep moddep = { 0 };

	check(klp_moddep_read(ctx, KERNEL, &moddep) == 0 && moddep.n_modules == N_MODULES,
	      "modules.dep");
	klp_moddep_clear(&moddep);
}

PATH_FN(index_write)
{
	char *text;
	size_t size;

	check(klp_index_format(index_of_all, &text, &size) == 0, "the index's text");
	free(text);
}

PATH_FN(index_read)
{
	struct klpdep_index *index;

	check(klpdep_index_open(ctx, KERNEL, 0, &index) == 0, "the index");
	klpdep_index_unref(index);
}

/* As klpdep-modprobe does. */
PATH_FN(index_lookup)
{
	char *file, *text;
	size_t size;

	check(klp_index_load(ctx, KERNEL, &file, &text, &size) == 0 &&
		      klp_index_text_has(text, size, KLP_WORD_OBJECT, "target150") &&
		      !klp_index_text_has(text, size, KLP_WORD_PATCH, "target150"),
	      "looking up");
	free(file);
	free(text);
}

static int no_deps(void *data, const char *name, struct klp_strv *deps)
{
	(void)data, (void)name, (void)deps;
	return 0;
}

static char *no_file(void *data, const char *name)
{
	(void)data;
	return strdup(name);
}

static int no_alias(void *data, const char *alias, struct klp_strv *names)
{
	(void)data, (void)alias, (void)names;
	return -ENOENT;
}

static const struct klp_plan_source source = { .deps = no_deps,
					       .file = no_file,
					       .lookup = no_alias };

/* All thousand: the last patch of this target requires all others. */
PATH_FN(plan)
{
	struct klpdep_plan *plan;

	check(klp_plan_build(view, "target99", &source, &plan) == 0 &&
		      klpdep_plan_count_steps(plan) == N_PATCHES + 1,
	      "the plan");
	klpdep_plan_unref(plan);
}

PATH_FN(rules)
{
	struct klp_rules rules = { 0 };

	check(klp_rules_make(ctx, &view, 1, &rules) == 0 && rules.rules,
	      "the rules");
	klp_rules_clear(&rules);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: paths DIR\n");
		return 2;
	}
	root = argv[1];
	check(klpdep_new(&ctx) == 0 && klpdep_set_root(ctx, root) == 0, "the context");
	path_setup();
	path_module();
	path_klp_patch();
	path_kpatch();
	path_klp_build();
	path_moddep();
	path_index_write();
	path_index_read();
	path_index_lookup();
	path_plan();
	path_rules();
	klpdep_config_unref(config);
	klpdep_index_unref(index_of_all);
	klpdep_unref(ctx);
	return 0;
}
