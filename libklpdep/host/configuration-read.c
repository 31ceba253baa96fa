/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading klpdep.d(5). */
#include "config.h"

#include "libklpdep/host/conf-files.h"
#include "libklpdep/host/configuration-lines.h"
#include "libklpdep/host/kmod.h"

#define CONFIG_FILE_MAX ((size_t)1 << 20)
#define TIMEOUT_MAX 86400
#define WAITERS_MAX 1000

static const struct number {
	const char *unit;
	unsigned int max;
} seconds = { "seconds", TIMEOUT_MAX }, helpers = { "helpers", WAITERS_MAX };

/* The arguments of a directive. */
enum { PATTERN = 'p', VALUE = 'v', DIRECTORY = 'd', FIX = 'f' /* or several */ };

static const struct directive {
	const char *name;
	const char *arguments; /* of the above */
	/* A value is an index into this, or a number. */
	const char *values[9];
	const struct number *number;
} directives[] = {
	[WORD_MASK] = { "mask", "p", { NULL }, NULL },
	[WORD_SUPERSEDE] = { "supersede", "pp", { NULL }, NULL },
	/* In the order of enum klpdep_order, and of enum klpdep_policy. */
	[WORD_ORDER] = { "order", "pv", { "auto", "before", "after" }, NULL },
	[WORD_POLICY] = { "policy", "pv", { "warn", "require", "late" }, NULL },
	[WORD_RETRY_TIMEOUT] = { "retry-timeout", "v", { NULL }, &seconds },
	[WORD_SETTLE_TIMEOUT] = { "settle-timeout", "v", { NULL }, &seconds },
	[WORD_WAIT_BUDGET] = { "wait-budget", "v", { NULL }, &seconds },
	[WORD_WAITERS] = { "waiters", "v", { NULL }, &helpers },
	[WORD_UNLOAD] = { "unload", "pv", { "no", "yes" }, NULL },
	[WORD_INITRD_VMLINUX] = { "initrd-vmlinux", "v", { "no", "yes" }, NULL },
	/* In the order of enum klp_retire. */
	[WORD_RETIRE] = { "retire", "pv", { "auto", "always", "never" }, NULL },
	[WORD_FREEZE] = { "freeze", "v", { "no", "yes" }, NULL },
	/* klpdep depmod looks for these; nothing else makes a patch incompatible. */
	[WORD_IGNORE] = { "ignore", "pv",
			  { "ambiguous-symbol", "klp-symbol", "no-symbol", "release",
			    "shared-funcs", "target-build", "unfinished", "untraceable" },
			  NULL },
	[WORD_DIRECTORY] = { "directory", "d", { NULL }, NULL },
	[WORD_FIXES] = { "fixes", "pf", { NULL }, NULL },
	[WORD_GUARD] = { "guard", "v", { "no", "yes" }, NULL },
	[WORD_GUARD_TIME] = { "guard-time", "v", { NULL }, &seconds },
};

static void line_clear(struct line *line)
{
	free(line->pattern);
	free(line->second);
	klp_strv_clear(&line->fixes);
	free(line->where);
}

static void config_destroy(struct klpdep_config *config)
{
	for (size_t i = 0; i < config->n_lines; i++)
		line_clear(&config->lines[i]);
	free(config->lines);
	free(config->names);
	free(config->globs);
	klp_strv_clear(&config->blacklist);
	klp_strv_clear(&config->directories);
	free(config);
}

KLP_REFCOUNTED(klpdep_config, klpdep_config, config_destroy)

/* ---- a line ------------------------------------------------------------------------ */

static bool parse_number(const char *word, unsigned int max, unsigned int *value)
{
	size_t digits = strspn(word, "0123456789");

	if (digits == 0 || digits > 6 || word[digits] != '\0')
		return false;
	*value = (unsigned int)strtoul(word, NULL, 10);
	return *value <= max;
}

static bool parse_value(const struct directive *directive, const char *word,
			unsigned int *value)
{
	if (directive->number)
		return parse_number(word, directive->number->max, value);
	for (unsigned int i = 0; directive->values[i]; i++) {
		if (klp_streq(directive->values[i], word)) {
			*value = i;
			return true;
		}
	}
	return false;
}

void klp_pattern_normalize(char *pattern)
{
	if (strchr(pattern, '['))
		return;
	for (char *p = pattern; (p = strchr(p, '-'));)
		*p = '_';
}

/* Patterns may contain the characters of names, and those of fnmatch(3). */
static int set_pattern(char **field, const char *word)
{
	if (!klp_glob_valid(word))
		return -EINVAL;
	int err = klp_set_string(field, word);

	if (err == 0)
		klp_pattern_normalize(*field);
	return err;
}

/* %v is the kernel's version, and %% a percent sign. */
static bool is_directory_pattern(const char *word)
{
	if (*word != '/')
		return false;
	for (const char *p = word; *p; p++) {
		if (*p < ' ' || *p > '~' || (*p == '%' && *++p != 'v' && *p != '%'))
			return false;
	}
	return true;
}

#define WHY_MAX 240

static void say_value(const struct directive *directive, const char *value,
		      char why[WHY_MAX])
{
	int n;

	if (directive->number) {
		snprintf(why, WHY_MAX, "%s: '%.40s' is not a number of %s, up to %u",
			 directive->name, value, directive->number->unit,
			 directive->number->max);
		return;
	}
	n = snprintf(why, WHY_MAX, "%s: '%.40s' is none of ", directive->name, value);
	for (size_t i = 0; directive->values[i]; i++)
		n += snprintf(why + n, WHY_MAX - (size_t)n, "%s%s", i ? ", " : "",
			      directive->values[i]);
}

/* -EINVAL: @why says what is wrong. */
static int parse_argument(const struct directive *directive, char kind, const char *word,
			  struct line *line, char why[WHY_MAX])
{
	int err;

	switch (kind) {
	case VALUE:
		if (parse_value(directive, word, &line->value))
			/* klp_config_ignores() compares the text. */
			return klp_set_string(&line->second, word);
		say_value(directive, word, why);
		return -EINVAL;
	case DIRECTORY:
		if (is_directory_pattern(word))
			return klp_set_string(&line->second, word);
		snprintf(why, WHY_MAX,
			 "%s: '%.100s' is not an absolute path, in which %%v is the "
			 "kernel's version", directive->name, word);
		return -EINVAL;
	case FIX:
		if (klp_fix_valid(word))
			return klp_strv_add(&line->fixes, word);
		snprintf(why, WHY_MAX, "%s: '%.40s' is no identifier of a fix",
			 directive->name, word);
		return -EINVAL;
	}
	err = set_pattern(line->pattern ? &line->second : &line->pattern, word);
	if (err == -EINVAL)
		snprintf(why, WHY_MAX, "%s: '%.40s' is not a name or a pattern for one",
			 directive->name, word);
	return err;
}

/* -EINVAL: @why says what is wrong in the line. */
static int parse_words(const struct klp_strv *words, struct line *line, char why[WHY_MAX])
{
	const struct directive *directive = directives;
	size_t n;
	int err = 0;

	while (directive < directives + KLP_ARRAY_SIZE(directives) &&
	       !klp_streq(directive->name, words->v[0]))
		directive++;
	if (directive == directives + KLP_ARRAY_SIZE(directives)) {
		snprintf(why, WHY_MAX, "unknown word '%.40s'", words->v[0]);
		return -EINVAL;
	}
	line->word = (enum word)(directive - directives);
	n = strlen(directive->arguments);
	if (words->n < 1 + n || (words->n > 1 + n && directive->arguments[n - 1] != FIX)) {
		snprintf(why, WHY_MAX, "%s takes %zu argument%s", directive->name, n,
			 n == 1 ? "" : "s");
		return -EINVAL;
	}
	for (size_t i = 0; i + 1 < words->n && err == 0; i++)
		err = parse_argument(directive, directive->arguments[i < n ? i : n - 1],
				     words->v[i + 1], line, why);
	return err;
}

static int add_line(struct klpdep_ctx *ctx, struct klpdep_config *config,
		    const char *file, unsigned int number, char *text)
{
	_cleanup_strv_ struct klp_strv words = { 0 };
	_cleanup_(line_clear) struct line line = { 0 };
	char why[WHY_MAX];
	struct line *slot;
	int err;

	text[strcspn(text, "#")] = '\0';
	err = klp_strv_split(&words, text, " \t\r");
	if (err < 0 || words.n == 0)
		return err;
	line.where = klp_format("%s:%u", file, number);
	if (!line.where)
		return -ENOMEM;
	err = parse_words(&words, &line, why);
	if (err == -EINVAL) {
		klp_warn(ctx, "%s: %s; the line is ignored", line.where, why);
		return 0;
	}
	slot = err == 0 ? klp_append(config->lines, config->n_lines) : NULL;
	if (!slot)
		return -ENOMEM;
	*slot = line;
	line = (struct line){ 0 };
	return 0;
}

static int read_config_file(struct klpdep_ctx *ctx, struct klpdep_config *config,
			    const char *file)
{
	_cleanup_free_ char *text = NULL;
	unsigned int number = 0;
	char *line, *rest;
	int err = klp_read_text(file, CONFIG_FILE_MAX, &text);

	if (klp_is_passing(err)) {
		if (err != -ENOMEM)
			klp_err(ctx, "%s: %s", file, klpdep_strerror(err));
		return err;
	}
	if (err < 0) {
		klp_warn(ctx, "%s: %s; the file is ignored", file, klpdep_strerror(err));
		return 0;
	}
	for (rest = text; (line = strsep(&rest, "\n"));) {
		err = add_line(ctx, config, file, ++number, line);
		if (err < 0)
			return err;
	}
	return 0;
}

bool klp_config_can_ignore(const char *code)
{
	unsigned int value;

	return parse_value(&directives[WORD_IGNORE], code, &value);
}

/* ---- all of them ------------------------------------------------------------------- */

static int cmp_numbers(const void *p, const void *q, void *lines)
{
	const size_t *a = p, *b = q;
	const struct line *line = (const struct line *)lines + *a;
	const struct klp_line_key key = { lines, line->word, line->pattern };
	int cmp = klp_line_cmp(&key, b);

	return cmp ? cmp : (*a > *b) - (*a < *b);
}

/* This keeps lookup fast with thousands of lines. */
static int sort_lines(struct klpdep_config *config)
{
	for (size_t i = 0; i < config->n_lines; i++) {
		const char *pattern = config->lines[i].pattern;
		size_t *slot;

		if (!pattern)
			continue;
		slot = klp_is_glob(pattern) ? klp_append(config->globs, config->n_globs) :
					      klp_append(config->names, config->n_names);
		if (!slot)
			return -ENOMEM;
		*slot = i;
	}
	if (config->n_names)
		qsort_r(config->names, config->n_names, sizeof(*config->names), cmp_numbers,
			config->lines);
	return 0;
}

static int take_blacklisted(void *data, const struct klp_strv *words)
{
	char name[KLP_MODULE_NAME_LEN];

	if (words->n < 2 || !klp_streq(words->v[0], "blacklist") ||
	    klp_name_normalize(words->v[1], name) < 0)
		return 0;
	return klp_strv_add(data, name);
}

/* The blacklist of modprobe.d(5).  libkmod's also has the kernel command line, which counts
 * for the running kernel only.  libkmod also complains on standard error about each line
 * that it does not know, in each context.  Our own files are long, and have no blacklist. */
static int read_blacklist(struct klpdep_ctx *ctx, struct klp_strv *names)
{
	_cleanup_strv_ struct klp_strv files = { 0 };
	int err = klp_conf_modprobe_files(ctx, KLP_KMOD_FOREIGN, &files);

	if (err == 0)
		err = klp_conf_lines(&files, take_blacklisted, names);
	klp_strv_sort_unique(names);
	return err;
}

/* Our own.  On a host with a read-only /usr, drop-ins take precedence over the image's
 * patches. */
static const char *const own_directories[] = { STATE_DIR "/modules/%v", "/usr/lib/klpdep/%v" };

static int find_directories(struct klpdep_config *config)
{
	int err = 0;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(own_directories) && err == 0; i++)
		err = klp_strv_add(&config->directories, own_directories[i]);
	for (size_t i = 0; i < config->n_lines && err == 0; i++) {
		if (config->lines[i].word == WORD_DIRECTORY)
			err = klp_strv_add(&config->directories, config->lines[i].second);
	}
	return err;
}

int klpdep_config_new(struct klpdep_ctx *ctx, const char *dir,
		      struct klpdep_config **out)
{
	static const char *const standard[] = { SYSCONF_DIR "/klpdep.d", "/run/klpdep.d",
						"/usr/local/lib/klpdep.d",
						"/usr/lib/klpdep.d", NULL };
	const char *const named[] = { dir, NULL };
	_cleanup_config_ struct klpdep_config *config = calloc(1, sizeof(*config));
	_cleanup_strv_ struct klp_strv files = { 0 };
	struct klpdep_ctx as_named = *ctx;
	int err;

	if (!config)
		return klp_said(ctx, -ENOMEM);
	config->refs = 1;
	as_named.root = (char *)"";
	if (dir && access(dir, R_OK | X_OK) < 0) {
		err = -errno;
		klp_err(ctx, "%s: %s", dir, klpdep_strerror(err));
	} else {
		err = dir ? klp_conf_files(&as_named, named, &files) :
			    klp_conf_files(ctx, standard, &files);
	}
	for (size_t i = 0; i < files.n && err == 0; i++)
		err = read_config_file(ctx, config, files.v[i]);
	if (err == 0)
		err = read_blacklist(ctx, &config->blacklist);
	if (err == 0)
		err = sort_lines(config);
	if (err == 0)
		err = find_directories(config);
	if (err < 0)
		return klp_said(ctx, err);
	*out = klp_take(config);
	return 0;
}

const char *klpdep_config_get_directory(const struct klpdep_config *config, size_t i)
{
	if (config)
		return i < config->directories.n ? config->directories.v[i] : NULL;
	return i < KLP_ARRAY_SIZE(own_directories) ? own_directories[i] : NULL;
}
