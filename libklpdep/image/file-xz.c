/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decompression of xz, by liblzma. */
#include "config.h"

#ifdef HAVE_XZ

#include <lzma.h>

#include "libklpdep/image/file.h"

/* The kernel's modules are packed with dictionaries of 1 or 2 MiB; xz -9 takes 64 MiB. */
#define MEMORY_LIMIT ((uint64_t)128 << 20)

/* One stream. */
static int decode_stream(lzma_stream *lzma, struct klp_sink *sink, const char **why)
{
	for (;;) {
		int err = klp_sink_reserve(sink);

		if (err != 0)
			return err;
		lzma->next_out = sink->data + sink->size;
		lzma->avail_out = sink->capacity - sink->size;
		lzma_ret ret = lzma_code(lzma, LZMA_RUN);

		sink->size = sink->capacity - lzma->avail_out;
		switch (ret) {
		case LZMA_OK:
			break;
		case LZMA_STREAM_END:
			return 0;
		case LZMA_MEM_ERROR:
			return -ENOMEM;
		case LZMA_MEMLIMIT_ERROR:
			*why = "needs more than 128 MiB to decompress";
			return -EBADMSG;
		case LZMA_BUF_ERROR:
			*why = "truncated";
			return -EBADMSG;
		default:
			*why = "damaged";
			return -EBADMSG;
		}
	}
}

static void skip_padding(lzma_stream *lzma)
{
	while (lzma->avail_in >= 4 && !memcmp(lzma->next_in, "\0\0\0", 4)) {
		lzma->next_in += 4;
		lzma->avail_in -= 4;
	}
}

/* Streams follow each other, with zeros in multiples of four between and after them.  xz(1)
 * and libkmod refuse anything else, too. */
static int decode_all(lzma_stream *lzma, struct klp_sink *sink, const char **why)
{
	do {
		if (lzma_stream_decoder(lzma, MEMORY_LIMIT, 0) != LZMA_OK)
			return -ENOMEM;
		int err = decode_stream(lzma, sink, why);

		if (err != 0)
			return err;
		skip_padding(lzma);
		if (lzma->avail_in && lzma->next_in[0] != 0xfd) {
			*why = "something else stands behind it";
			return -EBADMSG;
		}
	} while (lzma->avail_in);
	return 0;
}

int klp_decompress_xz(const unsigned char *in, size_t size, struct klp_sink *sink,
		      const char **why)
{
	lzma_stream lzma = LZMA_STREAM_INIT;
	int err;

	lzma.next_in = in;
	lzma.avail_in = size;
	err = decode_all(&lzma, sink, why);
	lzma_end(&lzma);
	return err;
}

#endif /* HAVE_XZ */
