// SPDX-License-Identifier: LGPL-2.1-or-later
/* What others do while a program of a fake root is about to make a call; see README.md. */
#include "fk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The lines of /fake/meanwhile that are left for this program, and the number of calls
 * that the first of them still waits for. */
static char meanwhile[4096], *next_line = meanwhile;
static unsigned long calls_left;

/* "PROGRAM N CALL COMMAND": leaves CALL and COMMAND in the line. */
static void find_next_line(void)
{
	const char *me = program_invocation_short_name;
	size_t len = strlen(me);

	for (; *next_line; next_line += strcspn(next_line, "\n") + 1) {
		if (strncmp(next_line, me, len) || next_line[len] != ' ')
			continue;
		calls_left = strtoul(next_line + len + 1, &next_line, 10);
		next_line++;
		return;
	}
}

void fk_read_meanwhile(void)
{
	int fd = getenv(FK_ALONE) ? -1 : open(FK_MEANWHILE, O_RDONLY | O_CLOEXEC);

	/* what is read ends with two zeros: behind the last line there is an empty one */
	if (fd < 0 || read(fd, meanwhile, sizeof(meanwhile) - 2) < 0)
		meanwhile[0] = '\0';
	if (fd >= 0)
		close(fd);
	find_next_line();
}

/* The program waits until the command has been run, whose own programs are left alone. */
static void run_command(char *command)
{
	pid_t pid = fork();

	if (pid == 0) {
		setenv(FK_ALONE, "1", 1);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void fk_let_others(const char *call)
{
	size_t len = strcspn(next_line, " ");
	bool any = len == 1 && *next_line == '*';
	char *command;

	if (!*next_line ||
	    !(any || (call && strlen(call) == len && !strncmp(call, next_line, len))) ||
	    --calls_left)
		return;
	command = next_line + len;
	next_line += strcspn(next_line, "\n");
	*next_line++ = '\0';
	fk_inside = 1;
	run_command(command);
	fk_inside = 0;
	find_next_line();
}
