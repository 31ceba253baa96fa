// SPDX-License-Identifier: LGPL-2.1-or-later
/* Kernel modules for the tests, out of a description: see mkmodule.h. */
#include "mkmodule-internal.h"

/* The words of each list stand in the order of its enum. */
static const char *const kinds[] = {
	"", "klp-patch", "kpatch", "klp-build", "klp-rela", "none-evidence", NULL
};
static const char *const replaces[] = { "no", "yes", "init", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const orders[] = { "patch-first", "patch-last", NULL };
static const char *const symbol_words[] = {
	"section", "named", "global", "stripped", NULL
};
static const char *const sections[] = { "init", "old", NULL };
const char *const mk_callbacks[] = {
	"pre_patch", "post_patch", "pre_unpatch", "post_unpatch", NULL
};

struct mkmodule *mkmodule_new(const char *name)
{
	struct mkmodule *m = mk_check(calloc(1, sizeof(*m)));

	m->name = mk_copy(name);
	m->arch = &mk_arches[0];
	m->opt.patchsize = 200;
	m->opt.objsize = 168;
	m->opt.funcsize = 152;
	m->opt.align = 32;
	m->opt.record = 56;
	return m;
}

void mkmodule_free(struct mkmodule *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->nmodinfo; i++)
		free(m->modinfo[i]);
	for (size_t i = 0; i < m->nimports; i++)
		free(m->imports[i].name);
	for (size_t i = 0; i < m->nfunctions; i++)
		free(m->functions[i].name);
	for (size_t i = 0; i < m->nobjects; i++) {
		for (size_t j = 0; j < m->objects[i].nfuncs; j++)
			free(m->objects[i].funcs[j].old_name);
		free(m->objects[i].funcs);
		free(m->objects[i].name);
	}
	for (size_t i = 0; i < m->nrelocs; i++) {
		free(m->relocs[i].section);
		free(m->relocs[i].symbol);
	}
	for (size_t i = 0; i < m->nsymbols; i++)
		free(m->symbols[i].name);
	for (size_t i = 0; i < m->narch; i++)
		free(m->arch_sections[i]);
	free(m->modinfo);
	free(m->imports);
	free(m->functions);
	free(m->objects);
	free(m->relocs);
	free(m->symbols);
	free(m->states);
	free(m->arch_sections);
	free(m->name);
	free(m);
}

/* The index of a word in a list, or -EINVAL. */
static int lookup(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -EINVAL;
}

int mkmodule_set_name(struct mkmodule *m, const char *name)
{
	free(m->name);
	m->name = mk_copy(name);
	return 0;
}

int mkmodule_set_arch(struct mkmodule *m, const char *arch)
{
	for (size_t i = 0; i < mk_n_arches; i++) {
		if (!strcmp(mk_arches[i].name, arch)) {
			m->arch = &mk_arches[i];
			return 0;
		}
	}
	return -EINVAL;
}

int mkmodule_add_modinfo(struct mkmodule *m, const char *key_value)
{
	APPEND(m->modinfo, m->nmodinfo, mk_copy(key_value));
	return 0;
}

uint32_t mkmodule_crc(const char *symbol)
{
	uint32_t crc = ~0U;

	for (; *symbol; symbol++) {
		crc ^= (unsigned char)*symbol;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

int mkmodule_add_import(struct mkmodule *m, const char *symbol, uint32_t crc)
{
	APPEND(m->imports, m->nimports,
	       (struct import){ mk_copy(symbol), crc ? crc : mkmodule_crc(symbol) });
	return 0;
}

int mkmodule_add_export(struct mkmodule *m, const char *symbol, uint32_t crc)
{
	APPEND(m->functions, m->nfunctions,
	       (struct function){ .name = mk_copy(symbol),
				  .crc = crc ? crc : mkmodule_crc(symbol),
				  .exported = true,
				  .traceable = true });
	return 0;
}

int mkmodule_add_local(struct mkmodule *m, const char *symbol, int traceable)
{
	APPEND(m->functions, m->nfunctions,
	       (struct function){ .name = mk_copy(symbol), .traceable = traceable != 0 });
	return 0;
}

int mkmodule_set_livepatch(struct mkmodule *m, const char *kind)
{
	int i = lookup(kinds, kind);

	if (i <= NO_LIVEPATCH)
		return -EINVAL;
	m->kind = (enum kind)i;
	return 0;
}

int mkmodule_add_object(struct mkmodule *m, const char *name)
{
	APPEND(m->objects, m->nobjects, (struct klp_object){ .name = mk_copy(name) });
	return 0;
}

static struct klp_object *last_object(struct mkmodule *m)
{
	return m->nobjects ? &m->objects[m->nobjects - 1] : NULL;
}

int mkmodule_add_func(struct mkmodule *m, const char *old_name, uint64_t sympos)
{
	struct klp_object *obj = last_object(m);

	if (!obj || obj->samefuncs)
		return -EINVAL;
	APPEND(obj->funcs, obj->nfuncs, (struct klp_func){ mk_copy(old_name), sympos });
	return 0;
}

int mkmodule_add_callback(struct mkmodule *m, const char *which)
{
	struct klp_object *obj = last_object(m);
	int i = lookup(mk_callbacks, which);

	if (!obj || i < 0)
		return -EINVAL;
	obj->callbacks[i] = true;
	return 0;
}

int mkmodule_set_emptyfuncs(struct mkmodule *m)
{
	struct klp_object *obj = last_object(m);

	if (!obj)
		return -EINVAL;
	obj->emptyfuncs = true;
	return 0;
}

int mkmodule_set_samefuncs(struct mkmodule *m)
{
	if (m->nobjects < 2 || last_object(m)->nfuncs)
		return -EINVAL;
	last_object(m)->samefuncs = true;
	return 0;
}

int mkmodule_add_reloc(struct mkmodule *m, const char *secobj, const char *symobj,
		       const char *symbol, const char *sympos)
{
	size_t len = strlen(secobj) + strlen(symobj) + strlen(symbol) + strlen(sympos) +
		     sizeof(".klp.rela...text");
	struct klp_reloc r = { mk_check(malloc(len)), mk_check(malloc(len)) };

	snprintf(r.section, len, ".klp.rela.%s..text", secobj);
	snprintf(r.symbol, len, ".klp.sym.%s.%s,%s", symobj, symbol, sympos);
	APPEND(m->relocs, m->nrelocs, r);
	return 0;
}

int mkmodule_add_arch_section(struct mkmodule *m, const char *object, const char *section)
{
	size_t len = strlen(object) + strlen(section) + sizeof(".klp.arch..");
	char *name = mk_check(malloc(len));

	snprintf(name, len, ".klp.arch.%s.%s", object, section);
	APPEND(m->arch_sections, m->narch, name);
	return 0;
}

int mkmodule_add_symbol(struct mkmodule *m, const char *name, uint16_t shndx)
{
	APPEND(m->symbols, m->nsymbols, (struct extra_symbol){ mk_copy(name), shndx });
	return 0;
}

int mkmodule_set_replace(struct mkmodule *m, const char *replace)
{
	int i = lookup(replaces, replace);

	if (i < 0)
		return -EINVAL;
	m->replace = (enum replace)i;
	m->says_replace = true;
	return 0;
}

int mkmodule_add_state(struct mkmodule *m, uint64_t id, uint32_t version)
{
	APPEND(m->states, m->nstates, (struct klp_state){ id, version });
	return 0;
}

int mkmodule_set_build_id(struct mkmodule *m, const char *hex)
{
	size_t len = strlen(hex);

	if (!len || len % 2 || len / 2 > sizeof(m->build_id) ||
	    strspn(hex, "0123456789abcdef") != len)
		return -EINVAL;
	m->build_id_len = len / 2;
	for (size_t i = 0; i < m->build_id_len; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &m->build_id[i]) != 1)
			return -EINVAL;
	return 0;
}

static int number(const char *s, unsigned long min, unsigned long max, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(s, &end, 0);
	return errno || end == s || *end || *n < min || *n > max ? -EINVAL : 0;
}

int mkmodule_set_option(struct mkmodule *m, const char *key, const char *value)
{
	const struct {
		const char *key;
		unsigned long *to;
		const char *const *words; /* or a number: */
		unsigned long min, max;
	} table[] = {
		{ "patchsize", &m->opt.patchsize, NULL, PATCH_MIN, PAGE },
		{ "objsize", &m->opt.objsize, NULL, OBJECT_MIN, PAGE },
		{ "funcsize", &m->opt.funcsize, NULL, FUNC_MIN, PAGE },
		{ "room", &m->opt.room, NULL, 0, PAGE },
		{ "align", &m->opt.align, NULL, 1, PAGE },
		{ "padding", &m->opt.padding, NULL, 0, 1UL << 30 },
		{ "split", &m->opt.split, no_yes, 0, 0 },
		{ "order", &m->opt.order, orders, 0, 0 },
		{ "symbols", &m->opt.symbols, symbol_words, 0, 0 },
		{ "decoy", &m->opt.decoy, no_yes, 0, 0 },
		{ "signature", &m->opt.signature, no_yes, 0, 0 },
		{ "record", &m->opt.record, NULL, 56, PAGE },
		{ "interleave", &m->opt.interleave, no_yes, 0, 0 },
		{ "prefix", &m->opt.prefix, NULL, 0, PAGE },
		{ "force", &m->opt.force, no_yes, 0, 0 },
		{ "sections", &m->opt.sections, sections, 0, 0 },
		{ "empty", &m->opt.empty, no_yes, 0, 0 },
		{ "unfinished", &m->opt.unfinished, no_yes, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		unsigned long n = 0;
		int err;

		if (strcmp(table[i].key, key))
			continue;
		if (table[i].words) {
			err = lookup(table[i].words, value);
			n = (unsigned long)err;
		} else {
			err = number(value, table[i].min, table[i].max, &n);
			if (table[i].to == &m->opt.align && (n & (n - 1)))
				err = -EINVAL;
		}
		if (err < 0)
			return err;
		*table[i].to = n;
		return 0;
	}
	return -EINVAL;
}

/* ---- lines ---- */

static const char blanks[] = " \t\r\v\f";

/* Cuts the first word off a line. */
static char *word(char **line)
{
	char *w = *line + strspn(*line, blanks);
	char *end = w + strcspn(w, blanks);

	*line = end + strspn(end, blanks);
	*end = '\0';
	return w;
}

/* Cuts the last word off; what is left may be empty. */
static char *last_word(char *line)
{
	char *w = line + strlen(line);

	while (w > line && !strchr(blanks, w[-1]))
		w--;
	if (w > line) {
		char *end = w;

		while (end > line && strchr(blanks, end[-1]))
			end--;
		*end = '\0';
	}
	return w;
}

static int line_name(struct mkmodule *m, char *rest)
{
	return mkmodule_set_name(m, rest);
}

static int line_arch(struct mkmodule *m, char *rest)
{
	return mkmodule_set_arch(m, rest);
}

static int line_modinfo(struct mkmodule *m, char *rest)
{
	return strchr(rest, '=') ? mkmodule_add_modinfo(m, rest) : -EINVAL;
}

static int symbol_crc(struct mkmodule *m, char *rest,
		      int (*add)(struct mkmodule *, const char *, uint32_t))
{
	char *symbol = word(&rest);
	unsigned long crc = 0;

	if (!*symbol || (*rest && number(rest, 0, UINT32_MAX, &crc)))
		return -EINVAL;
	return add(m, symbol, (uint32_t)crc);
}

static int line_import(struct mkmodule *m, char *rest)
{
	return symbol_crc(m, rest, mkmodule_add_import);
}

static int line_export(struct mkmodule *m, char *rest)
{
	return symbol_crc(m, rest, mkmodule_add_export);
}

static int line_local(struct mkmodule *m, char *rest)
{
	return mkmodule_add_local(m, rest, true);
}

static int line_notrace(struct mkmodule *m, char *rest)
{
	return mkmodule_add_local(m, rest, false);
}

static int line_livepatch(struct mkmodule *m, char *rest)
{
	return mkmodule_set_livepatch(m, rest);
}

static int line_object(struct mkmodule *m, char *rest)
{
	if (!strcmp(rest, "\"vmlinux\""))
		return mkmodule_add_object(m, "vmlinux");
	return mkmodule_add_object(m, strcmp(rest, "vmlinux") ? rest : NULL);
}

static int line_func(struct mkmodule *m, char *rest)
{
	char *sympos = last_word(rest), *end;
	uint64_t n;

	errno = 0;
	n = strtoull(sympos, &end, 0);
	if (errno || end == sympos || *end)
		return -EINVAL;
	return mkmodule_add_func(m, sympos == rest ? "" : rest, n);
}

static int line_callback(struct mkmodule *m, char *rest)
{
	return mkmodule_add_callback(m, rest);
}

static int line_emptyfuncs(struct mkmodule *m, char *rest)
{
	return *rest ? -EINVAL : mkmodule_set_emptyfuncs(m);
}

static int line_samefuncs(struct mkmodule *m, char *rest)
{
	return *rest ? -EINVAL : mkmodule_set_samefuncs(m);
}

static int line_state(struct mkmodule *m, char *rest)
{
	const char *id = word(&rest);
	unsigned long n, version;

	if (number(id, 1, ~0UL, &n) || number(rest, 0, UINT32_MAX, &version))
		return -EINVAL;
	return mkmodule_add_state(m, n, (uint32_t)version);
}

static int line_build_id(struct mkmodule *m, char *rest)
{
	return mkmodule_set_build_id(m, rest);
}

static int line_reloc(struct mkmodule *m, char *rest)
{
	const char *secobj = word(&rest), *symobj = word(&rest);
	const char *symbol = word(&rest), *sympos = word(&rest);

	if (!*sympos || *rest)
		return -EINVAL;
	return mkmodule_add_reloc(m, secobj, symobj, symbol, sympos);
}

static int line_arch_section(struct mkmodule *m, char *rest)
{
	const char *object = word(&rest), *section = word(&rest);

	if (!*section || *rest)
		return -EINVAL;
	return mkmodule_add_arch_section(m, object, section);
}

static int line_symbol(struct mkmodule *m, char *rest)
{
	const char *name = word(&rest), *shndx = word(&rest);
	unsigned long n;

	if (*rest || number(shndx, 0, UINT16_MAX, &n))
		return -EINVAL;
	return mkmodule_add_symbol(m, name, (uint16_t)n);
}

static int line_replace(struct mkmodule *m, char *rest)
{
	return mkmodule_set_replace(m, rest);
}

static int line_option(struct mkmodule *m, char *rest)
{
	char *value = strchr(rest, '=');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	return mkmodule_set_option(m, rest, value);
}

static const struct {
	const char *word;
	int (*line)(struct mkmodule *m, char *rest);
} statements[] = {
	{ "name", line_name },
	{ "arch", line_arch },
	{ "modinfo", line_modinfo },
	{ "import", line_import },
	{ "export", line_export },
	{ "local", line_local },
	{ "notrace", line_notrace },
	{ "livepatch", line_livepatch },
	{ "object", line_object },
	{ "func", line_func },
	{ "callback", line_callback },
	{ "emptyfuncs", line_emptyfuncs },
	{ "samefuncs", line_samefuncs },
	{ "reloc", line_reloc },
	{ "archsection", line_arch_section },
	{ "symbol", line_symbol },
	{ "state", line_state },
		{ "buildid", line_build_id },
		{ "replace", line_replace },
	{ "option", line_option },
};

static int statement(struct mkmodule *m, char *line)
{
	size_t len = strlen(line);
	char *first;

	while (len && strchr(blanks, line[len - 1]))
		line[--len] = '\0';
	first = word(&line);
	if (!*first || *first == '#')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++)
		if (!strcmp(statements[i].word, first))
			return statements[i].line(m, line);
	return -EINVAL;
}

int mkmodule_line(struct mkmodule *m, const char *line)
{
	char *text = mk_check(strndup(line, strcspn(line, "\n")));
	int err = statement(m, text);

	free(text);
	return err;
}

int mkmodule_parse(const char *text, struct mkmodule **out)
{
	struct mkmodule *m = mkmodule_new(NULL);

	for (int nr = 1; *text; nr++) {
		if (mkmodule_line(m, text)) {
			mkmodule_free(m);
			return nr;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	*out = m;
	return 0;
}

/* Whether lines that only some kinds can express are of one of those. */
static bool fits_kind(const struct mkmodule *m)
{
	bool arrays = m->kind == KLP_PATCH || m->kind == KLP_BUILD;

	for (size_t i = 0; i < m->nobjects; i++)
		if (!arrays && (m->kind != KPATCH || m->objects[i].emptyfuncs ||
				m->objects[i].samefuncs))
			return false;
	return true;
}

int mkmodule_build(const struct mkmodule *m, unsigned char **image, size_t *size)
{
	struct image img = { .m = m, .arch = m->arch };
	struct buf out = { 0 };

	if (!m->name || !fits_kind(m))
		return -EINVAL;
	mk_fill(&img);
	mk_write_image(&img, &out);
	mk_free_image(&img);
	*image = out.data;
	*size = out.len;
	return 0;
}

int mkmodule_write(const struct mkmodule *m, const char *path)
{
	unsigned char *image;
	size_t size;
	FILE *out;
	int err = mkmodule_build(m, &image, &size);

	if (err)
		return err;
	out = path ? fopen(path, "w") : stdout;
	if (!out || fwrite(image, 1, size, out) != size || fflush(out))
		err = -errno;
	if (out && out != stdout && fclose(out) && !err)
		err = -errno;
	free(image);
	return err;
}
