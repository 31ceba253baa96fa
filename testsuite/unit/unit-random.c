// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Random livepatches: what is read is what was described, whatever kind and architecture
 * they are of, and however they are laid out. The numbers are the same in every run.
 */
#include "config.h"

#include "testsuite/unit/images.h"

enum { ROUNDS = 300, N_OBJECTS = 6, N_FUNCS = 9, N_SYMPOS = 3 };

/* As outlines sort them, and so do the functions; some begin like others. */
static const char *const object_names[N_OBJECTS] = { "e1000e",	  "kvm",     "kvm_amd",
						     "nf_tables", "vmlinux", "zram" };
static const char *const func_names[N_FUNCS] = {
	"a",	    "a.isra.0", "ab",	 "cmdline_proc_show", "kvm", "kvm_vcpu_ioctl",
	"vmlinux1", "x_tables", "zz_top"
};
static const char *const sympos_words[N_SYMPOS] = { "0", "1", "18446744073709551615" };
static const char *const callback_names[] = { "pre_patch", "post_patch", "pre_unpatch",
					      "post_unpatch" };

/* What a livepatch has of all that there can be. */
struct model {
	struct {
		bool there;
		unsigned int callbacks;
		bool funcs[N_FUNCS][N_SYMPOS];
		bool relocs[N_OBJECTS][N_FUNCS][N_SYMPOS];
	} objects[N_OBJECTS];
};

static uint64_t state;

/* xorshift64*: https://doi.org/10.1145/2845077 */
static unsigned int below(unsigned int n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)((state * 0x2545f4914f6cdd1d) >> 33) % n;
}

static bool one_in(unsigned int n)
{
	return below(n) == 0;
}

/* A few functions that the object does not have yet. */
static char *add_funcs(char *spec, struct model *model, unsigned int object,
		       unsigned int n)
{
	for (; n; n--) {
		unsigned int func = below(N_FUNCS), sympos = below(N_SYMPOS);
		bool *has = &model->objects[object].funcs[func][sympos];

		if (!*has)
			spec = append(spec, ";func %s %s", func_names[func],
				      sympos_words[sympos]);
		*has = true;
	}
	return spec;
}

static char *add_callbacks(char *spec, struct model *model, unsigned int object,
			   bool some)
{
	for (unsigned int i = 0; i < KLP_ARRAY_SIZE(callback_names); i++) {
		if (!some && !one_in(8))
			continue;
		some = false;
		spec = append(spec, ";callback %s", callback_names[i]);
		model->objects[object].callbacks |= 1U << i;
	}
	return spec;
}

/* One part of a livepatch: an object, which may be there already. */
static char *add_object(char *spec, struct model *model, bool terminated)
{
	unsigned int object = below(N_OBJECTS), n = one_in(5) ? 0 : 1 + below(6);
	size_t len;

	spec = append(spec, ";object %s", object_names[object]);
	model->objects[object].there = true;
	len = strlen(spec);
	spec = add_funcs(spec, model, object, n);
	if (strlen(spec) > len)
		return add_callbacks(spec, model, object, false);
	/* struct klp_object has to lead to an array, be it empty */
	return add_callbacks(append(spec, terminated ? ";emptyfuncs" : ""), model, object,
			     true);
}

static char *add_reloc(char *spec, struct model *model)
{
	unsigned int object = below(N_OBJECTS), symobject = below(N_OBJECTS);
	unsigned int func = below(N_FUNCS), sympos = below(N_SYMPOS);

	model->objects[object].there = true;
	model->objects[object].relocs[symobject][func][sympos] = true;
	return append(spec, ";reloc %s %s %s %s", object_names[object],
		      object_names[symobject], func_names[func], sympos_words[sympos]);
}

static char *outline_model(const struct model *model)
{
	char *out = text("%s", "");

	for (unsigned int i = 0; i < N_OBJECTS; i++) {
		const char *separator = "[";

		if (!model->objects[i].there)
			continue;
		out = append(out, " %s", object_names[i]);
		for (unsigned int j = 0; j < KLP_ARRAY_SIZE(callback_names); j++) {
			if (!(model->objects[i].callbacks & 1U << j))
				continue;
			out = append(out, "%s%s", separator, callback_names[j]);
			separator = " ";
		}
		out = append(out, model->objects[i].callbacks ? "]:" : ":");
		for (unsigned int j = 0; j < N_FUNCS * N_SYMPOS; j++)
			if (model->objects[i].funcs[j / N_SYMPOS][j % N_SYMPOS])
				out = append(out, " %s@%s", func_names[j / N_SYMPOS],
					     sympos_words[j % N_SYMPOS]);
		for (unsigned int j = 0; j < N_OBJECTS; j++)
			for (unsigned int k = 0; k < N_FUNCS * N_SYMPOS; k++)
				if (model->objects[i]
					    .relocs[j][k / N_SYMPOS][k % N_SYMPOS])
					out = append(out, " ~%s.%s@%s", object_names[j],
						     func_names[k / N_SYMPOS],
						     sympos_words[k % N_SYMPOS]);
		out = append(out, ";");
	}
	return out;
}

static char *random_options(void)
{
	static const char *const all[] = {
		"symbols=named", "symbols=global", "symbols=stripped", "decoy=yes",
		"split=yes",	 "align=8",	   "padding=40",       "order=patch-last",
		"objsize=288",	 "funcsize=272",   "patchsize=328",    "signature=yes",
		"record=72",	 "interleave=yes", "sections=old",     "prefix=16",
		"empty=yes",	 "force=yes",
	};
	char *options = text("%s", "");

	for (size_t i = 0; i < KLP_ARRAY_SIZE(all); i++)
		if (one_in(4))
			options = append(options, ";option %s", all[i]);
	return options;
}

/* @kind: what to call it in the description, and in the outline. */
static void check_kind(const char *kind, const char *outline, bool objects,
		       bool terminated)
{
	state = 0x6b6c70646570ULL + (unsigned char)kind[2];
	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int n_objects = objects ? 1 + below(7) : 0;
		unsigned int n_relocs = objects && one_in(2) ? 0 : 1 + below(5);
		struct model model = { 0 };
		char *spec = random_options(), *wanted;

		while (n_objects--)
			spec = add_object(spec, &model, terminated);
		while (n_relocs--)
			spec = add_reloc(spec, &model);
		wanted = text("klp_x %s;%s", outline, outline_model(&model));
		for (size_t j = 0; j < N_ARCHES; j++) {
			char *full = text("name klp_x;arch %s;livepatch %s%s", arches[j],
					  kind, spec);
			struct image image = build(full);
			char *is;
			int err = read_image(&image, &is);

			ck_assert_msg(err == 0 && klp_streq(is, wanted),
				      "%s\nis:     %s %s\nwanted: %s", full,
				      err ? klpdep_strerror(err) : "", is, wanted);
		}
	}
}

START_TEST(klp_patch)
{
	check_kind("klp-patch", "klp-patch replace=no", true, true);
}
END_TEST

START_TEST(kpatch)
{
	check_kind("kpatch", "kpatch", true, false);
}
END_TEST

START_TEST(klp_build)
{
	check_kind("klp-build", "klp-build", true, false);
}
END_TEST

START_TEST(klp_rela)
{
	check_kind("klp-rela", "klp-rela", false, false);
}
END_TEST

UNIT_MAIN("random", klp_patch, kpatch, klp_build, klp_rela)
