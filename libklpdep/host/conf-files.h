/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration directories like those of modprobe.d(5). */
#ifndef KLP_CONF_FILES_H
#define KLP_CONF_FILES_H

#include "libklpdep/base/context.h"

/*
 * The paths of all *.conf files of the directories, sorted by base name.  If several have
 * one base name, the first directory's counts.  It masks the others even if it is a link to
 * /dev/null, and is then left out itself.
 *
 * @dirs: absolute directories, most important first, NULL at the end; below the context's
 * root
 *
 * 0, -ENOMEM, or an errno, except that of a missing directory; the log names the file.
 */
int klp_conf_files(struct klpdep_ctx *ctx, const char *const *dirs,
		   struct klp_strv *files);

/* The files that modprobe(8) reads, in its order: by name, over all directories.  @flags: of
 * enum klp_kmod_flags. */
int klp_conf_modprobe_files(struct klpdep_ctx *ctx, unsigned int flags,
			    struct klp_strv *files);

/* Call @take for the words of each line of some files of modprobe.d(5) or depmod.d(5), until
 * it returns non-zero; returns that.  0 or -ENOMEM. */
int klp_conf_lines(const struct klp_strv *files,
		   int (*take)(void *data, const struct klp_strv *words), void *data);

#endif /* KLP_CONF_FILES_H */
