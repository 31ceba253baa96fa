/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep report: files and logs, line by line, without control characters. */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tools/report.h"

/* People read the report: it should not be too long. */
enum { LINES_MAX = 200, LINE_MAX = 1000 };

static void print_name(char **name)
{
	if (*name) {
		klp_clean_text(*name);
		printf("%s:\n", *name);
		*name = NULL;
	}
}

static void print_line(char **name, char *line)
{
	print_name(name);
	klp_clean_text(line);
	printf("  %.*s\n", LINE_MAX, line);
}

/* @name is printed before the first line. */
static void print_stream(FILE *stream, char *name, size_t limit, bool last, line_fn wants,
			 const void *data)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_strv_ struct klp_strv kept = { 0 };
	size_t size = 0, n = 0;

	while (getline(&line, &size, stream) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if ((wants && !wants(data, line)) || (!last && n++ >= limit))
			continue;
		if (!last)
			print_line(&name, line);
		else if (klp_strv_add(&kept, line) < 0)
			return;
	}
	for (size_t i = kept.n > limit ? kept.n - limit : 0; i < kept.n; i++)
		print_line(&name, kept.v[i]);
	if (n > limit)
		printf("  (%zu more lines)\n", n - limit);
}

void report_last_lines(FILE *stream, size_t n, line_fn wants, const void *data)
{
	print_stream(stream, NULL, n, true, wants, data);
}

/* A file of others may be a pipe, and reading that would wait. */
static FILE *open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fdopen(fd, "r");
	close(fd);
	errno = ENOENT;
	return NULL;
}

static char *below_root(const struct tool *tool, const char *path)
{
	return klp_format("%s%s", tool->basedir ? tool->basedir : "", path);
}

void report_file(const struct tool *tool, const char *path, line_fn wants, const void *data)
{
	_cleanup_free_ char *whole = below_root(tool, path);
	FILE *file = whole ? open_regular(whole) : NULL;
	char *name;

	if (!whole || (!file && errno == ENOENT))
		return;
	name = whole;
	if (!file) {
		int err = errno;

		print_name(&name);
		printf("  cannot be read: %s\n", strerror(err));
		return;
	}
	/* An empty file may mean something by its name. */
	if (!wants)
		print_name(&name);
	print_stream(file, name, LINES_MAX, false, wants, data);
	fclose(file);
}

void report_directory(const struct tool *tool, const char *path, const char *end, line_fn wants,
		      const void *data)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	_cleanup_free_ char *whole = below_root(tool, path);
	_cleanup_closedir_ DIR *dir = whole ? opendir(whole) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name != '.' && klp_ends_with(entry->d_name, end) &&
		    klp_strv_add(&names, entry->d_name) < 0)
			break;
	}
	klp_strv_sort(&names);
	for (size_t i = 0; i < names.n; i++) {
		_cleanup_free_ char *file = klp_format("%s/%s", path, names.v[i]);

		if (file)
			report_file(tool, file, wants, data);
	}
}
