// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * generate SEED DIR: a livepatch's C source as one of its many authors may write it, and
 * what is to be read of the module.
 *
 * The same seed always gives the same files:
 *
 *	DIR/part.h		what the parts share: sizes, and livepatch.h
 *	DIR/0.c, DIR/1.c...	the source
 *	DIR/mod.c		what modpost adds
 *	DIR/objects		object, number of functions, callbacks; as klpdep info has
 * them DIR/funcs		object, function, sympos DIR/honest		what may
 * be said instead of an answer
 *	DIR/replace		the answers for replace that are right, one a line
 *	DIR/replace-unneeded	the same after strip --strip-unneeded
 *	DIR/what		what this one is like, in a line
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OBJECTS = 6, MAX_FUNCS = 8, MAX_PARTS = 3 };

/* How an object's array of functions is written. */
enum array { STATIC, GLOBAL, COMPOUND, EMPTY, N_ARRAYS };

static const char *const empty_arrays[] = {
	"static struct klp_func %s[] = { };",
	"static struct klp_func %s[] = { { } };",
	"static struct klp_func %s[] __attribute__((section(\".init.data\"))) = { { } };",
	"static const struct klp_func %s[] __attribute__((section(\".init.rodata\"))) = "
	"{ { } };",
	"struct klp_func %s[1];",
	NULL, /* a compound literal */
};

enum replace {
	NO_NEVER, /* not mentioned */
	NO_STATIC, YES_STATIC,
	/* What cannot be told from the file: */
	IN_INIT, IN_INIT_IF_NEEDED, IN_INIT_PARAMETER, IN_INIT_OR,
	IN_FUNCTION, IN_FUNCTION_BY_POINTER, IN_OTHER_PART,
	WHOLE_STRUCT, PARAMETER_ITSELF, THROUGH_GLOBAL,
	N_REPLACES
};

static const char *const replace_names[] = {
	"never", "static false", "static true", "in init", "in init, if needed",
	"in init, from a parameter", "in init, or", "in a function",
	"in a function by pointer", "in another part", "whole struct",
	"a parameter", "through a global",
};

enum init { PLAIN, CHECKED, SUSE, REGISTER, WRAPPED, READS, N_INITS };

static const char *const init_names[] = { "plain", "checked", "suse", "register",
					  "wrapped", "reads" };

static const char *const callback_names[] = { "pre_patch", "post_patch", "pre_unpatch",
					      "post_unpatch" };

struct func {
	char name[32];
	unsigned long sympos;
};

struct object {
	const char *name; /* NULL: vmlinux */
	struct func funcs[MAX_FUNCS];
	unsigned int n_funcs;
	unsigned int callbacks;
	enum array array;
	unsigned int empty; /* of empty_arrays */
	unsigned int part;
};

static struct {
	struct object objects[MAX_OBJECTS];
	unsigned int n_objects, n_parts, layout, kobject, table_rest;
	enum replace replace;
	enum init init;
	bool within, patch_first, patch_global, objects_global, objects_compound, states;
	bool in_init_text, decoys, adjacent, registry, lookalike, run_time, noise;
	const char *struct_attribute, *array_attribute;
} p;

/* ---- chance ------------------------------------------------------------------------ */

static uint64_t random_state;

/* splitmix64: the same everywhere. */
static unsigned int below(unsigned int n)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned int)((z ^ z >> 31) >> 33) % n;
}

static bool chance(unsigned int percent)
{
	return below(100) < percent;
}

#define PICK(array) ((array)[below(sizeof(array) / sizeof(*(array)))])

static void choose_funcs(struct object *object)
{
	/* Some end as others do: linkers keep one string for both. */
	static const char *const names[] = {
		"foo", "barfoo", "o", "vcpu_run", "kvm_vcpu_run", "run",
		"ext4_read.isra.0",
		"read.isra.0", "0", "meminfo_proc_show", "show", "x.part.1.constprop.2",
	};
	unsigned int first = below(12);

	for (unsigned int i = 0; i < object->n_funcs; i++) {
		struct func *func = &object->funcs[i];

		strcpy(func->name, names[(first + i) % 12]);
		func->sympos = chance(70) ? 0 : chance(80) ? below(4) : 4294967296;
	}
}

static void choose_objects(void)
{
	static const char *const names[] = { "kvm", "kvm_amd", "amd", "zram", "nf_tables",
					     "tables", "vm", "ext4" };
	unsigned int first = below(8);
	unsigned int vmlinux;

	p.n_objects = 1 + (chance(40) ? 0 : below(MAX_OBJECTS));
	vmlinux = below(p.n_objects + 2);
	for (unsigned int i = 0; i < p.n_objects; i++) {
		struct object *object = &p.objects[i];

		object->name = i == vmlinux ? NULL : names[(first + i) % 8];
		object->array = below(N_ARRAYS);
		if (object->array == EMPTY && p.layout < 419)
			object->array = STATIC;
		if (object->array != EMPTY)
			object->n_funcs = 1 + (chance(40) ? 0 : below(MAX_FUNCS));
		if (p.layout >= 419 && (object->array == EMPTY || chance(30)))
			object->callbacks = 1 + below(15);
		object->empty = below(6);
		/* A compound literal stands where the object does, an empty one as
		 * well. */
		object->part = object->array == GLOBAL ? below(p.n_parts) : 0;
		choose_funcs(object);
	}
}

static void choose(void)
{
	static const unsigned int layouts[] = { 601, 601, 601, 601, 501, 419, 404 };
	static const unsigned int kobjects[] = { 64, 64, 64, 72, 96, 112, 160, 256, 464 };
	static const unsigned int rests[] = { 0, 1, 19, 24 };
	static const char *const aligned[] = { "", "", "", "aligned(16)", "aligned(64)" };

	p.layout = PICK(layouts);
	p.kobject = PICK(kobjects);
	p.table_rest = PICK(rests);
	p.struct_attribute = PICK(aligned);
	p.array_attribute = PICK(aligned);
	p.n_parts = 1 + (chance(50) ? 0 : below(MAX_PARTS));
	p.replace = p.layout < 501 ? NO_NEVER : chance(50) ? below(3) : below(N_REPLACES);
	if (p.replace == IN_OTHER_PART && p.n_parts < 2)
		p.n_parts = 2;
	p.init = chance(40) ? PLAIN : below(N_INITS);
	if (p.init == READS && p.layout < 501)
		p.init = PLAIN;
	p.within = chance(15);
	p.patch_first = chance(30);
	p.patch_global = chance(20);
	p.objects_global = chance(20);
	p.objects_compound = chance(20) && !p.patch_first;
	p.states = p.layout >= 601 && chance(30);
	p.in_init_text = chance(50);
	p.decoys = chance(50);
	p.adjacent = chance(30);
	p.registry = chance(25);
	p.noise = chance(60);
	p.lookalike = chance(10);
	p.run_time = chance(5) && p.replace <= YES_STATIC && p.init == PLAIN;
	if (p.run_time)
		p.objects_compound = p.lookalike = false;
	choose_objects();
}

/* ---- writing ----------------------------------------------------------------------- */

static const char *dir;
static FILE *out;

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vfprintf(out, format, ap);
	va_end(ap);
}

static void open_file(const char *name)
{
	char path[4096];

	if (out && fclose(out) != 0) {
		perror("generate");
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		exit(1);
	}
}

static const char *attribute(const char *value)
{
	static char text[2][64];
	static unsigned int turn;

	turn = !turn;
	snprintf(text[turn], sizeof(text[turn]), *value ? "__attribute__((%s))" : "%s",
		 value);
	return text[turn];
}

/* The new functions, which do something to what they are given. */
static void put_functions(unsigned int i)
{
	const struct object *object = &p.objects[i];

	for (unsigned int j = 0; j < object->n_funcs; j++) {
		put("static int new_%u_%u(struct noise *n)\n{\n", i, j);
		if (p.noise) {
			put("\tn->bytes[%u] = %u;\n", 8 * below(5), below(100));
			put("\tn->words[%u] += n->bytes[%u];\n", below(8), below(48));
		}
		put("\treturn _printk(\"%u %u\\n\");\n}\n\n", i, j);
	}
	for (unsigned int j = 0; j < 4; j++) {
		if (object->callbacks & 1U << j)
			put("%s%s %s_%u(struct klp_object *obj)\n{\n"
			    "\t_printk(\"%%s\\n\", obj->name);\n%s}\n\n",
			    object->part ? "" : "static ", j ? "void" : "int",
			    callback_names[j], i, j ? "" : "\treturn 0;\n");
	}
}

static void put_entries(unsigned int i)
{
	const struct object *object = &p.objects[i];

	put("{\n");
	for (unsigned int j = 0; j < object->n_funcs; j++) {
		put("\t{ .old_name = \"%s\", .new_func = new_%u_%u",
		    object->funcs[j].name, i, j);
		if (object->funcs[j].sympos)
			put(", .old_sympos = %luUL", object->funcs[j].sympos);
		put(" },\n");
	}
	put("\t{ }\n}");
}

/* Names and functions side by side, right behind an array that has such, too. */
static void put_adjacent(unsigned int i)
{
	if (!p.adjacent || !p.objects[i].n_funcs)
		return;
	put("static struct entry near_%u[] = {\n\t{ \"near\", new_%u_0 },\n%s};\n", i, i,
	    chance(50) ? "\t{ \"nearer\", register_thing },\n" : "");
	put("int use_near_%u(void)\n{\n\treturn register_thing(near_%u);\n}\n\n", i, i);
}

static void put_array(unsigned int i)
{
	const struct object *object = &p.objects[i];
	char name[16];

	snprintf(name, sizeof(name), "funcs_%u", i);
	if (object->array == EMPTY && empty_arrays[object->empty]) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		put(empty_arrays[object->empty], name);
#pragma GCC diagnostic pop
		put("\n\n");
	} else if (object->array == STATIC || object->array == GLOBAL) {
		put("%sstruct klp_func funcs_%u[] %s = ",
		    object->array == STATIC ? "static " : "", i,
		    attribute(p.array_attribute));
		put_entries(i);
		put(";\n");
		put_adjacent(i);
	}
}

static void put_objects_array(void)
{
	put("{\n");
	for (unsigned int i = 0; i < p.n_objects; i++) {
		const struct object *object = &p.objects[i];

		put("{\n");
		if (object->name)
			put("\t.name = \"%s\",\n", object->name);
		if (object->array == EMPTY && !empty_arrays[object->empty]) {
			put("\t.funcs = (struct klp_func[]) { { } },\n");
		} else if (object->array == COMPOUND) {
			put("\t.funcs = (struct klp_func[]) ");
			put_entries(i);
			put(",\n");
		} else {
			put("\t.funcs = (struct klp_func *)funcs_%u,\n", i);
		}
		for (unsigned int j = 0; j < 4; j++) {
			if (object->callbacks & 1U << j)
				put("\t.callbacks.%s = %s_%u,\n", callback_names[j],
				    callback_names[j], i);
		}
		put("},\n");
	}
	put("{ } }");
}

static void put_patch_fields(bool is_template)
{
	put("{\n\t.mod = THIS_MODULE,\n");
	if (p.run_time) {
		put("}");
		return;
	}
	put("\t.objs = ");
	if (p.objects_compound && !is_template) {
		put("(struct klp_object[]) ");
		put_objects_array();
	} else {
		put("objs");
	}
	put(",\n");
	if (p.states)
		put("\t.states = states,\n");
	if (is_template || p.replace == YES_STATIC || p.replace == NO_STATIC)
		put("\t.replace = %s,\n", p.replace == NO_STATIC ? "false" : "true");
	put("}");
}

static void put_patch(void)
{
	const char *storage = p.patch_global ? "" : "static ";

	if (p.within) {
		put("%sstruct {\n\tlong before[%u];\n\tstruct klp_patch patch;\n"
		    "\tlong behind;\n} whole = {\n\t.before = { 1 },\n\t.patch = ",
		    storage, 1 + below(9));
		put_patch_fields(false);
		put(",\n\t.behind = 2\n};\n#define PATCH whole.patch\n");
	} else {
		put("%sstruct klp_patch patch %s = ", storage,
		    attribute(p.array_attribute));
		put_patch_fields(false);
		put(";\n#define PATCH patch\n");
	}
}

static void put_decoys(void)
{
	if (p.decoys)
		put("static long decoy_read(void)\n{\n\treturn 1;\n}\n\n"
		    "used static struct file_operations fops = {\n"
		    "\t.owner = THIS_MODULE,\n"
		    "\t.read = decoy_read\n};\n"
		    "used static const struct file_operations const_fops = {\n"
		    "\t.owner = THIS_MODULE,\n\t.llseek = decoy_read\n};\n"
		    "used static struct notifier_block notifier = {\n"
		    "\t.call = (int (*)(void))decoy_read,\n};\n"
		    "used static struct list_head list = { &list, &list };\n"
		    "static bool flag;\n"
		    "used __attribute__((section(\"__param\"))) static const struct "
		    "kernel_param param = {\n"
		    "\t\"flag\", THIS_MODULE, param_ops_bool, 0644,"
		    " &flag\n};\n\n");
	/* A klp_patch but for what is done with it. */
	if (p.lookalike)
		put("static struct klp_func not_funcs[] = {\n\t{ .old_name = \"not\", "
		    ".new_func = is_needed },\n\t{ }\n};\n"
		    "static struct klp_object not_objs[] = {\n\t{ .name = \"nothing\", "
		    ".funcs = not_funcs },\n\t{ }\n};\n"
		    "static struct klp_patch not_it = {\n\t.mod = THIS_MODULE,\n"
		    "\t.objs = not_objs\n};\n"
		    "int use_lookalike(void)\n{\n\treturn register_thing(&not_it);\n"
		    "}\n\n");
	if (p.registry)
		put("static struct entry entries[] = {\n\t{ \"one\", register_thing },\n"
		    "\t{ \"two\", is_needed },\n\t{ }\n};\n"
		    "static struct table tables[] = {\n\t{ .name = \"first\", .entries = "
		    "entries },\n\t{ .name = \"second\", .entries = entries },\n\t{ }\n"
		    "};\n"
		    "static struct registry registry = {\n\t.owner = THIS_MODULE,\n"
		    "\t.tables = tables\n};\n\n");
}

static void put_replace_helpers(void)
{
	switch (p.replace) {
	case IN_INIT_PARAMETER:
		put("static bool replace;\n"
		    "used __attribute__((section(\"__param\"))) static "
		    "const struct kernel_param replace_param = {\n\t\"replace\", "
		    "THIS_MODULE, param_ops_bool, 0644, &replace\n};\n");
		break;
	case PARAMETER_ITSELF:
		put("used __attribute__((section(\"__param\"))) static const struct "
		    "kernel_param replace_param = {\n\t\"replace\", THIS_MODULE, "
		    "param_ops_bool, 0644, &PATCH.replace\n};\n");
		break;
	case IN_FUNCTION:
		put("static noinline void set_replace(void)\n{\n\tPATCH.replace = "
		    "is_needed();\n}\n\n");
		break;
	case IN_FUNCTION_BY_POINTER:
		put("static noinline void set_replace(struct klp_patch *patch)\n{\n"
		    "\tpatch->replace = is_needed();\n}\n\n");
		break;
	case WHOLE_STRUCT:
		put("static const struct klp_patch template = ");
		put_patch_fields(true);
		put(";\n");
		break;
	case THROUGH_GLOBAL:
		put("struct klp_patch *current_patch = &PATCH;\n");
		break;
	default:
		break;
	}
}

static void put_replace(void)
{
	switch (p.replace) {
	case IN_INIT: put("\tPATCH.replace = true;\n"); break;
	case IN_INIT_IF_NEEDED:
		put("\tif (is_needed())\n\t\tPATCH.replace = true;\n");
		break;
	case IN_INIT_PARAMETER: put("\tPATCH.replace = replace;\n"); break;
	case IN_INIT_OR: put("\tPATCH.replace |= is_needed();\n"); break;
	case IN_FUNCTION: put("\tset_replace();\n"); break;
	case IN_FUNCTION_BY_POINTER: put("\tset_replace(&PATCH);\n"); break;
	case IN_OTHER_PART: put("\tset_replace_elsewhere(&PATCH);\n"); break;
	case WHOLE_STRUCT: put("\tif (is_needed())\n\t\tPATCH = template;\n"); break;
	case THROUGH_GLOBAL: put("\tcurrent_patch->replace = true;\n"); break;
	default: break;
	}
}

static void put_init(void)
{
	const char *section = p.in_init_text ? "__init " : "";

	if (p.init == WRAPPED)
		put("static noinline int %senable(void)\n{\n\treturn "
		    "klp_enable_patch(&PATCH);\n}\n\n", section);
	if (p.init == SUSE)
		put("static noinline int %sbsc_init(void)\n{\n\treturn is_needed();\n"
		    "}\n\n",
		    section);
	put("static int %slivepatch_init(void)\n{\n", section);
	if (p.init == SUSE)
		put("\tint err;\n\n\t_printk(\"loading\\n\");\n\terr = bsc_init();\n"
		    "\tif (err)\n\t\treturn err;\n");
	if (p.init == CHECKED)
		put("\tif (!is_needed())\n\t\treturn -19;\n");
	if (p.registry)
		put("\tregister_thing(&registry);\n");
	put_replace();
	if (p.run_time)
		put("\tPATCH.objs = objs;\n");
	if (p.init == REGISTER)
		put("\tif (klp_register_patch(&PATCH))\n\t\treturn -22;\n");
	if (p.init == READS)
		put("\t_printk(\"%%d\\n\", PATCH.replace);\n");
	put("\treturn %s;\n}\n\n",
	    p.init == WRAPPED ? "enable()" : "klp_enable_patch(&PATCH)");
	put("int init_module(void) __attribute__((alias(\"livepatch_init\")));\n"
	    "static void livepatch_exit(void)\n{\n}\n"
	    "void cleanup_module(void) __attribute__((alias(\"livepatch_exit\")));\n");
}

static void put_main_part(void)
{
	open_file("0.c");
	put("#include \"part.h\"\n\n");
	put_decoys();
	for (unsigned int i = 0; i < p.n_objects; i++) {
		if (p.objects[i].part) {
			put("extern struct klp_func funcs_%u[];\n", i);
			for (unsigned int j = 0; j < 4; j++)
				put("%s %s_%u(struct klp_object *obj);\n",
				    j ? "void" : "int", callback_names[j], i);
			continue;
		}
		put_functions(i);
		put_array(i);
	}
	if (p.states)
		put("static struct klp_state states[] = { { 1, 1 }, { 7, 2 }, { } };\n");
	if (p.patch_first) {
		put("%sstruct klp_object objs[%u];\n",
		    p.objects_global ? "extern " : "static ", p.n_objects + 1);
		put_patch();
	}
	if (!p.objects_compound || p.replace == WHOLE_STRUCT) {
		put("%sstruct klp_object objs[] %s = ", p.objects_global ? "" : "static ",
		    attribute(p.array_attribute));
		put_objects_array();
		put(";\n");
	}
	if (!p.patch_first)
		put_patch();
	if (p.replace == IN_OTHER_PART)
		put("void set_replace_elsewhere(struct klp_patch *patch);\n");
	put_replace_helpers();
	put_init();
}

static void put_other_part(unsigned int part)
{
	char name[16];

	snprintf(name, sizeof(name), "%u.c", part);
	open_file(name);
	put("#include \"part.h\"\n\n");
	for (unsigned int i = 0; i < p.n_objects; i++) {
		if (p.objects[i].part == part) {
			put_functions(i);
			put_array(i);
		}
	}
	if (p.replace == IN_OTHER_PART && part == 1)
		put("void set_replace_elsewhere(struct klp_patch *patch);\n"
		    "void set_replace_elsewhere(struct klp_patch *patch)\n{\n"
		    "\tpatch->replace = is_needed();\n}\n");
	put("int part_%u = %u;\n", part, part);
}

static void put_common(void)
{
	open_file("part.h");
	put("#define LAYOUT %u\n#define KOBJECT %u\n#define TABLE_REST %u\n"
	    "#define STRUCT_ATTRIBUTE %s\n#include \"livepatch.h\"\n",
	    p.layout, p.kobject, p.table_rest, attribute(p.struct_attribute));
	open_file("mod.c");
	put("#include \"part.h\"\n\nint init_module(void);\n"
	    "void cleanup_module(void);\n\n"
	    "__attribute__((section(\".gnu.linkonce.this_module\"))) struct module "
	    "__this_module = {\n\t.init = init_module,\n\t.exit = cleanup_module,\n};\n"
	    "used __attribute__((section(\".modinfo\"))) static const char modinfo[] =\n"
	    "\t\"license=GPL\\0livepatch=Y\\0name=random\\0vermagic=%s SMP\";\n",
	    p.layout == 601 ? "6.1.0" : p.layout == 501 ? "5.3.18" :
	    p.layout == 419 ? "4.19.0" : "4.4.0");
}

static void put_replace_truth(bool or_unknown)
{
	if (or_unknown)
		put("unknown\n");
	if (p.replace == YES_STATIC)
		put("yes\n");
	else if (p.replace <= NO_STATIC)
		put("no\n");
}

static void put_truth(void)
{
	open_file("objects");
	if (p.run_time)
		p.n_objects = 0;
	for (unsigned int i = 0; i < p.n_objects; i++) {
		const char *separator = "";

		put("%s %u ", p.objects[i].name ?: "vmlinux", p.objects[i].n_funcs);
		for (unsigned int j = 0; j < 4; j++) {
			if (p.objects[i].callbacks & 1U << j) {
				put("%s%s", separator, callback_names[j]);
				separator = ",";
			}
		}
		put("\n");
	}
	open_file("funcs");
	for (unsigned int i = 0; i < p.n_objects; i++) {
		for (unsigned int j = 0; j < p.objects[i].n_funcs; j++)
			put("%s %s %lu\n", p.objects[i].name ?: "vmlinux",
			    p.objects[i].funcs[j].name, p.objects[i].funcs[j].sympos);
	}
	open_file("honest");
	/* Two that look the same can be too much, and what is made at run time is. */
	if (p.lookalike)
		put("more than one structure looks like a klp_patch\n");
	if (p.run_time)
		put("its objects cannot be read from the file\n");
	open_file("replace");
	put_replace_truth(p.replace > YES_STATIC || p.init == READS);
	open_file("replace-unneeded");
	/* Where the functions that init calls begin and end is not known any more, so
	 * that they can have been taken for more than they are. */
	put_replace_truth(p.replace > YES_STATIC || p.init == READS ||
			  ((p.init == WRAPPED || p.init == SUSE) && p.noise));
	open_file("what");
	put("layout %u kobject %u parts %u replace '%s' init "
	    "%s%s%s%s%s%s%s%s%s%s%s%s%s\n",
	    p.layout, p.kobject, p.n_parts, replace_names[p.replace], init_names[p.init],
	    p.within ? " within" : "", p.patch_first ? " patch-first" : "",
	    p.patch_global ? " patch-global" : "",
	    p.objects_global ? " objects-global" : "",
	    p.objects_compound ? " objects-compound" : "", p.states ? " states" : "",
	    p.decoys ? " decoys" : "", p.adjacent ? " adjacent" : "",
	    p.registry ? " registry" : "", p.noise ? " noise" : "",
	    p.lookalike ? " lookalike" : "", p.run_time ? " run-time" : "");
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: generate SEED DIR\n");
		return 2;
	}
	random_state = strtoull(argv[1], NULL, 0);
	dir = argv[2];
	choose();
	put_common();
	put_main_part();
	for (unsigned int part = 1; part < p.n_parts; part++)
		put_other_part(part);
	put_truth();
	return fclose(out) == 0 ? 0 : 1;
}
