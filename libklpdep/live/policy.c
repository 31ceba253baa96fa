/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the kernel requires signatures, patches functions and removes modules, and which ftrace
 * entries are taken. */
#include "config.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "libklpdep/live/policy.h"

static bool begin_of(const char *path, char text[64])
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	return f && fgets(text, 64, f);
}

/* kernel/module/signing.c, sig_enforce: "Y"; security/lockdown/lockdown.c,
 * lockdown_read(): "none [integrity] confidentiality".  Both modes forbid
 * LOCKDOWN_MODULE_SIGNATURE. */
const char *klp_live_wants_signatures(void)
{
	char text[64];

	if (begin_of(SYSFS_DIR "/module/module/parameters/sig_enforce", text) && *text == 'Y')
		return "module.sig_enforce";
	if (begin_of(SYSFS_DIR "/kernel/security/lockdown", text) &&
	    (strstr(text, "[integrity]") || strstr(text, "[confidentiality]")))
		return "lockdown";
	return NULL;
}

/* kernel/trace/ftrace.c, __register_ftrace_function(): a livepatch's ops are permanent. */
const char *klp_live_patches_nothing(void)
{
	char text[64];

	return begin_of(PROC_DIR "/sys/kernel/ftrace_enabled", text) && *text == '0' ?
		       "kernel.ftrace_enabled is 0, and so the kernel patches nothing" :
		       NULL;
}

/* kernel/module/main.c, delete_module(2): it checks this before it looks at the name. */
bool klp_live_may_remove(void)
{
	return syscall(SYS_delete_module, "", O_NONBLOCK) == 0 || errno != EPERM;
}

static FILE *open_entries(void)
{
	FILE *f = fopen(SYSFS_DIR "/kernel/tracing/enabled_functions", "re");

	return f ? f : fopen(SYSFS_DIR "/kernel/debug/tracing/enabled_functions", "re");
}

/* kernel/trace/ftrace.c, t_show(): "FUNCTION [MODULE] (COUNT) R I D O M \t..."; I is
 * FTRACE_FL_IPMODIFY, which an entry has for one user at most.  A livepatch sets it, and
 * a kprobe with a post_handler: kernel/kprobes.c, arm_kprobe_ftrace().  Other kprobes do
 * not conflict with a livepatch. */
static bool is_taken(const char *line, char function[512], char module[KLP_MODULE_NAME_LEN])
{
	const char *flags = strchr(line, ')');
	const char *tracer = flags ? strchr(flags, '\t') : NULL;
	const char *mark = flags ? strstr(flags, " I") : NULL;

	strcpy(module, "vmlinux");
	return mark && (!tracer || mark < tracer) &&
	       sscanf(line, "%511s [%55[^]]]", function, module) > 0;
}

static bool is_livepatched(const struct klp_stack *stack, const char *object,
			   const char *function)
{
	for (size_t i = 0; i < stack->n; i++) {
		const struct klpdep_object *found =
			stack->v[i].seen ? klp_patch_find_object(stack->v[i].seen, object) : NULL;

		for (size_t j = 0; found && j < found->n_funcs; j++) {
			if (klp_streq(found->funcs[j].name, function))
				return true;
		}
	}
	return false;
}

int klp_live_taken_entries(const struct klp_stack *stack, struct klp_strv *taken)
{
	_cleanup_fclose_ FILE *f = open_entries();
	_cleanup_free_ char *line = NULL;
	char function[512], module[KLP_MODULE_NAME_LEN], entry[KLP_ENTRY_SIZE];
	size_t size = 0;
	int err = 0;

	while (f && err == 0 && getline(&line, &size, f) > 0) {
		if (!is_taken(line, function, module) || is_livepatched(stack, module, function))
			continue;
		snprintf(entry, sizeof(entry), "%s %s", module, function);
		err = klp_strv_add(taken, entry);
	}
	klp_strv_sort(taken);
	return err;
}
