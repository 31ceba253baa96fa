/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What klpdep.d(5) says about a patch or a target, and the blacklist of modprobe.d(5). */
#include "config.h"

#include <fnmatch.h>

#include "libklpdep/host/configuration-lines.h"

/* The kernel itself pushes tasks after 15 s; see klpdep.d(5). */
#define RETRY_TIMEOUT_DEFAULT 60
#define SETTLE_TIMEOUT_DEFAULT 5
#define WAIT_BUDGET_DEFAULT 30
#define GUARD_TIME_DEFAULT 60
/* The kernel runs 50 modprobes at a time, and udev has about ten workers. */
#define WAITERS_DEFAULT 8

/* ---- asking ------------------------------------------------------------------------ */

int klp_line_cmp(const void *p, const void *number)
{
	const struct klp_line_key *key = p;
	const struct line *line = &key->lines[*(const size_t *)number];

	return key->word != line->word ? (int)key->word - (int)line->word :
					 strcmp(key->name, line->pattern);
}

static bool is_about(const struct line *line, const char *second)
{
	return !second || fnmatch(line->second, second, 0) == 0;
}

/* The first line of a word that takes no name. */
static const struct line *find_any(const struct klpdep_config *config, enum word word)
{
	for (size_t i = 0; i < config->n_lines; i++) {
		if (config->lines[i].word == word)
			return &config->lines[i];
	}
	return NULL;
}

/* The first line about @name, and about @second if given. */
static const struct line *find_line(const struct klpdep_config *config, enum word word,
				    const char *name, const char *second)
{
	const struct line *found = NULL;

	if (!config || !name)
		return config ? find_any(config, word) : NULL;

	const struct klp_line_key key = { config->lines, word, name };
	size_t i = klp_lower_bound(&key, config->names, config->n_names,
				   sizeof(*config->names), klp_line_cmp);

	for (; i < config->n_names && !found && klp_line_cmp(&key, &config->names[i]) == 0;
	     i++) {
		if (is_about(&config->lines[config->names[i]], second))
			found = &config->lines[config->names[i]];
	}
	for (i = 0; i < config->n_globs; i++) {
		const struct line *line = &config->lines[config->globs[i]];

		if (found && line > found)
			break;
		if (line->word == word && fnmatch(line->pattern, name, 0) == 0 &&
		    is_about(line, second))
			return line;
	}
	return found;
}

/* The value of a setting that may be for @name; @otherwise if there is no line. */
static unsigned int value_of(const struct klpdep_config *config, enum word word,
			     const char *name, unsigned int otherwise)
{
	const struct line *line = find_line(config, word, name, NULL);

	return line ? line->value : otherwise;
}

static bool found_at(const struct line *line, const char **where)
{
	if (line && where)
		*where = line->where;
	return line;
}

bool klp_config_masked(const struct klpdep_config *config, const char *patch,
		       const char **where)
{
	return found_at(find_line(config, WORD_MASK, patch, NULL), where);
}

bool klp_config_blacklisted(const struct klpdep_config *config, const char *patch)
{
	return config && klp_strv_has_sorted(&config->blacklist, patch);
}

bool klp_config_supersedes(const struct klpdep_config *config, const char *newer,
			   const char *older, const char **where)
{
	return found_at(find_line(config, WORD_SUPERSEDE, newer, older), where);
}

bool klp_config_next_supersede(const struct klpdep_config *config, size_t *at,
			       const char **newer, const char **older, const char **where)
{
	for (; config && *at < config->n_lines; ++*at) {
		const struct line *line = &config->lines[*at];

		if (line->word != WORD_SUPERSEDE)
			continue;
		*newer = line->pattern;
		*older = line->second;
		*where = line->where;
		++*at;
		return true;
	}
	return false;
}

int klp_config_fixes(const struct klpdep_config *config, const char *patch,
		     struct klp_strv *fixes)
{
	int err = 0;

	for (size_t i = 0; config && i < config->n_lines; i++) {
		const struct line *line = &config->lines[i];

		if (line->word != WORD_FIXES || fnmatch(line->pattern, patch, 0) != 0)
			continue;
		for (size_t j = 0; j < line->fixes.n && err == 0; j++)
			err = klp_strv_add(fixes, line->fixes.v[j]);
	}
	return err;
}

bool klp_config_ignores(const struct klpdep_config *config, const char *patch,
			const char *code)
{
	return find_line(config, WORD_IGNORE, patch, code);
}

enum klpdep_order klp_config_order(const struct klpdep_config *config, const char *patch,
				   const char **where)
{
	const struct line *line = find_line(config, WORD_ORDER, patch, NULL);

	if (!found_at(line, where))
		return KLPDEP_ORDER_NONE;
	return (enum klpdep_order)line->value;
}

bool klp_config_retire(const struct klpdep_config *config, const char *older,
		       unsigned int *retire)
{
	const struct line *line = find_line(config, WORD_RETIRE, older, NULL);

	if (line)
		*retire = line->value;
	return line;
}

bool klp_config_frozen(const struct klpdep_config *config, const char **where)
{
	const struct line *line = find_line(config, WORD_FREEZE, NULL, NULL);

	return found_at(line, where) && line->value;
}

bool klp_config_unload(const struct klpdep_config *config, const char *target)
{
	return value_of(config, WORD_UNLOAD, target, true);
}

bool klp_config_initrd_vmlinux(const struct klpdep_config *config)
{
	return value_of(config, WORD_INITRD_VMLINUX, NULL, false);
}

bool klp_config_guard(const struct klpdep_config *config)
{
	return value_of(config, WORD_GUARD, NULL, false);
}

unsigned int klp_config_guard_time(const struct klpdep_config *config)
{
	return value_of(config, WORD_GUARD_TIME, NULL, GUARD_TIME_DEFAULT);
}

enum klpdep_policy klp_config_policy(const struct klpdep_config *config, const char *name)
{
	return (enum klpdep_policy)value_of(config, WORD_POLICY, name, KLPDEP_POLICY_WARN);
}

enum klpdep_policy klpdep_config_get_policy(const struct klpdep_config *config,
					    const char *name)
{
	char normalized[KLP_MODULE_NAME_LEN];

	return klp_config_policy(config, klp_name_normalize(name, normalized) == 0 ? normalized :
										     name);
}

const char *klpdep_config_get_mask(const struct klpdep_config *config, const char *name)
{
	char normalized[KLP_MODULE_NAME_LEN];
	const char *where = NULL;

	if (klp_name_normalize(name, normalized) == 0)
		klp_config_masked(config, normalized, &where);
	return where;
}

unsigned int klpdep_config_get_retry_timeout(const struct klpdep_config *config)
{
	return value_of(config, WORD_RETRY_TIMEOUT, NULL, RETRY_TIMEOUT_DEFAULT);
}

unsigned int klpdep_config_get_settle_timeout(const struct klpdep_config *config)
{
	return value_of(config, WORD_SETTLE_TIMEOUT, NULL, SETTLE_TIMEOUT_DEFAULT);
}

unsigned int klp_config_wait_budget(const struct klpdep_config *config)
{
	return value_of(config, WORD_WAIT_BUDGET, NULL, WAIT_BUDGET_DEFAULT);
}

unsigned int klp_config_waiters(const struct klpdep_config *config)
{
	return value_of(config, WORD_WAITERS, NULL, WAITERS_DEFAULT);
}

static const char *const order_names[] = {
	[KLPDEP_ORDER_NONE] = "none",
	[KLPDEP_ORDER_BEFORE] = "before",
	[KLPDEP_ORDER_AFTER] = "after",
};

const char *klpdep_order_name(enum klpdep_order order)
{
	return klp_name_of(order_names, order);
}

int klp_order_from_name(const char *name, enum klpdep_order *order)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(order_names); i++) {
		if (klp_streq(order_names[i], name)) {
			*order = (enum klpdep_order)i;
			return 0;
		}
	}
	return -EINVAL;
}
