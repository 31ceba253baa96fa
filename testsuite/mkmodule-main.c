// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mkmodule [-o OUT.ko] SPECFILE: a kernel module for the tests out of a description; the
 * grammar is in mkmodule.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mkmodule.h"

static char *read_all(FILE *in)
{
	size_t len = 0, cap = 4096;
	char *text = malloc(cap);

	while (text) {
		len += fread(text + len, 1, cap - len - 1, in);
		if (len < cap - 1)
			break;
		cap *= 2;
		char *more = realloc(text, cap);
		if (!more)
			free(text);
		text = more;
	}
	if (text && ferror(in)) {
		free(text);
		return NULL;
	}
	if (text)
		text[len] = '\0';
	return text;
}

static char *read_spec(const char *path)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "r") : stdin;
	char *text;

	if (!in)
		return NULL;
	text = read_all(in);
	if (in != stdin)
		fclose(in);
	return text;
}

int main(int argc, char **argv)
{
	const char *out = NULL;
	struct mkmodule *m = NULL;
	char *text;
	int c, err;

	while ((c = getopt(argc, argv, "o:")) != -1) {
		if (c != 'o')
			goto usage;
		out = optarg;
	}
	if (argc - optind != 1)
		goto usage;

	text = read_spec(argv[optind]);
	if (!text) {
		fprintf(stderr, "mkmodule: %s: %s\n", argv[optind], strerror(errno));
		return 1;
	}
	err = mkmodule_parse(text, &m);
	free(text);
	if (err) {
		fprintf(stderr, "mkmodule: %s:%d: bad line\n", argv[optind], err);
		return 1;
	}
	err = mkmodule_write(m, out);
	mkmodule_free(m);
	if (err == -EINVAL)
		fprintf(stderr, "mkmodule: %s: no name, or lines that contradict the "
			"livepatch kind\n", argv[optind]);
	else if (err)
		fprintf(stderr, "mkmodule: %s: %s\n", out ? out : "stdout",
			strerror(-err));
	return err ? 1 : 0;
usage:
	fprintf(stderr, "usage: mkmodule [-o OUT.ko] SPECFILE\n");
	return 2;
}
