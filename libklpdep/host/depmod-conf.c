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

struct taking {
	const char *kernel;
	struct klp_depmod_conf *conf;
};

static int take_words(void *data, const struct klp_strv *words)
{
	const struct taking *taking = data;
	int err = 0;

	if (klp_streq(words->v[0], "external") && words->n >= 3 && *words->v[2] == '/' &&
	    is_for_kernel(words->v[1], taking->kernel))
		return klp_strv_add_unique(&taking->conf->externals, words->v[2]);
	for (size_t i = 1; i < words->n && klp_streq(words->v[0], "exclude") && err == 0; i++)
		err = klp_strv_add(&taking->conf->excludes, words->v[i]);
	return err;
}

int klp_depmod_conf_read(struct klpdep_ctx *ctx, const char *kernel,
			 struct klp_depmod_conf *conf)
{
	static const char *const dirs[] = { SYSCONF_DIR "/depmod.d", "/run/depmod.d",
					    "/usr/local/lib/depmod.d", "/usr/lib/depmod.d",
					    "/lib/depmod.d", NULL };
	_cleanup_strv_ struct klp_strv files = { 0 };
	struct taking taking = { kernel, conf };
	int err = klp_conf_files(ctx, dirs, &files);

	return err < 0 ? err : klp_conf_lines(&files, take_words, &taking);
}

bool klp_depmod_conf_skips(const struct klp_depmod_conf *conf, const char *name)
{
	return klp_streq(name, ".") || klp_streq(name, "..") || klp_streq(name, "build") ||
	       klp_streq(name, "source") || klp_strv_has(&conf->excludes, name);
}
