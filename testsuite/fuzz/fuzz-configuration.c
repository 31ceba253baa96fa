// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A file of klpdep.d: read, and every question asked.
 *
 * configuration-read.c is compiled in here, so that its lines need no file system around them.
 */
#include "config.h"

#include "libklpdep/host/configuration-read.c" // NOLINT(bugprone-suspicious-include)

#include "fuzz.h"

static void take_message(void *data, int priority, const char *message)
{
	size_t *length = data;

	(void)priority;
	*length += strlen(message);
}

static struct klpdep_config *read_text(struct klpdep_ctx *ctx, char *text)
{
	struct klpdep_config *config = calloc(1, sizeof(*config));
	unsigned int number = 0;
	char *line;

	FUZZ_CHECK(config);
	config->refs = 1;
	while ((line = strsep(&text, "\n"))) {
		size_t n = config->n_lines;

		FUZZ_CHECK(add_line(ctx, config, "fuzz", ++number, line) == 0);
		FUZZ_CHECK(config->n_lines == n || config->n_lines == n + 1);
	}
	FUZZ_CHECK(sort_lines(config) == 0 && find_directories(config) == 0);
	return config;
}

static void ask(const struct klpdep_config *config, const char *name)
{
	_cleanup_strv_ struct klp_strv fixes = { 0 };
	const char *where = NULL;
	enum klpdep_policy policy = klpdep_config_get_policy(config, name);

	FUZZ_CHECK(!klp_config_masked(config, name, &where) || where);
	where = NULL;
	FUZZ_CHECK(!klp_config_supersedes(config, name, "lp1__kvm", &where) || where);
	where = NULL;
	/* "order PATCH auto" is a line too, that says none. */
	FUZZ_CHECK(klp_config_order(config, name, &where) == KLPDEP_ORDER_NONE || where);
	klp_config_unload(config, name);
	FUZZ_CHECK(klp_config_fixes(config, name, &fixes) == 0);
	for (size_t i = 0; i < fixes.n; i++)
		FUZZ_CHECK(klp_fix_valid(fixes.v[i]));
	for (size_t i = 0; klpdep_config_get_directory(config, i); i++)
		FUZZ_CHECK(*klpdep_config_get_directory(config, i) == '/');
	FUZZ_CHECK(policy == KLPDEP_POLICY_WARN || policy == KLPDEP_POLICY_REQUIRE ||
		   policy == KLPDEP_POLICY_LATE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "kvm", "vmlinux", "lp2__kvm", "a", "[x]-*" };
	_cleanup_ctx_ struct klpdep_ctx *ctx = NULL;
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_free_ char *text = strndup((const char *)data, size);
	size_t said = 0;

	FUZZ_CHECK(text);
	FUZZ_CHECK(klpdep_new(&ctx) == 0);
	klpdep_set_log_fn(ctx, take_message, &said);
	config = read_text(ctx, text);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(names); i++)
		ask(config, names[i]);
	FUZZ_CHECK(klpdep_config_get_retry_timeout(config) <= TIMEOUT_MAX);
	FUZZ_CHECK(klpdep_config_get_settle_timeout(config) <= TIMEOUT_MAX);
	FUZZ_CHECK(klp_config_wait_budget(config) <= TIMEOUT_MAX);
	FUZZ_CHECK(klp_config_waiters(config) <= 1000);
	return 0;
}
