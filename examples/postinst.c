/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * postinst [-f] KERNEL FILE...: for the maintainer scripts of a Debian package that ships
 * livepatches for a kernel: says what is wrong with these files, by that kernel's modules as
 * they are installed.  In the package's postinst:
 *
 *	postinst 6.1.0-13-amd64 "$DPKG_ROOT"/lib/modules/6.1.0-13-amd64/updates/klp_*.ko
 *
 * Exit status 0, whatever is wrong: an installation that fails helps nobody, and klpdep does
 * not load a livepatch that would do harm.  With -f: 1 when there is an error, or files cannot
 * be checked though their kernel is there.
 *
 *	cc -o postinst postinst.c $(pkg-config --cflags --libs libklpdep)
 */
#include <errno.h>
#include <klpdep.h>
#include <stdlib.h>
#include <string.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "livepatch: %s\n", message);
}

/* @data: set to whether something was found that the kernel would refuse. */
static int tell(void *data, const struct klpdep_finding *finding)
{
	enum klpdep_severity severity = klpdep_finding_get_severity(finding);
	const char *object = klpdep_finding_get_object(finding);
	const char *patch = klpdep_finding_get_patch(finding);

	if (severity == KLPDEP_NOTE)
		return 0;
	fprintf(stderr, "livepatch: %s: %s%s%s: %s\n", klpdep_severity_name(severity),
		patch ? patch : "", object ? " of " : "", object ? object : "",
		klpdep_finding_get_message(finding));
	if (severity == KLPDEP_ERROR)
		*(bool *)data = true;
	return 0;
}

int main(int argc, char **argv)
{
	bool strict = argc > 1 && strcmp(argv[1], "-f") == 0, bad = false;
	const char *kernel = argc > 1 ? argv[1 + strict] : NULL;
	struct klpdep_patch **patches =
		argc < 3 + strict ? NULL : calloc((size_t)argc, sizeof(*patches));
	struct klpdep_ctx *ctx = NULL;
	struct klpdep_config *config = NULL;
	struct klpdep_tree *tree = NULL;
	size_t n = 0;
	int err, one;

	if (!patches || klpdep_new(&ctx) < 0)
		return strict;
	klpdep_set_log_fn(ctx, print_message, NULL);
	err = klpdep_set_root(ctx, getenv("DPKG_ROOT"));
	if (err == 0)
		err = klpdep_tree_new(ctx, kernel, &tree);
	if (err == 0)
		err = klpdep_config_new(ctx, NULL, &config);
	for (int i = 2 + strict; err == 0 && i < argc; i++) {
		one = klpdep_patch_new_from_file(ctx, argv[i], &patches[n]);
		n += one == 0;
		bad |= one < 0 && one != -ENODATA; /* no livepatch: an answer */
	}
	if (err == 0 && n > 0) /* without patches: all of the tree */
		err = klpdep_verify(ctx, kernel, config, patches, n, tell, &bad);
	while (n > 0)
		klpdep_patch_unref(patches[--n]);
	free(patches);
	klpdep_tree_unref(tree);
	klpdep_config_unref(config);
	klpdep_unref(ctx);
	/* Without its modules the kernel is not there yet. */
	return strict && err != -ENOENT && (err < 0 || bad);
}
