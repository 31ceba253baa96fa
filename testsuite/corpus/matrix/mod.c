/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modpost makes for a module: the rest of .modinfo, and __this_module. */
#include "kernel.h"

MODULE_INFO(depends, "");
MODULE_INFO(name, "corpus");
MODULE_INFO(vermagic, "6.1.0-corpus SMP preempt mod_unload modversions ");

__attribute__((__visibility__("default"))) struct module __this_module
	__section(".gnu.linkonce.this_module") = {
	.name = "corpus",
	.init = init_module,
	.exit = cleanup_module,
};
