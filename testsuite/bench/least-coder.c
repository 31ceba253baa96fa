// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_XZ
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "least.h"

struct coder {
	unsigned char in[1 << 16];
	unsigned char out[1 << 16];
	const unsigned char *next_in;
	size_t avail_in, avail_out;
#ifdef HAVE_XZ
	lzma_stream xz;
#endif
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
#endif
#ifdef HAVE_ZLIB
	z_stream gzip;
	bool gzip_begun;
#endif
};

/* begin: for a new file. step: from next_in to the end of out, where avail_out is left;
 * 1 at the stream's end, -1 on an error. */
struct method {
	unsigned char magic[4];
	size_t magic_size;
	int (*begin)(struct coder *coder);
	int (*step)(struct coder *coder, unsigned char *out);
};

#ifdef HAVE_XZ
static int begin_xz(struct coder *coder)
{
	return lzma_stream_decoder(&coder->xz, UINT64_MAX, LZMA_IGNORE_CHECK) == LZMA_OK ?
		       0 : -1;
}

static int step_xz(struct coder *coder, unsigned char *out)
{
	lzma_ret ret;

	coder->xz.next_in = coder->next_in;
	coder->xz.avail_in = coder->avail_in;
	coder->xz.next_out = out;
	coder->xz.avail_out = coder->avail_out;
	ret = lzma_code(&coder->xz, LZMA_RUN);
	coder->next_in = coder->xz.next_in;
	coder->avail_in = coder->xz.avail_in;
	coder->avail_out = coder->xz.avail_out;
	return ret == LZMA_STREAM_END ? 1 : ret == LZMA_OK ? 0 : -1;
}
#endif

#ifdef HAVE_ZSTD
static int begin_zstd(struct coder *coder)
{
	if (!coder->zstd)
		coder->zstd = mk_check(ZSTD_createDStream());
	return ZSTD_isError(ZSTD_initDStream(coder->zstd)) ? -1 : 0;
}

static int step_zstd(struct coder *coder, unsigned char *out)
{
	ZSTD_inBuffer in = { coder->next_in, coder->avail_in, 0 };
	ZSTD_outBuffer to = { out, coder->avail_out, 0 };
	size_t left = ZSTD_decompressStream(coder->zstd, &to, &in);

	coder->next_in += in.pos;
	coder->avail_in -= in.pos;
	coder->avail_out -= to.pos;
	return ZSTD_isError(left) ? -1 : left == 0;
}
#endif

#ifdef HAVE_ZLIB
static int begin_gzip(struct coder *coder)
{
	if (coder->gzip_begun)
		return inflateReset(&coder->gzip) == Z_OK ? 0 : -1;
	coder->gzip_begun = true;
	return inflateInit2(&coder->gzip, 15 + 16) == Z_OK ? 0 : -1;
}

static int step_gzip(struct coder *coder, unsigned char *out)
{
	int ret;

	coder->gzip.next_in = (z_const Bytef *)coder->next_in;
	coder->gzip.avail_in = (uInt)coder->avail_in;
	coder->gzip.next_out = out;
	coder->gzip.avail_out = (uInt)coder->avail_out;
	ret = inflate(&coder->gzip, Z_NO_FLUSH);
	coder->next_in = coder->gzip.next_in;
	coder->avail_in = coder->gzip.avail_in;
	coder->avail_out = coder->gzip.avail_out;
	return ret == Z_STREAM_END ? 1 : ret == Z_OK ? 0 : -1;
}
#endif

static const struct method methods[] = {
#ifdef HAVE_XZ
	{ { 0xfd, '7', 'z', 'X' }, 4, begin_xz, step_xz },
#endif
#ifdef HAVE_ZSTD
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, begin_zstd, step_zstd },
#endif
#ifdef HAVE_ZLIB
	{ { 0x1f, 0x8b }, 2, begin_gzip, step_gzip },
#endif
	{ { 0 }, 0, NULL, NULL },
};

struct coder *coder_new(void)
{
	struct coder *coder = mk_check(calloc(1, sizeof(*coder)));

#ifdef HAVE_XZ
	coder->xz = (lzma_stream)LZMA_STREAM_INIT;
#endif
	return coder;
}

void coder_free(struct coder *coder)
{
#ifdef HAVE_XZ
	lzma_end(&coder->xz);
#endif
#ifdef HAVE_ZSTD
	ZSTD_freeDStream(coder->zstd);
#endif
#ifdef HAVE_ZLIB
	if (coder->gzip_begun)
		inflateEnd(&coder->gzip);
#endif
	free(coder);
}

static const struct method *find_method(const unsigned char *start, size_t size)
{
	const struct method *method = methods;

	while (method->begin && (size < method->magic_size ||
				 memcmp(start, method->magic, method->magic_size) != 0))
		method++;
	return method->begin ? method : NULL;
}

bool coder_wanted(int fd)
{
	unsigned char start[4];
	ssize_t size = pread(fd, start, sizeof(start), 0);

	/* What this build leaves out is to be told from what is not compressed. */
	return size == sizeof(start) && memcmp(start, "\177ELF", sizeof(start)) != 0;
}

/* Whether there is any input. */
static bool fill(struct coder *coder, int fd)
{
	ssize_t size;

	if (coder->avail_in)
		return true;
	size = read(fd, coder->in, sizeof(coder->in));
	coder->next_in = coder->in;
	coder->avail_in = size > 0 ? (size_t)size : 0;
	return size > 0;
}

bool coder_run(struct coder *coder, int fd, uint64_t end, struct buf *keep)
{
	const struct method *method;
	int result = 0;

	coder->avail_in = 0;
	if (!fill(coder, fd))
		return false;
	method = find_method(coder->in, coder->avail_in);
	if (!method || method->begin(coder) < 0)
		return false;
	while (end && result == 0) {
		size_t size = end < sizeof(coder->out) ? end : sizeof(coder->out);
		bool more = fill(coder, fd);

		/* At the file's end there may still be something in the decoder. */
		coder->avail_out = size;
		result = method->step(coder, coder->out);
		size -= coder->avail_out;
		if (!size && !more && result == 0)
			return false;
		end -= size;
		if (keep)
			mk_buf_add(keep, coder->out, size);
	}
	/* Without an end all of it was asked for. */
	return end == 0 || (keep && result == 1);
}
