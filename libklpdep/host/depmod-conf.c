/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading depmod.d(5), which libkmod does not read. */
#include "config.h"

#include <regex.h>

#include "libklpdep/host/conf-files.h"
#include "libklpdep/host/depmod-conf.h"

void klp_depmod_conf_clear(struct klp_depmod_conf *conf)
{
	klp_strv_clear(&conf->externals);
	klp_strv_clear(&conf->excludes);
}

/* Like cfg_kernel_matches() in kmod's tools/depmod.c. */
static bool is_for_kernel(const char *pattern, const char *kernel)
{
	regex_t regex;
	bool matches;

	if (klp_streq(pattern, "*"))
		return true;
	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	matches = regexec(&regex, kernel, 0, NULL, 0) == 0;
	regfree(&regex);
	return matches;
}

static int take_line(const char *kernel, const char *line, struct klp_depmod_conf *conf)
{
	_cleanup_strv_ struct klp_strv words = { 0 };
	int err = klp_strv_split(&words, line, "\t ");

	if (err < 0 || !words.n)
		return err;
	if (klp_streq(words.v[0], "external") && words.n >= 3 && *words.v[2] == '/' &&
	    is_for_kernel(words.v[1], kernel))
		return klp_strv_add_unique(&conf->externals, words.v[2]);
	for (size_t i = 1; i < words.n && klp_streq(words.v[0], "exclude") && err == 0; i++)
		err = klp_strv_add(&conf->excludes, words.v[i]);
	return err;
}

static int read_conf_file(const char *kernel, const char *file, struct klp_depmod_conf *conf)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	int err = klp_conf_read_wrapped(file, &text);

	for (rest = text; err == 0 && (line = strsep(&rest, "\n"));)
		err = take_line(kernel, line, conf);
	return err;
}

int klp_depmod_conf_read(struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_depmod_conf *conf)
{
	static const char *const dirs[] = { SYSCONF_DIR "/depmod.d", "/run/depmod.d",
					    "/usr/local/lib/depmod.d", "/usr/lib/depmod.d",
					    "/lib/depmod.d", NULL };
	_cleanup_strv_ struct klp_strv files = { 0 };
	int err = klp_conf_files(ctx, dirs, &files);

	for (size_t i = 0; i < files.n && err == 0; i++)
		err = read_conf_file(kernel, files.v[i], conf);
	return err;
}

bool klp_depmod_conf_skips(const struct klp_depmod_conf *conf, const char *name)
{
	return klp_streq(name, ".") || klp_streq(name, "..") || klp_streq(name, "build") ||
	       klp_streq(name, "source") || klp_strv_has(&conf->excludes, name);
}
