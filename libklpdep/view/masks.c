/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What masks a patch: klpdep.d(5), blacklists of modprobe.d(5), and both on the command
 * line of the running kernel. */
#include "config.h"

#include <fnmatch.h>

#include "libklpdep/view/view-internal.h"

/* Names of modprobe.d(5) and klpdep.d(5) have underscores here. */
static void normalize(struct klp_strv *words)
{
	for (size_t i = 0; i < words->n; i++)
		klp_pattern_normalize(words->v[i]);
}

int klp_boot_masks_read(struct klp_boot_masks *boot)
{
	int err = klp_live_parameter("klpdep.mask", &boot->patterns);

	if (err == 0)
		err = klp_live_parameter("modprobe.blacklist", &boot->names);
	normalize(&boot->patterns);
	normalize(&boot->names);
	return err;
}

void klp_boot_masks_clear(struct klp_boot_masks *boot)
{
	klp_strv_clear(&boot->patterns);
	klp_strv_clear(&boot->names);
}

static bool is_at(const char **where, const char *text)
{
	if (where)
		*where = text;
	return true;
}

bool klp_view_is_masked(const struct klpdep_view *view, const char *patch,
			const char **where)
{
	if (klp_config_masked(view->config, patch, where))
		return true;
	for (size_t i = 0; i < view->boot.patterns.n; i++) {
		if (fnmatch(view->boot.patterns.v[i], patch, 0) == 0)
			return is_at(where, "klpdep.mask= on the kernel command line");
	}
	return false;
}

bool klp_view_is_blacklisted(const struct klpdep_view *view, const char *patch,
			     const char **where)
{
	if (klp_config_blacklisted(view->config, patch))
		return is_at(where, "blacklist in modprobe.d");
	return klp_strv_has(&view->boot.names, patch) &&
	       is_at(where, "modprobe.blacklist= on the kernel command line");
}
