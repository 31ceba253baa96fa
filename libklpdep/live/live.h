/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of modules and patches in the running kernel, from sysfs and procfs. */
#ifndef KLP_LIVE_H
#define KLP_LIVE_H

#include <sys/types.h>

#include "libklpdep/live/paths.h"
#include "libklpdep/livepatch/patch.h"

enum klp_module_state {
	KLP_MODULE_ABSENT,
	KLP_MODULE_COMING,
	KLP_MODULE_LIVE,
	KLP_MODULE_GOING,
};

enum klp_patch_state {
	KLP_PATCH_ABSENT,
	KLP_PATCH_COMING,    /* a process is inserting it */
	KLP_PATCH_ENABLING,  /* in transition */
	KLP_PATCH_ENABLED,
	KLP_PATCH_DISABLING, /* in transition, the other way */
	KLP_PATCH_DEAD,      /* disabled or replaced: loaded, but without effect */
};

/* Whether sysfs shows the loaded modules here: 0 or an errno. */
int klp_live_visible(void);
/* Whether the kernel supports livepatching. */
bool klp_live_supported(void);

enum klp_module_state klp_live_module(const char *name);
/* Whether an object is in the kernel: vmlinux, or a module in any state. */
bool klp_live_has_object(const char *name);
enum klp_patch_state klp_live_patch(const char *name);

/* The modules in the kernel, and built-in ones that have parameters. */
int klp_live_modules(struct klp_strv *names);
/* Whether a module in the kernel is a patch, alive or dead. */
bool klp_live_is_patch(const char *name);

/* Whether the loaded module is another build than @patch, or has other sources; false if
 * neither is known.  Debian's modules have no srcversion, but a build-id in
 * /sys/module/NAME/notes, which every user can read. */
bool klp_live_other_build(const struct klpdep_patch *patch);

/* The module's use count; -1: not known. */
long klp_live_refcount(const char *name);
/* The modules that hold a reference to the module. */
int klp_live_holders(const char *name, struct klp_strv *holders);

/* The objects of a loaded patch, from its directory in sysfs. */
int klp_live_objects(const char *patch, struct klp_strv *objects);

/* Whether a patch replaces all others.  sysfs has this since Linux 6.11. */
enum klpdep_replace klp_live_replace(const char *patch);
/* Its place in the stack of patches, from 1; or -1.  sysfs has this since Linux 6.14. */
long klp_live_stack_order(const char *patch);

/* Read a loaded patch from sysfs: name, version, objects and functions, and the set from
 * its name.  The caller owns *patch.  -ENOENT if it is not loaded, or dead. */
int klp_live_read(const char *name, struct klpdep_patch **patch);

/* Whether a patch is applied to an object: 1, 0, or -1 if sysfs does not show it (before
 * Linux 6.1, or the patch has no such object). */
int klp_live_patched(const char *patch, const char *object);

/* Begin to disable a patch, or reverse its transition.  0 or the kernel's errno. */
int klp_live_disable(const char *patch);

/* The name of the patch whose transition is running, or "". */
void klp_live_transition(char name[KLP_MODULE_NAME_LEN]);
bool klp_live_in_transition(const char *patch);

/* The other process that holds a flock(2) of the file; 0: not known. */
pid_t klp_live_lock_holder(int fd);

/* Before Linux 6.3, a patch keeps its klp relocations for a module when the module is
 * removed. The kernel then refuses to load the module again, with ENOEXEC. */
bool klp_live_keeps_relocs(void);

/* Whether this is an initrd of dracut, mkinitcpio or initramfs-tools. */
bool klp_live_in_initrd(void);

/* klpdep sync makes this file.  It has run since the last boot. */
#define KLP_SYNCED RUN_DIR "/synced"

/* Why klpdep is off in this kernel, or NULL. */
const char *klp_live_switched_off(void);

/* Append the values of a parameter of the kernel command line.  The parameter may occur
 * several times, and have several values, divided by commas.  0 or -ENOMEM. */
int klp_live_parameter(const char *parameter, struct klp_strv *values);

#endif /* KLP_LIVE_H */
