/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A module's image: the bytes of a file, decompressed where need be, behind one door.
 *
 * Nothing here needs a context, so that threads can read modules side by side.  What is
 * wrong with a file is kept with the file (klp_file_fail) for whoever reports it.
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

#define KLP_KEPT_MAX 6

struct klp_file {
	char *path;
	int fd;
	struct stat st;		/* of the file that was opened */
	uint64_t size;		/* of the image: fits size_t */
	unsigned char head[sizeof(Elf64_Ehdr)]; /* of the file; 0 behind its end */
	unsigned char *data;	/* the image, once it is all in memory; else NULL */
	struct klp_chunk kept[KLP_KEPT_MAX]; /* klp_file_keep() */
	size_t n_kept;
	struct klp_chunk *chunks; /* what was read of it piecewise */
	size_t n_chunks;
	char *error;		/* what klp_file_fail() was told first */
};

/* Open a module.  A compressed one is decompressed whole, an uncompressed one is read
 * only where it is looked at.  *file is set, to be closed, even on failure (but -ENOMEM)
 * so that the message can be had.  0, -EBADMSG, -ENOTSUP, -EFBIG, -ENOMEM or an errno. */
int klp_file_open(const char *path, struct klp_file **file);
/* The same for a file that may be as large as @max and as memory can address;
 * KLP_IMAGE_MAX stays what can be decompressed. */
int klp_file_open_max(const char *path, uint64_t max, struct klp_file **file);
/* The same for a module of a tree that matters only if it is a livepatch: also -ENODATA,
 * where what is decompressed shows that it is none (file-search.c).  @dir is as for
 * openat(2).  @built_as: the name of a module that the kernel's own build made, or
 * NULL. */
int klp_file_open_livepatch(int dir, const char *path, const char *built_as,
			    struct klp_file **file);
void klp_file_close(struct klp_file *file);
KLP_CLEANUP(struct klp_file *, klp_file_cleanup, klp_file_close(*p))
#define _cleanup_file_ _cleanup_(klp_file_cleanup)

/* The door: @size bytes of the image at @offset, valid until the file is closed; NULL,
 * with *err set, when they are not all there or cannot be read.  *err: -EBADMSG,
 * -ENOMEM or an errno of read(2). */
const unsigned char *klp_file_at(struct klp_file *file, uint64_t offset, uint64_t size,
				 int *err);

/* Have the whole image in memory, for a module that is going to be read through. */
int klp_file_load(struct klp_file *file);

/* The same for a part that is gone through bit by bit: all of it is in one place, as long as
 * the file is open.  Where too many are asked for, the whole image is loaded. */
int klp_file_keep(struct klp_file *file, uint64_t offset, uint64_t size);

/* Note what is wrong with the file; only the first note is kept.  Returns @err. */
int klp_file_fail(struct klp_file *file, int err, const char *format, ...)
	KLP_PRINTF(3, 4);

/* ---- decompressors ----------------------------------------------------------------- */

/* Where a decompressor puts its output. */
struct klp_sink {
	unsigned char *data;
	size_t size;
	size_t capacity;
	/* For who does not want all of it: takes what has come since, and makes room. */
	int (*look)(struct klp_sink *sink);
};

/* Room for more output behind sink->size.  0; 1 when no more is wanted; -EFBIG when the
 * image would be larger than KLP_IMAGE_MAX, or -ENOMEM. */
int klp_sink_reserve(struct klp_sink *sink);

/* Decompress @in into @sink: all of it, as several streams may follow each other, or
 * until no more is wanted.  0, 1 or an error; *why is set to a short text on -EBADMSG. */
typedef int (*klp_decompress_fn)(const unsigned char *in, size_t size,
				 struct klp_sink *sink, const char **why);

int klp_decompress_gzip(const unsigned char *in, size_t size, struct klp_sink *sink,
			const char **why);
int klp_decompress_xz(const unsigned char *in, size_t size, struct klp_sink *sink,
		      const char **why);
int klp_decompress_zstd(const unsigned char *in, size_t size, struct klp_sink *sink,
			const char **why);

/* Whether what @decompress makes of @in can be a livepatch: 1 when it may be, 0 when it
 * is none, or the decompressor's error. */
int klp_file_search(klp_decompress_fn decompress, const unsigned char *in, size_t size,
		    const char *built_as, const char **why);

#endif /* KLP_FILE_H */
