/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module options on modprobe's command line. */
#ifndef KLP_MODPROBE_OPTIONS_H
#define KLP_MODPROBE_OPTIONS_H

#include "libklpdep/host/kmod.h"

/* The options for a module whose install rule runs this process: those of modprobe.d(5),
 * and those after the module's name if the modprobe(8) that runs the rule was asked for
 * this module.  The caller frees.  NULL: only those of modprobe.d, or no memory. */
char *modprobe_options(struct klp_kmod *kmod, const char *module);

#endif /* KLP_MODPROBE_OPTIONS_H */
