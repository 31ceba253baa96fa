/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bytes of a module's file, decompressed if need be.  klp_file_at() is the only way to
 * them. */
#include "config.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>

#include "libklpdep/image/file.h"

#define READ_BEFORE 1024

/* Recognized by content: modules get renamed, recompressed and misnamed. */
static const struct compression {
	const char *name;
	unsigned char magic[6];
	size_t magic_size;
	klp_decompress_fn decompress; /* NULL: left out of this build */
} compressions[] = {
	{ "gzip", { 0x1f, 0x8b }, 2,
#ifdef HAVE_ZLIB
	  klp_decompress_gzip
#else
	  NULL
#endif
	},
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6,
#ifdef HAVE_XZ
	  klp_decompress_xz
#else
	  NULL
#endif
	},
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4,
#ifdef HAVE_ZSTD
	  klp_decompress_zstd
#else
	  NULL
#endif
	},
};

int klp_file_fail(struct klp_file *file, int err, const char *format, ...)
{
	va_list args;

	if (file->error)
		return err;
	va_start(args, format);
	file->error = klp_vformat(format, args);
	va_end(args);
	/* Names from the file may contain anything, and this goes to terminals and logs. */
	for (char *p = file->error; p && *p; p++) {
		if (!isascii((unsigned char)*p) || iscntrl((unsigned char)*p))
			*p = '?';
	}
	return err;
}

static int read_at(struct klp_file *file, uint64_t offset, unsigned char *to, size_t size)
{
	while (size) {
		ssize_t n = pread(file->fd, to, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return klp_file_fail(file, -errno, "cannot be read: %s",
					     strerror(errno));
		if (n == 0)
			return klp_file_fail(file, -EBADMSG,
					     "became shorter while it was read");
		to += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

static int check_range(struct klp_file *file, uint64_t offset, uint64_t size)
{
	if (offset <= file->size && size <= file->size - offset)
		return 0;
	return klp_file_fail(file, -EBADMSG,
			     "%" PRIu64 " bytes at offset %" PRIu64
			     " lie beyond the end (%" PRIu64 " bytes)",
			     size, offset, file->size);
}

static const struct klp_chunk *find_chunk(const struct klp_file *file, uint64_t offset,
					  uint64_t size)
{
	for (size_t i = 0; i < file->n_chunks; i++) {
		const struct klp_chunk *chunk = &file->chunks[i];

		if (offset >= chunk->offset && offset + size <= chunk->offset + chunk->size)
			return chunk;
	}
	return NULL;
}

static int read_into(struct klp_file *file, uint64_t offset, uint64_t size,
		     unsigned char **out)
{
	_cleanup_free_ unsigned char *data = malloc(size ? (size_t)size : 1);
	int err = data ? read_at(file, offset, data, (size_t)size) : -ENOMEM;

	if (err == 0)
		*out = klp_take(data);
	return err;
}

/* Read a part, and some bytes before it: section names come just before the section table,
 * and are read next. */
static int read_chunk(struct klp_file *file, uint64_t offset, uint64_t size)
{
	const uint64_t before = offset < READ_BEFORE ? offset : READ_BEFORE;
	struct klp_chunk *chunk = &file->chunks[file->n_chunks];
	int err;

	*chunk = (struct klp_chunk){ NULL, offset - before, size + before };
	err = read_into(file, chunk->offset, chunk->size, &chunk->data);
	file->n_chunks += err == 0;
	return err;
}

const unsigned char *klp_file_at(struct klp_file *file, uint64_t offset, uint64_t size,
				 int *err)
{
	const struct klp_chunk *chunk;

	*err = check_range(file, offset, size);
	if (*err < 0)
		return NULL;
	if (file->data)
		return file->data + offset;
	if (offset + size <= sizeof(file->head))
		return file->head + offset;
	chunk = find_chunk(file, offset, size);
	if (chunk)
		return chunk->data + (offset - chunk->offset);
	*err = file->n_chunks < KLP_CHUNKS_MAX ? read_chunk(file, offset, size) :
						 klp_file_load(file);
	return *err < 0 ? NULL : klp_file_at(file, offset, size, err);
}

int klp_file_load(struct klp_file *file)
{
	return file->data ? 0 : read_into(file, 0, file->size, &file->data);
}

int klp_sink_reserve(struct klp_sink *sink)
{
	size_t want = sink->capacity ? sink->capacity * 2 : (size_t)1 << 18;

	if (sink->look)
		return sink->look(sink);
	if (sink->capacity - sink->size >= (size_t)1 << 16)
		return 0;
	/* One byte more than allowed, to detect images that are too large. */
	if (sink->size > KLP_IMAGE_MAX)
		return -EFBIG;
	unsigned char *grown = realloc(sink->data, want);

	if (!grown)
		return -ENOMEM;
	sink->data = grown;
	sink->capacity = want;
	return 0;
}

static int say_why(struct klp_file *file, const struct compression *compression, int err,
		   const char *why)
{
	if (err == -EFBIG)
		klp_file_fail(file, err, "decompresses to more than %" PRIu64 " MiB",
			      KLP_IMAGE_MAX >> 20);
	else if (err == -EBADMSG)
		klp_file_fail(file, err, "%s data: %s", compression->name, why);
	return err;
}

static int decompress(struct klp_file *file, const struct compression *compression)
{
	const char *why = "damaged";
	struct klp_sink sink = { 0 };
	int err;

	err = compression->decompress(file->data, (size_t)file->size, &sink, &why);
	if (err == 0 && sink.size > KLP_IMAGE_MAX)
		err = -EFBIG;
	if (err < 0) {
		free(sink.data);
		return say_why(file, compression, err, why);
	}
	free(file->data);
	file->data = sink.data;
	file->size = sink.size;
	return 0;
}

/* The second half of opening a compressed image. */
static int open_compressed(struct klp_file *file, const struct compression *compression,
			   bool livepatch_only, const char *built_as)
{
	const char *why = "damaged";
	int err;

	if (!compression->decompress)
		return klp_file_fail(file, -ENOTSUP,
				     "compressed with %s, which this build of klpdep "
				     "leaves out", compression->name);
	err = klp_file_load(file);
	if (err == 0 && livepatch_only) {
		err = klp_file_search(compression->decompress, file->data,
				      (size_t)file->size, built_as, &why);
		if (err <= 0)
			return err ? say_why(file, compression, err, why) : -ENODATA;
	}
	return err < 0 ? err : decompress(file, compression);
}

static const struct compression *detect(const struct klp_file *file)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(compressions); i++) {
		if (memcmp(file->head, compressions[i].magic,
			   compressions[i].magic_size) == 0)
			return &compressions[i];
	}
	return NULL;
}

static int open_raw(int dir, const char *path, uint64_t max, struct klp_file **out)
{
	_cleanup_free_ char *copy = strdup(path);
	struct klp_file *file = copy ? calloc(1, sizeof(*file)) : NULL;

	if (!file)
		return -ENOMEM;
	file->path = klp_take(copy);
	*out = file;
	/* O_NONBLOCK: a FIFO in the place of a module must not block us. */
	file->fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file->fd < 0 || fstat(file->fd, &file->st) < 0)
		return klp_file_fail(file, -errno, "%s", strerror(errno));
	if (!S_ISREG(file->st.st_mode))
		return klp_file_fail(file, S_ISDIR(file->st.st_mode) ? -EISDIR : -ESPIPE,
				     "not a regular file");
	if (max > SIZE_MAX / 4)
		max = SIZE_MAX / 4;
	if ((uint64_t)file->st.st_size > max)
		return klp_file_fail(file, -EFBIG, "larger than %" PRIu64 " MiB",
				     max >> 20);
	file->size = (uint64_t)file->st.st_size;
	return read_at(file, 0, file->head,
		       file->size < sizeof(file->head) ? (size_t)file->size :
							 sizeof(file->head));
}

int klp_file_open_max(const char *path, uint64_t max, struct klp_file **out)
{
	int err = open_raw(AT_FDCWD, path, max, out);
	const struct compression *compression = err == 0 ? detect(*out) : NULL;

	return compression ? open_compressed(*out, compression, false, NULL) : err;
}

int klp_file_open_livepatch(int dir, const char *path, const char *built_as,
			    struct klp_file **out)
{
	int err = open_raw(dir, path, KLP_IMAGE_MAX, out);
	const struct compression *compression = err == 0 ? detect(*out) : NULL;

	return compression ? open_compressed(*out, compression, true, built_as) : err;
}

int klp_file_open(const char *path, struct klp_file **file)
{
	return klp_file_open_max(path, KLP_IMAGE_MAX, file);
}

void klp_file_close(struct klp_file *file)
{
	if (!file)
		return;
	for (size_t i = 0; i < file->n_chunks; i++)
		free(file->chunks[i].data);
	free(file->data);
	free(file->error);
	free(file->path);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}
