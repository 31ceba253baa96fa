// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A file of any content, opened as a module is, and what it decompresses to read as one;
 * and each of the decompressors for itself, whatever the content's magic number says.
 *
 * file.c is compiled in here with a limit that is small enough for the fuzzer not to
 * spend its time on bombs, and reaches it all the same.
 */
#include "config.h"

#include <sys/mman.h>

#include "libklpdep/image/file.h"

#undef KLP_IMAGE_MAX
#define KLP_IMAGE_MAX ((uint64_t)1 << 17)

#include "libklpdep/image/file.c" // NOLINT(bugprone-suspicious-include)

#include "fuzz.h"
#include "libklpdep/livepatch/format.h"

static void write_all(int fd, const uint8_t *data, size_t size)
{
	FUZZ_CHECK(fd >= 0);
	FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
}

/* The whole way, by file name; the image, or NULL. */
static struct klp_file *open_file(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct klp_file *file = NULL;
	char path[64];
	int err;

	write_all(fd, data, size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = klp_file_open(path, &file);
	FUZZ_CHECK(file);
	if (err == 0)
		return file;
	FUZZ_CHECK(file->error);
	FUZZ_CHECK(err == -EBADMSG || err == -ENOTSUP || err == -EFBIG);
	klp_file_close(file);
	return NULL;
}

static void read_image(struct klp_file *file)
{
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	int err = klp_format_read(file, &patch);

	FUZZ_CHECK(err == 0 || err == -ENODATA || file->error);
	FUZZ_CHECK(err == 0 || err == -ENODATA || err == -EBADMSG || err == -ENOTSUP);
}

/* One decompressor; it must find what klp_file_open() found by the magic number. */
static void decompress_one(const struct compression *compression, const uint8_t *data,
			   size_t size, const struct klp_file *file)
{
	bool matches = size >= compression->magic_size &&
		       memcmp(data, compression->magic, compression->magic_size) == 0;
	struct klp_sink sink = { 0 };
	const char *why = NULL;
	int err;

	if (!compression->decompress)
		return;
	err = compression->decompress(data, size, &sink, &why);
	FUZZ_CHECK(err == 0 || err == -EBADMSG || err == -EFBIG);
	FUZZ_CHECK(err != -EBADMSG || why);
	if (matches) {
		FUZZ_CHECK(!file == (err < 0 || sink.size > KLP_IMAGE_MAX));
		FUZZ_CHECK(!file || (file->size == sink.size &&
				     memcmp(file->data, sink.data, sink.size) == 0));
	}
	free(sink.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_file_ struct klp_file *file = open_file(data, size);

	/* One for each input: their buffers are most of what a run costs. */
	decompress_one(&compressions[size % KLP_ARRAY_SIZE(compressions)], data, size,
		       file);
	if (file)
		read_image(file);
	return 0;
}
