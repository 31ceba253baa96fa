/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A module's options for its install rule.  kmod would expand $CMDLINE_OPTS to them:
 * endlessly if an option contains that word, open to the shell if it contains a quote,
 * and too long for the kernel as an argument.  So the helper reads them from the
 * command line of the modprobe that runs the rule.
 */
#include "config.h"

#include <getopt.h>

#include "libklpdep/live/caller.h"
#include "tools/modprobe-options.h"

/* The kernel's limit of a command line: a quarter of the stack's limit. */
#define CMDLINE_MAX ((size_t)4 << 20)

/* Options of modprobe(8) with an argument, or that make each argument a module. */
static const char short_options[] = "arw:RibfDcnC:d:S:sqvVh";
static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },	     { "remove", no_argument, NULL, 'r' },
	{ "wait", required_argument, NULL, 'w' },    { "config", required_argument, NULL, 'C' },
	{ "dirname", required_argument, NULL, 'd' }, { "set-version", required_argument, NULL, 'S' },
	{ 0 },
};

static int read_arguments(int pid, struct klp_strv *arguments)
{
	_cleanup_free_ char *text = NULL;
	char path[64];
	size_t size, at = 0;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	err = klp_read_file(path, CMDLINE_MAX, &text, &size);
	while (err == 0 && at < size) {
		err = klp_strv_add(arguments, text + at);
		at += strlen(text + at) + 1;
	}
	return err;
}

/* Whether an argument of modprobe's means the module, by name, file or alias. */
static bool is_module(struct klp_kmod *kmod, const char *argument, const char *module)
{
	_cleanup_strv_ struct klp_strv names = { 0 };
	char name[KLP_MODULE_NAME_LEN];

	if (strchr(argument, '/'))
		return klp_name_from_path(argument, name) == 0 && klp_streq(name, module);
	if (klp_name_normalize(argument, name) == 0 && klp_streq(name, module))
		return true;
	return klp_kmod_lookup(kmod, argument, &names) == 0 && klp_strv_has(&names, module);
}

/* Joined like in modprobe: tools/modprobe.c, options_from_array(). */
static void put_option(FILE *stream, const char *option)
{
	const char *value = strchr(option, '=');

	if (ftell(stream) > 0)
		fputc(' ', stream);
	if (value && value[1] != '"' && value[1] != '\'' && strchr(value + 1, ' '))
		fprintf(stream, "%.*s\"%s\"", (int)(value + 1 - option), option, value + 1);
	else
		fputs(option, stream);
}

/* The index of the first option, after the module's name; argc: there are none. */
static int find_options(struct klp_kmod *kmod, int argc, char **argv, const char *module)
{
	bool is_list = false;
	int c;

	optind = 0; /* for glibc and musl: from the start */
	opterr = 0;
	while ((c = getopt_long(argc, argv, short_options, long_options, NULL)) != -1)
		is_list |= c == 'a' || c == 'r';
	if (is_list || optind >= argc || !is_module(kmod, argv[optind], module))
		return argc;
	return optind + 1;
}

char *modprobe_options(struct klp_kmod *kmod, const char *module)
{
	_cleanup_strv_ struct klp_strv arguments = { 0 };
	_cleanup_free_ char *options = NULL, *configured = NULL;
	const char *program;
	size_t size;
	FILE *stream;
	int argc, at;

	if (read_arguments(klp_caller_parent(getppid()), &arguments) < 0 || !arguments.n)
		return NULL;
	program = strrchr(arguments.v[0], '/');
	if (!klp_streq(program ? program + 1 : arguments.v[0], "modprobe"))
		return NULL;
	argc = (int)arguments.n;
	at = find_options(kmod, argc, arguments.v, module);
	if (at == argc || !(stream = open_memstream(&options, &size)))
		return NULL;
	configured = klp_kmod_options(kmod, module);
	fputs(configured ? configured : "", stream);
	for (; at < argc; at++)
		put_option(stream, arguments.v[at]);
	return klp_close_text(stream, &options) < 0 ? NULL : klp_take(options);
}
