/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading and writing whole files. */
#ifndef KLP_WHOLE_FILE_H
#define KLP_WHOLE_FILE_H

#include "shared/util.h"

/* Whether a failed read says nothing about the contents: a lack of memory or descriptors,
 * or a disk error. */
bool klp_is_passing(int err);
/* Whether memory or descriptors lack. */
bool klp_is_lack(int err);

/* Whether two paths lead to one existing file. */
bool klp_is_same_file(const char *a, const char *b);

/* Read a whole regular file of at most @max bytes.  Adds a NUL, which *size does not count.
 * @size may be NULL.  0, -EFBIG, -EISDIR, -ESPIPE, -ENOMEM or an errno. */
int klp_read_file(const char *path, size_t max, char **data, size_t *size);
/* The same for a text: -EILSEQ if it contains a NUL. */
int klp_read_text(const char *path, size_t max, char **text);
int klp_mkdir_parents(const char *path);

/* Write @size bytes to @path by a temporary file in its directory, fsync and rename, so
 * that the file is the old one or the new one, never a part.  Makes a missing directory,
 * and removes temporary files of dead processes.  0 or an errno. */
int klp_write_whole(const char *path, const char *data, size_t size);
/* The same, but leave the file alone if it already has these contents. */
int klp_write_if_changed(const char *path, const char *data, size_t size);
/* Like klp_write_whole() for a file that may be lost in a crash: does not wait for the
 * disk. */
int klp_write_unsynced(const char *path, const char *data, size_t size);
/* Unlink @path; a missing file is no error. */
int klp_remove_file(const char *path);

#endif /* KLP_WHOLE_FILE_H */
