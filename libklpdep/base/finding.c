/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings of verify, with getters. */
#include "config.h"

#include "libklpdep/base/context.h"
#include "libklpdep/base/finding.h"

enum klpdep_severity klpdep_finding_get_severity(const struct klpdep_finding *finding)
{
	return finding->severity;
}

const char *klpdep_finding_get_code(const struct klpdep_finding *finding)
{
	return finding->code;
}

const char *klpdep_finding_get_patch(const struct klpdep_finding *finding)
{
	return finding->patch;
}

const char *klpdep_finding_get_file(const struct klpdep_finding *finding)
{
	return finding->file;
}

const char *klpdep_finding_get_object(const struct klpdep_finding *finding)
{
	return finding->object;
}

const char *klpdep_finding_get_subject(const struct klpdep_finding *finding)
{
	return finding->subject;
}

const char *klpdep_finding_get_message(const struct klpdep_finding *finding)
{
	return finding->message;
}

const char *klpdep_severity_name(enum klpdep_severity severity)
{
	static const char *const names[] = {
		[KLPDEP_NOTE] = "note",
		[KLPDEP_WARNING] = "warning",
		[KLPDEP_ERROR] = "error",
	};

	return klp_name_of(names, severity);
}
