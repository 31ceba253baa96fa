// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A fuzzer without a fuzzing engine: run the inputs that are given, files or directories
 * of such, one after the other.  The file that crashes is the last one named.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned int runs;

static void *check(void *p)
{
	if (!p)
		abort();
	return p;
}

static int run_file(const char *path, size_t size)
{
	/* Exactly as large as the input, so that reading beyond it is noticed. */
	uint8_t *data = check(malloc(size ? size : 1));
	FILE *in = fopen(path, "r");
	int err = in && fread(data, 1, size, in) == size ? 0 : -1;

	if (in)
		fclose(in);
	if (err == 0) {
		printf("%s\n", path);
		fflush(stdout);
		LLVMFuzzerTestOneInput(data, size);
		runs++;
	} else {
		fprintf(stderr, "%s: cannot be read\n", path);
	}
	free(data);
	return err;
}

static int run(const char *path);

static int run_directory(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	int err = n < 0 ? -1 : 0;

	for (int i = 0; i < n; i++) {
		char *entry =
			check(malloc(strlen(path) + strlen(entries[i]->d_name) + 2));

		sprintf(entry, "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && run(entry) < 0)
			err = -1;
		free(entry);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return err;
}

static int run(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	return S_ISDIR(st.st_mode) ? run_directory(path) :
				     run_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	int err = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (run(argv[i]) < 0)
			err = -1;
	}
	printf("%u inputs were run\n", runs);
	return err < 0 ? 1 : 0;
}
