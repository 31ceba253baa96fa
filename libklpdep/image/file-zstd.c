/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decompression of zstd, by libzstd. */
#include "config.h"

#ifdef HAVE_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

#include "libklpdep/image/file.h"

static const char *error_text(ZSTD_ErrorCode code)
{
	switch (code) {
	case ZSTD_error_prefix_unknown: /* the first frame's magic has been seen */
		return "something else stands behind it";
	case ZSTD_error_dictionary_wrong:
		return "compressed with a dictionary";
	case ZSTD_error_frameParameter_windowTooLarge:
		return "needs more than 128 MiB to decompress";
	default:
		return "damaged";
	}
}

/* Frames follow each other, including skippable ones.  zstd(1) and libkmod refuse anything
 * else, too. */
static int decode_all(ZSTD_DStream *zstd, ZSTD_inBuffer *in, struct klp_sink *sink,
		      const char **why)
{
	for (;;) {
		int err = klp_sink_reserve(sink);

		if (err != 0)
			return err;
		ZSTD_outBuffer out = { sink->data, sink->capacity, sink->size };
		size_t left = ZSTD_decompressStream(zstd, &out, in);

		sink->size = out.pos;
		if (ZSTD_isError(left)) {
			if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
				return -ENOMEM;
			*why = error_text(ZSTD_getErrorCode(left));
			return -EBADMSG;
		}
		/* A frame is complete: the next call begins another. */
		if (left == 0 && in->pos == in->size)
			return 0;
		if (left && in->pos == in->size && out.pos < out.size) {
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
