/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which lines of the kernel's log tell the cause of a refusal. */
#include "config.h"

#include <syslog.h>

#include "libklpdep/live/refusal.h"

#define TWICE "sysfs: cannot create duplicate filename '/kernel/livepatch/"

/* The beginning of a line; % is the module's name. */
struct telling {
	const char *start;
	enum klpdep_refusal class;
	int err;      /* the line names no module, and counts only for this errno; or 0 */
	bool is_weak; /* it tells that something failed, but not why */
};

/*
 * Linux 6.1 and 6.12: kernel/module/main.c, version.c and signing.c;
 * security/lockdown/lockdown.c; kernel/livepatch/core.c and patch.c; fs/sysfs/dir.c,
 * sysfs_warn_dup().  The first match counts.
 */
static const struct telling tellings[] = {
	{ "Loading of ", KLPDEP_REFUSAL_SIGNATURE, -EKEYREJECTED, false },
	{ "Lockdown: ", KLPDEP_REFUSAL_SIGNATURE, -EPERM, false },
	{ "Module % is blacklisted", KLPDEP_REFUSAL_OTHER, 0, false },
	{ "Invalid ELF ", KLPDEP_REFUSAL_OTHER, -ENOEXEC, false },
	{ "ELF Spec violation: ", KLPDEP_REFUSAL_OTHER, -ENOEXEC, false },
	{ "%: version magic ", KLPDEP_REFUSAL_VERMAGIC, 0, false },
	{ "%: Unknown symbol ", KLPDEP_REFUSAL_SYMBOL, 0, false },
	{ "%: disagrees about version of symbol ", KLPDEP_REFUSAL_SYMBOL, 0, false },
	{ "%: exports duplicate symbol ", KLPDEP_REFUSAL_SYMBOL, 0, false },
	{ TWICE "%/", KLPDEP_REFUSAL_OTHER, 0, false },
	{ "livepatch: Livepatch patch (%) is not compatible ", KLPDEP_REFUSAL_STATE, 0, false },
	{ "livepatch: failed to register ftrace handler ", KLPDEP_REFUSAL_FTRACE, 0, false },
	{ "livepatch: failed to set ftrace filter ", KLPDEP_REFUSAL_FTRACE, 0, false },
	{ "livepatch: failed to find location ", KLPDEP_REFUSAL_FTRACE, 0, false },
	{ "livepatch: symbol ", KLPDEP_REFUSAL_SYMBOL, 0, false },
	{ "livepatch: unresolvable ambiguity ", KLPDEP_REFUSAL_SYMBOL, 0, false },
	{ "livepatch: invalid access to vmlinux symbol ", KLPDEP_REFUSAL_SYMBOL, 0, false },
	{ "livepatch: kallsyms size lookup failed ", KLPDEP_REFUSAL_SYMBOL, 0, false },
	{ "livepatch: pre-patch callback failed ", KLPDEP_REFUSAL_OTHER, 0, false },
	{ "livepatch: failed to ", KLPDEP_REFUSAL_OTHER, 0, true },
	{ "livepatch: section ", KLPDEP_REFUSAL_OTHER, 0, true },
	{ "livepatch: module % is not marked ", KLPDEP_REFUSAL_OTHER, 0, true },
	{ "module %: ", KLPDEP_REFUSAL_OTHER, 0, true },
	{ "%: ", KLPDEP_REFUSAL_OTHER, 0, true },
};

static bool begins(const char *line, const char *start, const char *module)
{
	for (; *start; start++) {
		const char *rest = *start == '%' ? klp_after_prefix(line, module) : NULL;

		if (*start == '%' ? !rest : *line != *start)
			return false;
		line = rest ? rest : line + 1;
	}
	return true;
}

/* The kernel also warns that a module taints it. */
static bool is_chatter(const char *line, unsigned int severity)
{
	return severity > LOG_WARNING || strstr(line, "taint");
}

void klp_refusal_hear(struct klp_refusal *refusal, const char *line, unsigned int severity,
		      const char *module, int err)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(tellings) && !refusal->is_cause; i++) {
		const struct telling *telling = &tellings[i];

		if ((telling->err && telling->err != err) ||
		    !begins(line, telling->start, module))
			continue;
		if (telling->is_weak && (*refusal->text || is_chatter(line, severity)))
			return;
		refusal->class = telling->class;
		refusal->is_cause = !telling->is_weak;
		snprintf(refusal->text, sizeof(refusal->text), "%s", line);
		klp_clean_text(refusal->text);
	}
}

bool klp_refusal_is_duplicate(const struct klp_refusal *refusal)
{
	return klp_after_prefix(refusal->text, TWICE);
}
