/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading an index file; index.h describes it. */
#include "config.h"

#include <ctype.h>
#include <sys/stat.h>

#include "libklpdep/host/configuration.h"
#include "libklpdep/livepatch/format.h"
#include "libklpdep/tree/index.h"

/* ---- opening ----------------------------------------------------------------------- */

static int check_header(struct klpdep_ctx *ctx, const char *file, const char *kernel,
			const char *text)
{
	const char *rest = klp_after_prefix(text, KLP_INDEX_HEADER);
	size_t len = strlen(kernel);
	char *end;

	if (!rest || !isdigit((unsigned char)*rest)) {
		klp_err(ctx, "%s: not an index of klpdep", file);
		return -EBADMSG;
	}
	if (strtoul(rest, &end, 10) != KLP_INDEX_VERSION || *end != ' ') {
		klp_err(ctx,
			"%s: an index of another version of klpdep; run klpdep depmod",
			file);
		return -ENOTSUP;
	}
	if (strncmp(end + 1, kernel, len) != 0 || end[1 + len] != '\n') {
		klp_err(ctx, "%s: the index of another kernel; run klpdep depmod", file);
		return -EBADMSG;
	}
	return 0;
}

char *klp_index_run_file(const struct klpdep_ctx *ctx, const char *kernel)
{
	return klp_format("%s" RUN_DIR "/%s/" KLP_INDEX_FILE, ctx->root, kernel);
}

char *klp_index_file(const struct klpdep_ctx *ctx, const char *kernel)
{
	_cleanup_free_ char *run = klp_index_run_file(ctx, kernel);
	_cleanup_free_ char *tree = klp_module_path(ctx, kernel, KLP_INDEX_FILE);
	struct stat st, st_tree;

	if (!run || !tree)
		return NULL;
	if (stat(run, &st) < 0 ||
	    (stat(tree, &st_tree) == 0 && klp_cmp_times(&st_tree.st_mtim, &st.st_mtim) > 0))
		return klp_take(tree);
	return klp_take(run);
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

int klp_index_load(struct klpdep_ctx *ctx, const char *kernel, char **out_file, char **out,
		   size_t *size)
{
	_cleanup_free_ char *file = klp_index_file(ctx, kernel), *text = NULL;
	int err = file ? klp_read_file(file, KLP_INDEX_MAX, &text, size) : -ENOMEM;

	/* Somebody has put the index elsewhere, and it is gone: that is no kernel without one. */
	if (err == -ENOENT && is_link(file)) {
		klp_err(ctx, "%s: a link that leads nowhere; run klpdep depmod", file);
		return -EBADMSG;
	}
	if (err == -ENOENT) {
		free(file);
		file = klp_module_path(ctx, kernel, KLP_INDEX_FILE_KEPT);
		err = file ? klp_read_file(file, KLP_INDEX_MAX, &text, size) : -ENOMEM;
	}
	if (err < 0) {
		klp_log(ctx, err == -ENOENT ? LOG_DEBUG : LOG_ERR, "%s: %s",
			file ? file : KLP_INDEX_FILE, klpdep_strerror(err));
		return err;
	}
	err = check_header(ctx, file, kernel, text);
	if (err == 0 && (strlen(text) != *size ||
			 !klp_ends_with(text, "\n" KLP_WORD_END "\n"))) {
		klp_err(ctx, "%s: truncated or damaged; run klpdep depmod", file);
		err = -EBADMSG;
	}
	if (err == 0) {
		*out_file = klp_take(file);
		*out = klp_take(text);
	}
	return err;
}

/* Lines are sorted by bytes: the first at or after "WORD NAME ", which has @len bytes. */
static bool has_line(const char *text, size_t size, const char *start, size_t len)
{
	size_t low = strcspn(text, "\n") + 1, high = size;

	while (low < high) {
		size_t line = low + (high - low) / 2;
		int cmp;

		while (line > low && text[line - 1] != '\n')
			line--;
		cmp = strncmp(text + line, start, len);
		if (cmp == 0)
			return true;
		/* "end" is the last line, out of the order of bytes. */
		if (cmp < 0 && !klp_streq(text + line, KLP_WORD_END "\n"))
			low = line + strcspn(text + line, "\n") + 1;
		else
			high = line;
	}
	return false;
}

bool klp_index_text_has(const char *text, size_t size, const char *word, const char *name)
{
	char start[sizeof(KLP_WORD_INCOMPATIBLE) + KLP_MODULE_NAME_LEN + 2];
	int len = snprintf(start, sizeof(start), "%s %s ", word, name);

	return len > 0 && (size_t)len < sizeof(start) &&
	       has_line(text, size, start, (size_t)len);
}

/* ---- reading ----------------------------------------------------------------------- */

struct line {
	char *text;
	bool is_patch;
};

struct parser {
	struct klpdep_index *index;
	char *fields[24];
	size_t n_fields;
	int err;	 /* the first one of the line; take_...() do nothing after it */
	const char *why; /* for -EBADMSG */
};

static int bad(struct parser *parser, const char *why)
{
	if (parser->err == 0) {
		parser->err = -EBADMSG;
		parser->why = why;
	}
	return parser->err;
}

/* Refuses text that decodes to a NUL. */
bool klp_index_decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '%') {
			char hex[3] = { s[1], s[1] ? s[2] : '\0', '\0' };

			if (!isxdigit((unsigned char)hex[0]) ||
			    !isxdigit((unsigned char)hex[1]))
				return false;
			*to = (char)strtoul(hex, NULL, 16);
			if (*to++ == '\0')
				return false;
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
	return true;
}

/* The value of a key in the fields from @first on, still encoded; or NULL. */
static char *find_key(struct parser *parser, size_t first, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = first; i < parser->n_fields; i++) {
		if (strncmp(parser->fields[i], key, len) == 0 &&
		    parser->fields[i][len] == '=')
			return parser->fields[i] + len + 1;
	}
	return NULL;
}

/* Set a field of a patch from a key; it may be absent. */
static void take_key(struct parser *parser, size_t first, const char *key, char **field)
{
	char *value = parser->err < 0 ? NULL : find_key(parser, first, key);

	if (!value)
		return;
	if (klp_index_decode(value))
		parser->err = klp_set_string(field, value);
	else
		bad(parser, "a value is not properly encoded");
}

static void take_list(struct parser *parser, size_t first, const char *key,
		      struct klp_strv *list)
{
	char *value = parser->err < 0 ? NULL : find_key(parser, first, key);

	if (value)
		parser->err = klp_strv_split(list, value, ",");
	for (size_t i = 0; i < list->n && parser->err == 0; i++) {
		if (!klp_index_decode(list->v[i]))
			bad(parser, "a value is not properly encoded");
	}
}

static void check_name(struct parser *parser, const char *name)
{
	if (!klp_name_valid(name))
		bad(parser, "not the name of a module");
}

/* A list of names that @valid accepts. */
static void take_names(struct parser *parser, const char *key, bool (*valid)(const char *),
		       struct klp_strv *list)
{
	take_list(parser, 2, key, list);
	for (size_t i = 0; i < list->n && parser->err == 0; i++) {
		if (!valid(list->v[i]))
			bad(parser, "not the name of a module");
	}
}

static struct klpdep_patch *find_patch(struct parser *parser, const char *name)
{
	struct klpdep_patch *patch = klp_index_find(parser->index, name);

	if (!patch)
		bad(parser, "no such patch");
	return patch;
}

static void take_states(struct parser *parser, struct klpdep_patch *patch)
{
	_cleanup_strv_ struct klp_strv words = { 0 };

	take_list(parser, 2, "states", &words);
	for (size_t i = 0; i < words.n && parser->err == 0; i++) {
		uint64_t id;
		unsigned int version;
		char rest;

		if (sscanf(words.v[i], "%" SCNu64 ":%u%c", &id, &version, &rest) == 2)
			parser->err = klp_patch_add_state(patch, id, version);
		else
			bad(parser, "a klp_state is not ID:VERSION");
	}
}

static void parse_patch(struct parser *parser)
{
	_cleanup_patch_ struct klpdep_patch *patch = klp_patch_new();
	const char *replace = find_key(parser, 2, "replace");
	const char *format = find_key(parser, 2, "format");
	const char *retire = find_key(parser, 2, "retire");

	check_name(parser, parser->fields[1]);
	if (parser->err == 0)
		parser->err = patch ? klp_set_string(&patch->name, parser->fields[1]) : -ENOMEM;
	if (parser->err < 0)
		return;
	if (replace && klp_replace_from_name(replace, &patch->replace) < 0)
		patch->replace = KLPDEP_REPLACE_UNKNOWN;
	if (retire && klp_retire_from_name(retire, &patch->retire) < 0)
		patch->retire = KLP_RETIRE_NEVER;
	patch->format = format ? klp_format_name(format) : NULL;
	take_key(parser, 2, "file", &patch->file);
	take_key(parser, 2, "set", &patch->set);
	take_key(parser, 2, "version", &patch->version);
	take_key(parser, 2, "srcversion", &patch->srcversion);
	take_key(parser, 2, "vermagic", &patch->vermagic);
	take_key(parser, 2, "buildid", &patch->build_id);
	take_states(parser, patch);
	take_names(parser, "missing", klp_name_valid, &patch->requires);
	take_names(parser, "fixes", klp_fix_valid, &patch->fixes);
	take_names(parser, "needs", klp_name_valid, &patch->needs);
	take_names(parser, "supersedes", klp_glob_valid, &patch->supersedes);
	if (parser->err == 0 && !patch->file)
		bad(parser, "a patch without a file");
	if (parser->err == 0)
		parser->err = klp_index_add_patch(parser->index, patch);
	if (parser->err == 0)
		patch = NULL; /* the index owns it now */
}

static void parse_object(struct parser *parser)
{
	_cleanup_strv_ struct klp_strv callbacks = { 0 };
	struct klpdep_patch *patch;
	struct klpdep_object *object;
	const char *order = find_key(parser, 3, "order");
	const char *relocs = find_key(parser, 3, "relocs"), *name;

	check_name(parser, parser->fields[1]);
	patch = parser->err == 0 ? find_patch(parser, parser->fields[2]) : NULL;
	if (patch)
		parser->err = klp_patch_add_object(patch, parser->fields[1], &object);
	if (parser->err < 0)
		return;
	if (order && klp_order_from_name(order, &object->order) < 0)
		bad(parser, "unknown order");
	object->has_relocs = relocs && klp_streq(relocs, "yes");
	take_list(parser, 3, "callbacks", &callbacks);
	for (unsigned int bit = 0; callbacks.n && (name = klp_callback_name(bit)); bit++) {
		if (klp_strv_has(&callbacks, name))
			object->callbacks |= 1U << bit;
	}
}

static void parse_func(struct parser *parser)
{
	const char *sympos = parser->fields[4];
	struct klpdep_patch *patch;
	struct klpdep_object *object;
	uint64_t number;
	char *end;

	check_name(parser, parser->fields[2]);
	patch = parser->err == 0 ? find_patch(parser, parser->fields[1]) : NULL;
	if (patch && !klp_index_decode(parser->fields[3]))
		bad(parser, "a value is not properly encoded");
	errno = 0;
	number = strtoull(sympos, &end, 10);
	if (parser->err == 0 && (errno || *end || !isdigit((unsigned char)*sympos)))
		bad(parser, "sympos is not a number");
	if (parser->err == 0)
		parser->err = klp_patch_add_object(patch, parser->fields[2], &object);
	if (parser->err == 0)
		parser->err = klp_patch_add_func(patch, parser->fields[3], number);
}

static void parse_requires(struct parser *parser)
{
	struct klpdep_patch *from = find_patch(parser, parser->fields[1]);
	struct klpdep_patch *to = find_patch(parser, parser->fields[2]);
	char *reason = find_key(parser, 3, "reason");
	enum klpdep_link_reason why;

	if (reason && !klp_index_decode(reason))
		bad(parser, "a value is not properly encoded");
	/* A required patch has to exist, whatever the reason is. */
	if (!reason || klp_link_reason_from_name(reason, &why) < 0)
		why = KLPDEP_REASON_DECLARED;
	if (parser->err == 0)
		parser->err = klp_index_add_requires(parser->index, from, to, why);
}

static void parse_misfit(struct parser *parser)
{
	_cleanup_free_ char *object = NULL, *why = NULL;
	struct klpdep_patch *patch = find_patch(parser, parser->fields[1]);
	const char *code = parser->fields[2];

	if (!patch)
		return;
	if (!*code || code[strspn(code, "abcdefghijklmnopqrstuvwxyz-")])
		bad(parser, "not a code");
	patch->is_unreadable |= klp_streq(code, KLP_UNREADABLE);
	take_key(parser, 3, "object", &object);
	if (object)
		check_name(parser, object);
	take_key(parser, 3, "why", &why);
	if (parser->err == 0)
		parser->err = klp_index_add_misfit(parser->index, patch, code, object,
						   why ? why : "");
}

static void parse_softdep(struct parser *parser)
{
	struct klp_softdep *softdep = klp_index_add_softdep(parser->index, parser->fields[1]);

	if (!softdep) {
		parser->err = -ENOMEM;
		return;
	}
	check_name(parser, parser->fields[1]);
	take_names(parser, "pre", klp_word_plain, &softdep->pre);
	take_names(parser, "post", klp_word_plain, &softdep->post);
}

static void parse_target(struct parser *parser)
{
	struct klp_target *target = klp_index_add_target(parser->index, parser->fields[1]);
	const char *stamp = find_key(parser, 2, "stamp");
	char rest;

	if (!target) {
		parser->err = -ENOMEM;
		return;
	}
	check_name(parser, parser->fields[1]);
	if (!stamp || sscanf(stamp, "%" SCNu64 ":%" SCNd64 ":%" SCNu64 "%c", &target->size,
			     &target->mtime, &target->inode, &rest) != 3)
		bad(parser, "no stamp of the form SIZE:MTIME:INODE");
	take_key(parser, 2, "buildid", &target->build_id);
}

static const struct record {
	const char *word;
	size_t n_fields; /* at least */
	void (*parse)(struct parser *parser);
} records[] = { /* the most frequent ones first */
	{ KLP_WORD_FUNC, 5, parse_func },
	{ KLP_WORD_OBJECT, 3, parse_object },
	{ KLP_WORD_PATCH, 2, parse_patch },
	{ KLP_WORD_REQUIRES, 3, parse_requires },
	{ KLP_WORD_INCOMPATIBLE, 3, parse_misfit },
	{ KLP_WORD_SOFTDEP, 2, parse_softdep },
	{ KLP_WORD_TARGET, 2, parse_target },
};

static int parse_line(struct parser *parser, char *line)
{
	char *field;

	parser->err = 0;
	parser->n_fields = 0;
	while (parser->n_fields < KLP_ARRAY_SIZE(parser->fields) &&
	       (field = strsep(&line, " ")))
		parser->fields[parser->n_fields++] = field;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(records); i++) {
		if (!klp_streq(parser->fields[0], records[i].word))
			continue;
		if (parser->n_fields < records[i].n_fields)
			return bad(parser, "too few words");
		records[i].parse(parser);
		break;
	}
	return parser->err;
}

/* Read the lines that are, or are not, about patches: each is split once, which destroys
 * it. */
static int parse_lines(struct klpdep_ctx *ctx, const char *file, struct parser *parser,
		       const struct line *lines, size_t n, bool patches)
{
	for (size_t i = 0; i < n; i++) {
		int err;

		if (lines[i].is_patch != patches || lines[i].text[0] == '#')
			continue;
		err = parse_line(parser, lines[i].text);
		if (err == -EBADMSG)
			klp_err(ctx, "%s:%zu: %s; run klpdep depmod", file, i + 1,
				parser->why);
		if (err < 0)
			return err;
	}
	return 0;
}

static int check_patches_unique(struct klpdep_ctx *ctx, const char *file,
				const struct klpdep_index *index)
{
	for (size_t i = 1; i < index->n_patches; i++) {
		if (klp_streq(index->patches[i - 1]->name, index->patches[i]->name)) {
			klp_err(ctx, "%s: the patch %s is there twice; run klpdep depmod",
				file, index->patches[i]->name);
			return -EBADMSG;
		}
	}
	return 0;
}

static int split_lines(char *text, struct line **lines, size_t *n)
{
	char *next;

	while ((next = strsep(&text, "\n"))) {
		struct line *line = klp_append(*lines, *n);

		if (!line)
			return -ENOMEM;
		line->text = next;
		line->is_patch = klp_after_prefix(next, KLP_WORD_PATCH " ");
	}
	return 0;
}

int klp_index_parse(struct klpdep_ctx *ctx, const char *file, const char *kernel,
		    char *text, struct klpdep_index **out)
{
	_cleanup_index_ struct klpdep_index *index = klp_index_new(kernel);
	_cleanup_free_ struct line *lines = NULL;
	struct parser parser = { .index = index };
	size_t n = 0;
	int err = index ? split_lines(text, &lines, &n) : -ENOMEM;

	/* Patches first, since the other records name them. */
	if (err == 0)
		err = parse_lines(ctx, file, &parser, lines, n, true);
	if (err < 0)
		return klp_said(ctx, err);
	klp_index_sort_patches(index);
	err = check_patches_unique(ctx, file, index);
	if (err == 0)
		err = parse_lines(ctx, file, &parser, lines, n, false);
	for (size_t i = 0; i < index->n_patches && err == 0; i++) {
		klp_index_drop_found(index, &index->patches[i]->requires);
		err = klp_patch_finish(index->patches[i]);
	}
	klp_index_sort_links(index);
	klp_index_sort_misfits(index);
	if (err == 0)
		err = klp_index_make_edges(index);
	if (err == 0)
		*out = klp_take(index);
	return klp_said(ctx, err);
}

int klp_index_open(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_index **index)
{
	_cleanup_free_ char *file = NULL, *text = NULL;
	size_t size;
	int err = klp_index_load(ctx, kernel, &file, &text, &size);

	return err < 0 ? err : klp_index_parse(ctx, file, kernel, text, index);
}

int klpdep_index_open(struct klpdep_ctx *ctx, const char *kernel, unsigned int flags,
		      struct klpdep_index **index)
{
	int err = klp_check_flags(ctx, flags, KLPDEP_OPEN_OPTIONAL);

	if (err == 0)
		err = klp_check_kernel(ctx, kernel);
	if (err < 0)
		return err;
	err = klp_index_open(ctx, kernel, index);
	if (err == -ENOENT && flags & KLPDEP_OPEN_OPTIONAL)
		return klpdep_index_new(ctx, kernel, index);
	if (err == -ENOENT)
		klp_say_missing(ctx, kernel, "index", "klpdep depmod");
	return err;
}
