/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate ROOT KERNEL FILE...: for a build pipeline: whether livepatches that have just been
 * built may be released for a kernel, whose module tree is below ROOT.  All of them are
 * taken for installed.  One line for each finding:
 *
 *	SEVERITY CODE PATCH OBJECT SUBJECT: MESSAGE
 *
 * Exit status 0: they may; 1: they must not, or something failed; 2: usage.  What may
 * pass is a matter of policy, which is in judge(): here, all but errors.
 *
 *	cc -o gate gate.c $(pkg-config --cflags --libs libklpdep)
 */
#include <errno.h>
#include <klpdep.h>
#include <stdlib.h>

static void print_message(void *data, int priority, const char *message)
{
	(void)data;
	(void)priority;
	fprintf(stderr, "gate: %s\n", message);
}

static const char *or_dash(const char *string)
{
	return string ? string : "-";
}

/* @data: set to whether something was found that must not be released. */
static int judge(void *data, const struct klpdep_finding *finding)
{
	enum klpdep_severity severity = klpdep_finding_get_severity(finding);
	bool *closed = data;

	printf("%s %s %s %s %s: %s\n", klpdep_severity_name(severity),
	       klpdep_finding_get_code(finding), or_dash(klpdep_finding_get_patch(finding)),
	       or_dash(klpdep_finding_get_object(finding)),
	       or_dash(klpdep_finding_get_subject(finding)),
	       klpdep_finding_get_message(finding));
	if (severity == KLPDEP_ERROR)
		*closed = true;
	return 0;
}

int main(int argc, char **argv)
{
	struct klpdep_ctx *ctx = NULL;
	struct klpdep_patch **patches;
	size_t n = 0;
	bool closed = false;
	int err;

	if (argc < 4) {
		fprintf(stderr, "Usage: gate ROOT KERNEL FILE...\n");
		return 2;
	}
	patches = calloc((size_t)argc, sizeof(*patches));
	if (!patches || klpdep_new(&ctx) < 0)
		return 1;
	klpdep_set_log_fn(ctx, print_message, NULL);
	err = klpdep_set_root(ctx, argv[1]);
	for (int i = 3; i < argc && err == 0; i++) {
		err = klpdep_patch_new_from_file(ctx, argv[i], &patches[n]);
		if (err == 0)
			n++;
		else if (err == -ENODATA) /* an answer, and so not said by the library */
			fprintf(stderr, "gate: %s: not a livepatch\n", argv[i]);
	}
	/* Without any patches it would check those of the tree. */
	if (err == 0)
		err = klpdep_verify(ctx, argv[2], NULL, patches, n, judge, &closed);
	while (n > 0)
		klpdep_patch_unref(patches[--n]);
	free(patches);
	klpdep_unref(ctx);
	return err < 0 || closed ? 1 : 0;
}
