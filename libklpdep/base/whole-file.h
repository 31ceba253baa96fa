/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that are read or written as a whole. */
#ifndef KLP_WHOLE_FILE_H
#define KLP_WHOLE_FILE_H

#include "shared/util.h"

/* Whether something may well be good and could not be read all the same: for lack of
 * memory or descriptors, say, or because the disk failed; and not by what it is. */
bool klp_is_passing(int err);

/* Whether two paths lead to one file that is there. */
bool klp_is_same_file(const char *a, const char *b);

/* Read a whole regular file of at most @max bytes; a NUL is added that *size does not
 * count.  @size may be NULL.  0, -EFBIG, -EISDIR, -ESPIPE, -ENOMEM or an errno. */
int klp_read_file(const char *path, size_t max, char **data, size_t *size);
/* The same of a text; -EILSEQ where there is a NUL in it. */
int klp_read_text(const char *path, size_t max, char **text);
int klp_mkdir_parents(const char *path);

/* Write @size bytes to @path by way of a temporary file in its directory,
 * fsync and rename, so that there is the old file or the new one and never a part.  The
 * directory is made where it is missing, and temporary files are removed whose owner has
 * died.  0 or an errno. */
int klp_write_whole(const char *path, const char *data, size_t size);
/* The same, but leaves a file alone that holds just this already. */
int klp_write_if_changed(const char *path, const char *data, size_t size);
/* Like klp_write_whole() for what may be lost in a crash: nothing waits for the disk. */
int klp_write_unsynced(const char *path, const char *data, size_t size);
/* Unlink @path; that it is not there is no error. */
int klp_remove_file(const char *path);

#endif /* KLP_WHOLE_FILE_H */
