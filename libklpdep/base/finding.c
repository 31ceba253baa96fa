/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Findings of verify, with getters. */
#include "config.h"

#include "libklpdep/base/context.h"
#include "libklpdep/base/finding.h"

KLP_GETTER(enum klpdep_severity, klpdep_finding_get_severity, klpdep_finding, severity)
KLP_GETTER(const char *, klpdep_finding_get_code, klpdep_finding, code)
KLP_GETTER(const char *, klpdep_finding_get_patch, klpdep_finding, patch)
KLP_GETTER(const char *, klpdep_finding_get_file, klpdep_finding, file)
KLP_GETTER(const char *, klpdep_finding_get_object, klpdep_finding, object)
KLP_GETTER(const char *, klpdep_finding_get_subject, klpdep_finding, subject)
KLP_GETTER(const char *, klpdep_finding_get_message, klpdep_finding, message)

const char *klpdep_severity_name(enum klpdep_severity severity)
{
	static const char *const names[] = {
		[KLPDEP_NOTE] = "note",
		[KLPDEP_WARNING] = "warning",
		[KLPDEP_ERROR] = "error",
	};

	return klp_name_of(names, severity);
}
