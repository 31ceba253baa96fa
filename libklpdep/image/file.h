/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A module's image: the bytes of a file, decompressed if need be.  One function reads them
 * and checks bounds.
 *
 * Nothing here needs a context, so threads can read modules in parallel.  klp_file_fail()
 * stores an error in the file, and whoever reads the file reports it.
 */
#ifndef KLP_FILE_H
#define KLP_FILE_H

#include <elf.h>
#include <stdint.h>
#include <sys/stat.h>

#include "shared/util.h"

/* The largest image, after decompression.  The largest modules with debugging
 * information (amdgpu) have some 400 MB. */
#define KLP_IMAGE_MAX ((uint64_t)512 << 20)

/* A part of a file. */
struct klp_chunk {
	unsigned char *data;
	uint64_t offset;
	uint64_t size;
};

#define KLP_CHUNKS_MAX 32

struct klp_file {
	char *path;
	int fd;
	struct stat st;		/* of the file that was opened */
	uint64_t size;		/* of the image: fits size_t */
	unsigned char head[sizeof(Elf64_Ehdr)]; /* of the file; 0 beyond its end */
	unsigned char *data;	/* the image, if it is in memory as a whole; else NULL */
	struct klp_chunk chunks[KLP_CHUNKS_MAX]; /* the parts that were read */
	size_t n_chunks;
	char *error;		/* the first message of klp_file_fail() */
};

/* Open a module.  A compressed one is decompressed as a whole; of an uncompressed one only
 * the parts that are used are read.  Sets *file even on failure (except -ENOMEM), since it
 * has the message; close it.  0, -EBADMSG, -ENOTSUP, -EFBIG, -ENOMEM or an errno. */
int klp_file_open(const char *path, struct klp_file **file);
/* The same for a file of up to @max bytes, if memory can address that.  Decompression stays
 * limited to KLP_IMAGE_MAX. */
int klp_file_open_max(const char *path, uint64_t max, struct klp_file **file);
/* The same for a module of a tree that matters only if it is a livepatch: also -ENODATA, if
 * the decompressed bytes show that it is none (file-search.c).  @dir is as for openat(2).
 * @built_as: the name of a module of the kernel's own build, or NULL. */
int klp_file_open_livepatch(int dir, const char *path, const char *built_as,
			    struct klp_file **file);
void klp_file_close(struct klp_file *file);
KLP_CLEANUP(struct klp_file *, klp_file_cleanup, klp_file_close(*p))
#define _cleanup_file_ _cleanup_(klp_file_cleanup)

/* The only access to the image: @size bytes at @offset, valid until the file is closed.  A
 * caller who will read a part piece by piece calls it for all of that part first.  After
 * too many parts, the whole image is loaded.  NULL, with *err set, if the bytes do not exist
 * or cannot be read.  *err: -EBADMSG, -ENOMEM or an errno of read(2). */
const unsigned char *klp_file_at(struct klp_file *file, uint64_t offset, uint64_t size,
				 int *err);

/* Load the whole image, before reading all of a module. */
int klp_file_load(struct klp_file *file);

/* Store what is wrong with the file; only the first message is kept.  Returns @err. */
int klp_file_fail(struct klp_file *file, int err, const char *format, ...)
	KLP_PRINTF(3, 4);

/* ---- decompressors ----------------------------------------------------------------- */

/* The output of a decompressor. */
struct klp_sink {
	unsigned char *data;
	size_t size;
	size_t capacity;
	/* For callers that do not want all output: takes the new output, and makes room. */
	int (*look)(struct klp_sink *sink);
};

/* Make room for more output after sink->size.  0; 1 if no more is wanted; -EFBIG if the
 * image would exceed KLP_IMAGE_MAX; -ENOMEM. */
int klp_sink_reserve(struct klp_sink *sink);

/* Decompress @in into @sink: all of it, with all streams, or until no more is wanted.  0, 1
 * or an error.  On -EBADMSG, *why is set to a short text. */
typedef int (*klp_decompress_fn)(const unsigned char *in, size_t size,
				 struct klp_sink *sink, const char **why);

int klp_decompress_gzip(const unsigned char *in, size_t size, struct klp_sink *sink,
			const char **why);
int klp_decompress_xz(const unsigned char *in, size_t size, struct klp_sink *sink,
		      const char **why);
int klp_decompress_zstd(const unsigned char *in, size_t size, struct klp_sink *sink,
			const char **why);

/* Whether the output of @decompress can be a livepatch: 1 if it may be, 0 if it is none, or
 * the decompressor's error. */
int klp_file_search(klp_decompress_fn decompress, const unsigned char *in, size_t size,
		    const char *built_as, const char **why);

#endif /* KLP_FILE_H */
