// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mklarge VARIANT N OUT.ko: a livepatch with N of something; mklarge: the variants.
 *
 * Each variant is one way in which reading a module could cost more than its size.
 * README.md says what each is for.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "large.h"

static const struct variant {
	const char *name;
	unsigned long n; /* the most that the benchmark makes: below 512 MiB */
	void (*make)(struct large *l, unsigned long n);
} variants[] = {
	{ "code-relocs", 10000000, large_code_relocs },
	{ "code-relocs-xindex", 10000000, large_code_relocs_xindex },
	{ "data-this-module", 10000000, large_data_this_module },
	{ "data-strings", 10000000, large_data_strings },
	{ "data-candidates", 100000, large_data_candidates },
	{ "data-candidates-referred", 20000, large_data_candidates_referred },
	{ "symbols-one-string", 1000000, large_symbols_one_string },
	{ "symbols-klp-one-string", 1000000, large_symbols_klp_one_string },
	{ "objects", 1000000, large_objects },
	{ "objects-one-string", 1000000, large_objects_one_string },
	{ "objects-same-funcs", 100000, large_objects_same_funcs },
	{ "objects-nested-funcs", 100000, large_objects_nested_funcs },
	{ "funcs", 1000000, large_funcs },
	{ "funcs-one-string", 1000000, large_funcs_one_string },
	{ "rela-sections", 10000000, large_rela_sections },
	{ "rela-one-symbol", 10000000, large_rela_one_symbol },
	{ "rela-two-symbols", 10000000, large_rela_two_symbols },
	{ "rela-distinct", 5000000, large_rela_distinct },
	{ "rela-overlap", 10000, large_rela_overlap },
	{ "code-overlap", 10000, large_code_overlap },
	{ "data-overlap", 10000, large_data_overlap },
	{ "kpatch-funcs", 2000000, large_kpatch_funcs },
	{ "kpatch-objects", 2000000, large_kpatch_objects },
	{ "kpatch-callbacks", 2000000, large_kpatch_callbacks },
	{ "kpatch-one-string", 1000000, large_kpatch_one_string },
	{ "klp-build-funcs", 2000000, large_klp_build_funcs },
	{ "klp-build-objects", 2000000, large_klp_build_objects },
	{ "klp-build-same-funcs", 100000, large_klp_build_same_funcs },
	{ "klp-build-one-string", 1000000, large_klp_build_one_string },
	{ "modinfo-entries", 10000000, large_modinfo_entries },
	{ "modinfo-softdeps", 1000000, large_modinfo_softdeps },
	{ "modinfo-objects", 1000000, large_modinfo_objects },
	{ "modinfo-requires", 1000000, large_modinfo_requires },
};

int main(int argc, char **argv)
{
	const size_t n_variants = sizeof(variants) / sizeof(variants[0]);

	if (argc == 1) {
		for (size_t i = 0; i < n_variants; i++)
			printf("%s %lu\n", variants[i].name, variants[i].n);
		return 0;
	}
	if (argc != 4) {
		fprintf(stderr, "usage: mklarge [VARIANT N OUT.ko]\n");
		return 2;
	}
	for (size_t i = 0; i < n_variants; i++) {
		struct large l;
		FILE *out;
		int err;

		if (strcmp(variants[i].name, argv[1]) != 0)
			continue;
		large_init(&l);
		variants[i].make(&l, strtoul(argv[2], NULL, 10));
		out = fopen(argv[3], "w");
		err = out ? image_write(&l.img, out) : -1;
		if (out && fclose(out) != 0)
			err = -1;
		image_free(&l.img);
		if (err < 0)
			perror(argv[3]);
		return err < 0 ? 1 : 0;
	}
	fprintf(stderr, "mklarge: no variant '%s'\n", argv[1]);
	return 2;
}
