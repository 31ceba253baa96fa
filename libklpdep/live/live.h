/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the running kernel says of modules and patches, in sysfs. */
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
	KLP_PATCH_COMING,    /* being inserted by somebody */
	KLP_PATCH_ENABLING,  /* in transition */
	KLP_PATCH_ENABLED,
	KLP_PATCH_DISABLING, /* in transition, the other way */
	KLP_PATCH_DEAD,      /* disabled or replaced: loaded, and good for nothing */
};

/* Whether there is anything to be seen here of what the kernel has loaded: 0, or the
 * errno of looking for it. */
int klp_live_visible(void);
/* Whether the kernel can livepatch at all. */
bool klp_live_supported(void);

enum klp_module_state klp_live_module(const char *name);
/* Whether there is something to patch: vmlinux, or a module, whatever state it is in. */
bool klp_live_has_object(const char *name);
enum klp_patch_state klp_live_patch(const char *name);

/* The modules that are in the kernel, and what is built in and has parameters. */
int klp_live_modules(struct klp_strv *names);
/* Whether a module that is in the kernel is a patch, be it alive or dead. */
bool klp_live_is_patch(const char *name);

/* Whether a module that is in the kernel is of another build than @patch is, or has other
 * sources; false where that cannot be told.  Debian's modules have no srcversion, but a
 * build-id in /sys/module/NAME/notes, which anybody can read. */
bool klp_live_other_build(const struct klpdep_patch *patch);

/* The module's use count, or -1 when it cannot be told. */
long klp_live_refcount(const char *name);
/* The modules that hold a reference to the module. */
int klp_live_holders(const char *name, struct klp_strv *holders);

/* The objects that a loaded patch patches, by its directory in sysfs. */
int klp_live_objects(const char *patch, struct klp_strv *objects);

/* Whether a patch replaces all others, as sysfs says since Linux 6.11; else unknown. */
enum klpdep_replace klp_live_replace(const char *patch);
/* Its place in the stack of patches, from 1, as sysfs says since Linux 6.14; or -1. */
long klp_live_stack_order(const char *patch);

/* A loaded patch as sysfs shows it: name, version, objects and functions, and the set that
 * its name gives; *patch is the caller's.  -ENOENT when it is not loaded or dead. */
int klp_live_read(const char *name, struct klpdep_patch **patch);

/* Whether a patch is applied to an object: 1, 0, or -1 where the kernel does not say
 * (before 6.1, or the object is not one of the patch's). */
int klp_live_patched(const char *patch, const char *object);

/* Start to disable a patch, or reverse its transition.  0 or the kernel's errno. */
int klp_live_disable(const char *patch);

/* The name of the patch whose transition is running, or "". */
void klp_live_transition(char name[KLP_MODULE_NAME_LEN]);
bool klp_live_in_transition(const char *patch);

/* The process that holds a flock(2) of the file, other than this one's; 0 when that
 * cannot be told. */
pid_t klp_live_lock_holder(int fd);

/* Whether the kernel leaves klp relocations for a module in a patch when the module goes, and then
 * refuses the module with ENOEXEC when it comes again: before Linux 6.3. */
bool klp_live_keeps_relocs(void);

/* Whether this is an initrd of dracut's, mkinitcpio's or initramfs-tools'. */
bool klp_live_in_initrd(void);

/* Made when klpdep sync was run since the machine was started. */
#define KLP_SYNCED RUN_DIR "/synced"

/* Why no patch is wanted in this kernel, whatever else there is; NULL: they are. */
const char *klp_live_switched_off(void);

/* Append the values of a parameter of the kernel command line, which may be there several
 * times, and have several values with commas between.  0 or -ENOMEM. */
int klp_live_parameter(const char *parameter, struct klp_strv *values);

#endif /* KLP_LIVE_H */
