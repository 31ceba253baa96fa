/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration directories as modprobe.d(5) has them. */
#ifndef KLP_CONF_FILES_H
#define KLP_CONF_FILES_H

#include "libklpdep/base/context.h"

/*
 * The paths of all *.conf files of the directories, in the order of their base names.
 * Of several with one base name the first directory's counts; it masks the others even
 * when it is a link to /dev/null, and is then left out itself.
 *
 * @dirs: absolute directories, most important first, NULL at the end; taken below the
 *        context's root
 *
 * 0, -ENOMEM or, where the log has said which file it is about, an errno other than of a
 * directory that is not there.
 */
int klp_conf_files(struct klpdep_ctx *ctx, const char *const *dirs,
		   struct klp_strv *files);

/* The same of those that modprobe(8) reads. */
int klp_conf_modprobe_files(struct klpdep_ctx *ctx, struct klp_strv *files);

/* A file of modprobe.d(5) or depmod.d(5), in which a backslash at its end has a line go on in
 * the next.  One that cannot be read is empty, as for kmod.  0 or -ENOMEM. */
int klp_conf_read_wrapped(const char *file, char **text);

#endif /* KLP_CONF_FILES_H */
