/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Read a file again and again, in bursts, until SIGTERM, and then say how often it read
 * what: a line "COUNT CONTENTS" each, in the order in which they were seen first.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KINDS 8
#define BURST 200
#define PAUSE_US 10000

static volatile sig_atomic_t done;

static void on_signal(int number)
{
	(void)number;
	done = 1;
}

int main(int argc, char **argv)
{
	char kinds[KINDS][64] = { "" }, now[64];
	unsigned long counts[KINDS] = { 0 }, n_samples = 0;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0) {
		perror("sample");
		return 1;
	}
	signal(SIGTERM, on_signal);
	while (!done) {
		ssize_t n = pread(fd, now, sizeof(now) - 1, 0);
		int i = 0;

		if (n < 0) {
			perror("sample");
			return 1;
		}
		now[n] = '\0';
		now[strcspn(now, "\n")] = '\0';
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
