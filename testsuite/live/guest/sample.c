/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Read files again and again, in bursts, until SIGTERM, and then say how often that read
 * what: a line "COUNT CONTENTS" each, in the order in which they were seen first.  Of
 * several files, which are read one after the other, the contents have "; " between them.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KINDS 64
#define FILES_MAX 16
#define SAMPLE_SIZE 128
#define BURST 200
#define PAUSE_US 10000

static volatile sig_atomic_t done;

static void on_signal(int number)
{
	(void)number;
	done = 1;
}

/* The first line of each file.  False where one cannot be read. */
static int take_sample(const int *fds, int n_files, char sample[SAMPLE_SIZE])
{
	size_t used = 0;

	for (int i = 0; i < n_files; i++) {
		char text[SAMPLE_SIZE];
		ssize_t n = pread(fds[i], text, sizeof(text) - 1, 0);

		if (n < 0)
			return 0;
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		used += (size_t)snprintf(sample + used, SAMPLE_SIZE - used, "%s%s",
					 i ? "; " : "", text);
		if (used >= SAMPLE_SIZE)
			used = SAMPLE_SIZE - 1;
	}
	return 1;
}

int main(int argc, char **argv)
{
	char kinds[KINDS][SAMPLE_SIZE] = { "" }, now[SAMPLE_SIZE];
	unsigned long counts[KINDS] = { 0 }, n_samples = 0;
	int fds[FILES_MAX], n_files = argc - 1;

	if (n_files < 1 || n_files > FILES_MAX)
		return 1;
	for (int i = 0; i < n_files; i++) {
		fds[i] = open(argv[1 + i], O_RDONLY);
		if (fds[i] < 0) {
			perror(argv[1 + i]);
			return 1;
		}
	}
	signal(SIGTERM, on_signal);
	while (!done) {
		int i = 0;

		if (!take_sample(fds, n_files, now)) {
			perror("sample");
			return 1;
		}
		while (counts[i] && strcmp(kinds[i], now) != 0) {
			if (++i == KINDS) {
				fputs("sample: too many kinds\n", stderr);
				return 1;
			}
		}
		strcpy(kinds[i], now);
		counts[i]++;
		/* On a processor that is never idle a transition takes a minute and more:
		 * seen on 6.12. */
		if (++n_samples % BURST == 0)
			usleep(PAUSE_US);
	}
	for (int i = 0; i < KINDS && counts[i]; i++)
		printf("%lu %s\n", counts[i], kinds[i]);
	return 0;
}
