/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decompression of gzip, by zlib. */
#include "config.h"

#ifdef HAVE_ZLIB

#include <limits.h>
#include <zlib.h>

#include "libklpdep/image/file.h"

static int inflate_all(z_stream *z, size_t size, struct klp_sink *sink, const char **why)
{
	if (size > UINT_MAX)
		return -EFBIG;
	z->avail_in = (uInt)size;
	for (;;) {
		int err = klp_sink_reserve(sink);

		if (err != 0)
			return err;
		size_t room = sink->capacity - sink->size;

		z->next_out = sink->data + sink->size;
		z->avail_out = (uInt)(room < UINT_MAX ? room : UINT_MAX);
		int z_err = inflate(z, Z_NO_FLUSH);

		sink->size = (size_t)(z->next_out - sink->data);
		if (z_err == Z_STREAM_END) {
			/* Members may follow each other.  Other trailing data is ignored,
			 * as in gzip(1) and libkmod. */
			if (z->avail_in < 2 || z->next_in[0] != 0x1f ||
			    z->next_in[1] != 0x8b)
				return 0;
			z_err = inflateReset(z);
		}
		if (z_err == Z_MEM_ERROR)
			return -ENOMEM;
		if (z_err != Z_OK) {
			*why = z_err == Z_BUF_ERROR ? "truncated" : "damaged";
			return -EBADMSG;
		}
	}
}

int klp_decompress_gzip(const unsigned char *in, size_t size, struct klp_sink *sink,
			const char **why)
{
	z_stream z = { .next_in = (z_const Bytef *)in };

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	int err = inflate_all(&z, size, sink, why);

	inflateEnd(&z);
	return err;
}

#endif /* HAVE_ZLIB */
