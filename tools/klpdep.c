/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep: finds the command, reads the options that all commands have, and runs it. */
#include "config.h"

#include <signal.h>

#include "tools/suggest.h"
#include "tools/table.h"

static const struct command *const commands[] = {
	&command_depmod,
	&command_deps,
	&command_graph,
	&command_info,
	&command_list,
	&command_mask,
	&command_plan,
	&command_report,
	&command_reset_failed,
	&command_status,
	&command_sync,
	&command_unload,
	&command_unmask,
	&command_verify,
};

static const char common_help[] =
	"  -b, --basedir DIR   work on the system below DIR\n"
	"  -k, --kernel VER    work on that kernel, not the running one\n"
	"  -C, --config DIR    read the configuration from DIR\n"
	"  -q, --quiet         print errors only\n"
	"  -v, --verbose       print more; -vv: much more\n"
	"  -h, --help          show this\n"
	"  -V, --version       show the version\n";

static const char table_help[] =
	"  -o, --output COLS   print these columns, divided by commas\n"
	"      --json          print JSON\n"
	"      --raw           print columns divided by single spaces\n"
	"      --noheadings    print no headings\n";

static const struct option common_options[] = {
	{ "basedir", required_argument, NULL, 'b' },
	{ "kernel", required_argument, NULL, 'k' },
	{ "config", required_argument, NULL, 'C' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};

/* getopt_long(3) sets some of its members. */
static struct tool tool;

static const struct option table_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "json", no_argument, &tool.json, true },
	{ "raw", no_argument, &tool.raw, true },
	{ "noheadings", no_argument, &tool.noheadings, true },
};

/* ---- help -------------------------------------------------------------------------- */

static void print_help(FILE *stream)
{
	fputs("Usage: klpdep COMMAND [OPTIONS] [ARGUMENTS]\n"
	      "\n"
	      "Find out which livepatch belongs to which module, and load them together.\n"
	      "\n"
	      "Commands:\n",
	      stream);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(commands); i++)
		fprintf(stream, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(stream,
		"\nOptions of all commands:\n%s"
		"\n'klpdep COMMAND --help' shows the options of a command.\n",
		common_help);
}

static void print_command_help(const struct command *command)
{
	printf("Usage: klpdep %s [OPTIONS]%s%s\n\n%s\n\n", command->name,
	       *command->arguments ? " " : "", command->arguments, command->summary);
	if (command->help)
		fputs(command->help, stdout);
	if (command->layouts)
		fputs(table_help, stdout);
	fputs(common_help, stdout);
	if (!command->layouts)
		return;
	table_print_columns(command->layouts);
	printf("\nJSON is as " SCHEMA_DIR "/%s.json says.\n", command->name);
}

/* A full disk or a closed pipe is a failure, too. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	tool_error(&tool, "standard output: %s", strerror(errno));
	return TOOL_FAILED;
}

/* ---- options ----------------------------------------------------------------------- */

static size_t count_options(const struct option *options)
{
	size_t n = 0;

	while (options && options[n].name)
		n++;
	return n;
}

/* 0 or -ENOMEM. */
static int take_common(int option, char *argument)
{
	switch (option) {
	case 'b':
		tool.basedir = argument;
		break;
	case 'k':
		tool.kernel_given = true;
		return klp_set_string(&tool.kernel, argument);
	case 'C':
		tool.config_dir = argument;
		break;
	case 'q':
		tool.quiet = true;
		break;
	case 'v':
		tool.verbosity++;
		break;
	case 'o':
		tool.columns = argument;
		break;
	}
	return 0;
}

/* A command's own options come first, so that its letters take precedence over a
 * table's. */
static struct option *join_options(const struct command *command)
{
	size_t own = count_options(command->long_options), n = 0;
	struct option *all = calloc(own + KLP_ARRAY_SIZE(common_options) +
					    KLP_ARRAY_SIZE(table_options) + 1,
				    sizeof(*all));

	if (!all)
		return NULL;
	for (size_t i = 0; i < own; i++)
		all[n++] = command->long_options[i];
	for (size_t i = 0; i < KLP_ARRAY_SIZE(common_options); i++)
		all[n++] = common_options[i];
	for (size_t i = 0; command->layouts && i < KLP_ARRAY_SIZE(table_options); i++)
		all[n++] = table_options[i];
	return all;
}

static bool is_own_option(const struct command *command, int option)
{
	if (option < 256 && command->short_options &&
	    strchr(command->short_options, option))
		return true;
	return option >= OPTION_OF_COMMAND;
}

/* getopt(3) has printed the error; @typed is where it stopped. */
static int suggest_option(const struct option *options, const char *typed)
{
	struct suggestion suggestion = { .typed = klp_after_prefix(typed, "--") };

	for (; suggestion.typed && options->name; options++)
		suggestion_try(&suggestion, options->name);
	if (suggestion.word)
		fprintf(stderr, "Did you mean '--%s'?\n", suggestion.word);
	return tool_suggest_help(&tool);
}

/* 0 to go on, -1 if everything is done, TOOL_USAGE or TOOL_FAILED. */
static int parse_options(const struct command *command, int argc, char **argv)
{
	_cleanup_free_ struct option *options = join_options(command);
	char letters[64];
	int c;

	if (!options)
		return tool_no_memory(&tool);
	snprintf(letters, sizeof(letters), "%sb:k:C:qvhV%s",
		 command->short_options ? command->short_options : "",
		 command->layouts ? "o:" : "");
	while ((c = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		switch (c) {
		case 0: /* getopt has set a flag */
			break;
		case 'h':
			print_command_help(command);
			return -1;
		case 'V':
			puts("klpdep " PACKAGE_VERSION);
			return -1;
		case '?':
			return suggest_option(options, optopt ? "" : argv[optind - 1]);
		default:
			if (is_own_option(command, c)) {
				if (command->option(&tool, c, optarg) != 0)
					return TOOL_USAGE;
			} else if (take_common(c, optarg) < 0) {
				return tool_no_memory(&tool);
			}
		}
	}
	return 0;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	_cleanup_ctx_ struct klpdep_ctx *ctx = NULL;
	int status;

	/* testsuite/faults calls main() many times. */
	tool = (struct tool){ .command = command->name };
	if (klpdep_new(&ctx) < 0)
		return tool_no_memory(&tool);
	tool.ctx = ctx;
	status = parse_options(command, argc, argv);
	if (status == 0) {
		status = tool_set_up(&tool);
		if (status == 0)
			status = command->run(&tool, argc - optind, argv + optind);
	} else if (status < 0) {
		status = TOOL_OK;
	}
	free(tool.kernel);
	return finish(status);
}

static const struct command *find_command(const char *word)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(commands); i++) {
		if (klp_streq(commands[i]->name, word))
			return commands[i];
	}
	return NULL;
}

static int unknown_command(const char *word)
{
	struct suggestion suggestion = { .typed = word };

	for (size_t i = 0; i < KLP_ARRAY_SIZE(commands); i++)
		suggestion_try(&suggestion, commands[i]->name);
	if (suggestion.word)
		return tool_usage(&tool,
				  "'%s' is not a command; did you mean '%s'?", word,
				  suggestion.word);
	return tool_usage(&tool, "'%s' is not a command%s", word,
			  *word == '-' ? "; options stand behind one" : "");
}

static int print_help_of(const char *word)
{
	const struct command *command = find_command(word);

	if (!command)
		return unknown_command(word);
	print_command_help(command);
	return finish(TOOL_OK);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct command *command = find_command(word);
	char name[32];

	if (klp_streq(word, "help") && argc > 2)
		return print_help_of(argv[2]);
	if (klp_streq(word, "-h") || klp_streq(word, "--help") ||
	    klp_streq(word, "help")) {
		print_help(stdout);
		return finish(TOOL_OK);
	}
	if (klp_streq(word, "-V") || klp_streq(word, "--version")) {
		puts("klpdep " PACKAGE_VERSION);
		return finish(TOOL_OK);
	}
	if (argc < 2) {
		print_help(stderr);
		return TOOL_USAGE;
	}
	if (!command)
		return unknown_command(word);
	/* Files that exceed a limit are reported and removed. */
	signal(SIGXFSZ, SIG_IGN);
	/* getopt(3) prints argv[0] in its messages. */
	snprintf(name, sizeof(name), "klpdep %s", word);
	argv[1] = name;
	return run_command(command, argc - 1, argv + 1);
}
