/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* klpdep report: everything that a bug report needs, in one text. */
#include "config.h"

#include <fcntl.h>
#include <sys/utsname.h>

#include "tools/report.h"

/* If a part fails, its place in the report has the error, and the report goes on. */
static void begin(const char *title)
{
	printf("\n## %s\n", title);
}

/* ---- the host ---------------------------------------------------------------------- */

static bool is_pretty_name(const void *data, const char *line)
{
	(void)data;
	return klp_after_prefix(line, "PRETTY_NAME=");
}

/* The kernel command line may have secrets: print only parameters of klpdep, or about
 * loading modules. */
static void show_command_line(void)
{
	static const char *const ours[] = { "klpdep=",	     "klpdep.",		  "module.",
					    "module_blacklist=", "modprobe.blacklist=", "lockdown=" };
	_cleanup_strv_ struct klp_strv words = { 0 };
	_cleanup_free_ char *line = NULL;
	FILE *file = fopen("/proc/cmdline", "re");
	size_t size = 0;

	if (!file)
		return;
	if (getline(&line, &size, file) > 0)
		klp_strv_split(&words, line, " \n");
	fclose(file);
	for (size_t i = 0; i < words.n; i++) {
		for (size_t j = 0; j < KLP_ARRAY_SIZE(ours); j++) {
			if (!klp_after_prefix(words.v[i], ours[j]))
				continue;
			klp_clean_text(words.v[i]);
			printf("command line: %s\n", words.v[i]);
		}
	}
}

static void show_versions(struct tool *tool)
{
	struct utsname uts;

	begin("versions");
	printf("klpdep %s, built with libkmod %s\n", klpdep_get_version(), LIBKMOD_VERSION);
	printf("kernel %s\n", tool->kernel);
	if (uname(&uts) == 0)
		printf("running %s %s %s\n", uts.release, uts.version, uts.machine);
	report_file(tool, "/etc/os-release", is_pretty_name, NULL);
	if (!klpdep_is_running(tool->ctx, tool->kernel))
		return;
	show_command_line();
	report_file(tool, "/proc/sys/kernel/tainted", NULL, NULL);
	report_file(tool, "/proc/sys/kernel/modules_disabled", NULL, NULL);
	report_file(tool, "/sys/kernel/security/lockdown", NULL, NULL);
}

static void show_configuration(struct tool *tool)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	const char *directory;

	begin("configuration");
	if (tool->config_dir)
		printf("--config %s\n", tool->config_dir);
	report_directory(tool, SYSCONF_DIR "/klpdep.d", ".conf", NULL, NULL);
	report_directory(tool, "/run/klpdep.d", ".conf", NULL, NULL);
	report_directory(tool, "/usr/local/lib/klpdep.d", ".conf", NULL, NULL);
	report_directory(tool, "/usr/lib/klpdep.d", ".conf", NULL, NULL);
	if (tool_read_config(tool, &config) != TOOL_OK)
		return;
	for (size_t i = 0; (directory = klpdep_config_get_directory(config, i)); i++)
		printf("directory %s\n", directory);
}

/* ---- other commands ---------------------------------------------------------------- */

/* Print the same as "klpdep COMMAND -o COLUMNS". */
static void show_command(struct tool *tool, const struct command *command, const char *columns)
{
	char none[] = "";
	char *argv[] = { none, NULL };
	int status;

	tool->command = command->name;
	tool->columns = columns;
	begin(command->name);
	status = command->run(tool, 0, argv + 1);
	if (status != TOOL_OK)
		printf("exit status %d\n", status);
	tool->command = command_report.name;
}

static void show_index(struct tool *tool, const struct klpdep_index *index)
{
	bool due = false;

	begin("index");
	printf("%zu patches\n", klpdep_index_count_patches(index));
	if (klpdep_depmod_is_due(tool->ctx, tool->kernel, &due) == 0)
		printf("depmod is %sdue\n", due ? "" : "not ");
}

/* ---- modprobe.d -------------------------------------------------------------------- */

static const char *const modprobe_dirs[] = { SYSCONF_DIR "/modprobe.d", "/run/modprobe.d",
					     "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d" };

/* Module options may have secrets: leave them out.  klpdep's own lines have a section. */
static bool is_about_modules(const void *data, const char *line)
{
	static const char *const kinds[] = { "install", "remove", "softdep", "blacklist", "weakdep" };
	_cleanup_strv_ struct klp_strv words = { 0 };
	const struct klpdep_index *index = data;
	char name[KLP_MODULE_NAME_LEN];
	bool known = false;

	if (klp_strv_split(&words, line, " \t") < 0 || words.n < 2)
		return false;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(kinds); i++)
		known |= klp_streq(words.v[0], kinds[i]);
	if (!known || strstr(line, HELPER_PATH))
		return false;
	/* A pattern may match any of them. */
	if (klp_is_glob(words.v[1]))
		return true;
	return klp_name_normalize(words.v[1], name) == 0 &&
	       (klpdep_index_find_edge(index, name, 0) || klpdep_index_find_patch(index, name));
}

static void show_modprobe_d(struct tool *tool, const struct klpdep_index *index)
{
	begin("rules");
	report_file(tool, RULES_DIR "/" SOFTDEP_FILE, NULL, NULL);
	report_file(tool, RULES_DIR "/" RULES_FILE, NULL, NULL);
	begin("lines of others in modprobe.d that may be about patches or targets");
	for (size_t i = 0; i < KLP_ARRAY_SIZE(modprobe_dirs); i++)
		report_directory(tool, modprobe_dirs[i], ".conf", is_about_modules, index);
}

/* ---- logs -------------------------------------------------------------------------- */

static bool is_about_us(const void *data, const char *line)
{
	(void)data;
	return strstr(line, "livepatch") || strstr(line, "klpdep");
}

enum { LOG_LINES = 50 };

/* Each read(2) returns one record, of up to 8 KiB.  At the end, it would wait for
 * more. */
static void show_kernel_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	FILE *stream = fd >= 0 ? fdopen(fd, "r") : NULL;

	begin("kernel log");
	if (!stream) {
		printf("cannot be read: %s\n", strerror(errno));
		return;
	}
	setvbuf(stream, NULL, _IOFBF, 16384);
	report_last_lines(stream, LOG_LINES, is_about_us, NULL);
	fclose(stream);
}

/* The journal's library would be one more that klpdep needs.  The shell's command is
 * constant. */
static void show_journal(void)
{
	/* NOLINTNEXTLINE(cert-env33-c) */
	FILE *stream = popen("journalctl --no-pager -q -n 50 -t klpdep", "re");
	int status;

	begin("journal");
	if (!stream) {
		printf("cannot be read: %s\n", strerror(errno));
		return;
	}
	report_last_lines(stream, LOG_LINES, is_about_us, NULL);
	status = pclose(stream);
	if (status != 0)
		printf("journalctl: exit status %d\n",
		       WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

static void show_kept(struct tool *tool)
{
	begin("kept until the next start of the machine");
	report_directory(tool, RUN_DIR, "", NULL, NULL);
	report_directory(tool, RUN_DIR "/inserted", "", NULL, NULL);
}

/* ---- the command ------------------------------------------------------------------- */

static int report_run(struct tool *tool, int argc, char **argv)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	const struct klpdep_index *index;
	bool is_live = klpdep_is_running(tool->ctx, tool->kernel);

	if (argc > 0)
		return tool_usage(tool, "unexpected argument '%s'", argv[0]);
	/* One text: errors also go to standard output, in the place where they belong. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (dup2(STDOUT_FILENO, STDERR_FILENO) < 0 || setenv("NO_COLOR", "1", 1) < 0)
		return TOOL_FAILED;
	puts("klpdep report");
	if (geteuid() != 0)
		puts("not run as root: logs, and the tasks that hold up a transition, may not be seen");
	show_versions(tool);
	show_configuration(tool);
	show_command(tool, &command_list, "target,patch,order,state,set,fixes,reason,rule,file");
	if (is_live)
		show_command(tool, &command_status, "target,patch,loaded,enabled,patched,state,reason");
	show_command(tool, &command_verify, NULL);
	tool_open(tool, 0, &view);
	index = view ? klpdep_view_get_index(view) : NULL;
	if (index) {
		show_index(tool, index);
		show_modprobe_d(tool, index);
	}
	if (is_live) {
		show_kept(tool);
		show_kernel_log();
		show_journal();
	}
	return TOOL_OK;
}

const struct command command_report = {
	.name = "report",
	.arguments = "",
	.summary = "print what a report of a bug needs, in one text",
	.run = report_run,
};
