/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#ifdef HAVE_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

#include "libklpdep/file.h"

static int decode_all(ZSTD_DStream *zstd, ZSTD_inBuffer *in, struct klp_sink *sink,
		      const char **why)
{
	for (;;) {
		int err = klp_sink_reserve(sink);

		if (err < 0)
			return err;
		ZSTD_outBuffer out = { sink->data, sink->capacity, sink->size };
		size_t left = ZSTD_decompressStream(zstd, &out, in);

		sink->size = out.pos;
		if (ZSTD_isError(left)) {
			if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
				return -ENOMEM;
			*why = ZSTD_getErrorName(left);
			return -EBADMSG;
		}
		if (left == 0) /* a frame is complete: what follows is not ours */
			return 0;
		if (in->pos == in->size && out.pos < out.size) {
			*why = "truncated";
			return -EBADMSG;
		}
	}
}

int klp_decompress_zstd(const unsigned char *data, size_t size, struct klp_sink *sink,
			const char **why)
{
	ZSTD_DStream *zstd = ZSTD_createDStream();
	ZSTD_inBuffer in = { data, size, 0 };
	int err;

	if (!zstd)
		return -ENOMEM;
	err = decode_all(zstd, &in, sink, why);
	ZSTD_freeDStream(zstd);
	return err;
}

#endif /* HAVE_ZSTD */
