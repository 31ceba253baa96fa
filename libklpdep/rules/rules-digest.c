/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A softdep of ours cancels an administrator's install line (modprobe.d(5)), even a newer
 * one.  So the rules contain a digest of the modprobe.d that they were made from.  Any part
 * of klpdep can then tell, without reading an index, that they have to be made anew.
 */
#include "config.h"

#include "libklpdep/host/conf-files.h"
#include "libklpdep/host/kmod.h"
#include "libklpdep/rules/rules-digest.h"

/* kmod has no limit.  Of a larger file only the name counts. */
#define FILE_MAX ((size_t)64 << 20)

/* FNV-1a: finding two files of one digest gains nothing, since only root writes them. */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static void add_text(uint64_t *digest, const char *text)
{
	do {
		*digest = (*digest ^ (unsigned char)*text) * FNV_PRIME;
	} while (*text++); /* with the NUL, which divides texts */
}

/* Whether rules depend on a line. */
static bool counts(const char *line)
{
	static const char *const words[] = { "install", "remove", "softdep",
					     "blacklist" };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(words); i++) {
		const char *rest = klp_after_prefix(line, words[i]);

		if (rest && strchr(" \t", *rest))
			return true;
	}
	return false;
}

/* Like kmod: a backslash at the end of a line continues it. */
static void join_lines(char *text)
{
	while ((text = strstr(text, "\\\n")))
		memset(text, ' ', 2);
}

static void add_lines(uint64_t *digest, char *text, const char *name)
{
	bool first = true;
	char *line;

	join_lines(text);
	while ((line = strsep(&text, "\n"))) {
		line += strspn(line, " \t");
		if (!counts(line))
			continue;
		/* The name decides whether it comes before or after ours and others. */
		if (first)
			add_text(digest, name);
		first = false;
		add_text(digest, line);
	}
}

/* modprobe ignores what kmod cannot read, too. */
static int add_file(struct klpdep_ctx *ctx, uint64_t *digest, const char *file)
{
	/* Without the directory, since a root may be seen from inside and outside. */
	const char *name = strrchr(file, '/') + 1;
	_cleanup_free_ char *data = NULL;
	int err = klp_read_file(file, FILE_MAX, &data, NULL);

	if (err == 0)
		add_lines(digest, data, name);
	if (klp_is_passing(err)) {
		klp_err(ctx, "%s: %s", file, klpdep_strerror(err));
		return err;
	}
	if (err < 0)
		add_text(digest, name);
	return 0;
}

int klp_rules_digest(struct klpdep_ctx *ctx, uint64_t *digest)
{
	_cleanup_strv_ struct klp_strv files = { 0 };
	int err = klp_conf_modprobe_files(ctx, KLP_KMOD_FOREIGN, &files);

	*digest = FNV_BASIS;
	for (size_t i = 0; i < files.n && err == 0; i++)
		err = add_file(ctx, digest, files.v[i]);
	return err;
}

/* ---- the digest in the rules ------------------------------------------------------- */

/* The digest in a file of rules, in the comments at its head.  1, 0 if there is none, or
 * -ENOMEM. */
static int read_noted(const struct klpdep_ctx *out, const char *name, uint64_t *digest)
{
	static const char *const dirs[] = { "/run/modprobe.d", RULES_DIR };
	_cleanup_free_ char *text = NULL;
	int err = -ENOENT;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(dirs) && err == -ENOENT; i++) {
		_cleanup_free_ char *path = klp_format("%s%s/%s", out->root, dirs[i], name);

		err = path ? klp_read_file(path, FILE_MAX, &text, NULL) : -ENOMEM;
	}
	for (char *rest = text, *line; err == 0 && (line = strsep(&rest, "\n"));) {
		if (*line != '#')
			return 0;
		if (sscanf(line, KLP_DIGEST_PREFIX "%16" SCNx64, digest) == 1)
			return 1;
	}
	/* An unreadable file is written anew. */
	return err == -ENOMEM ? err : 0;
}

/* With one file only, the other one may have been removed.  Then the rules are made anew,
 * without a message. */
int klp_rules_compare(struct klpdep_ctx *ctx, const struct klpdep_ctx *out,
		      enum klp_rules_age *age)
{
	static const char *const files[] = { RULES_FILE, SOFTDEP_FILE };
	uint64_t now, then;
	size_t n_current = 0, n_stale = 0;
	int err = klp_rules_digest(ctx, &now);

	for (size_t i = 0; i < KLP_ARRAY_SIZE(files) && err == 0; i++) {
		int found = read_noted(out, files[i], &then);

		if (found < 0)
			err = found;
		else if (found)
			*(then == now ? &n_current : &n_stale) += 1;
	}
	*age = n_stale				    ? KLP_RULES_STALE :
	       n_current == KLP_ARRAY_SIZE(files) ? KLP_RULES_CURRENT :
						    KLP_RULES_NONE;
	return klp_said(ctx, err);
}
