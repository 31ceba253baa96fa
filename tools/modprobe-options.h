/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options that a module was given on modprobe's command line. */
#ifndef KLP_MODPROBE_OPTIONS_H
#define KLP_MODPROBE_OPTIONS_H

#include "libklpdep/host/kmod.h"

/* The options for a module whose install rule runs this process: those of modprobe.d(5) and, where
 * a modprobe(8) runs the rule that was asked for this module, those behind the module's name.  The
 * caller frees; NULL: those of modprobe.d alone, or no memory. */
char *modprobe_options(struct klp_kmod *kmod, const char *module);

#endif /* KLP_MODPROBE_OPTIONS_H */
