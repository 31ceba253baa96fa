/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The blacklist of modprobe.d(5).  libkmod also has it, but mixed with the kernel command
 * line, which counts for the running kernel only.  It also complains on standard error
 * about each line that it does not know, in each context.
 */
#include "config.h"

#include "libklpdep/host/blacklist.h"
#include "libklpdep/host/conf-files.h"

static int take_line(const char *line, struct klp_strv *names)
{
	_cleanup_strv_ struct klp_strv words = { 0 };
	char name[KLP_MODULE_NAME_LEN];
	int err = klp_strv_split(&words, line, "\t ");

	if (err < 0 || words.n < 2 || !klp_streq(words.v[0], "blacklist") ||
	    klp_name_normalize(words.v[1], name) < 0)
		return err;
	return klp_strv_add(names, name);
}

static int read_blacklist_file(const char *file, struct klp_strv *names)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	int err = klp_conf_read_wrapped(file, &text);

	for (rest = text; err == 0 && (line = strsep(&rest, "\n"));)
		err = take_line(line, names);
	return err;
}

int klp_blacklist_read(struct klpdep_ctx *ctx, struct klp_strv *names)
{
	_cleanup_strv_ struct klp_strv files = { 0 };
	int err = klp_conf_modprobe_files(ctx, &files);

	for (size_t i = 0; i < files.n && err == 0; i++) {
		const char *base = strrchr(files.v[i], '/') + 1;

		/* Our own are long, and have no blacklist lines. */
		if (!klp_streq(base, RULES_FILE) && !klp_streq(base, SOFTDEP_FILE))
			err = read_blacklist_file(files.v[i], names);
	}
	klp_strv_sort_unique(names);
	return err;
}
