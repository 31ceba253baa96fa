// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An index: read, looked up in, written, and read and written again.  What is written the
 * second time must be what was written the first time.
 *
 * index-read.c is compiled in here: how an index is checked before it is read is its own
 * business.
 */
#include "config.h"

#include "libklpdep/tree/index-read.c" // NOLINT(bugprone-suspicious-include)

#include "fuzz.h"

#define KERNEL "6.1.0-fuzz"

static void take_message(void *data, int priority, const char *message)
{
	size_t *length = data;

	(void)priority;
	*length += strlen(message);
}

/* NULL when it cannot be read: that has then been said. */
static struct klpdep_index *parse(struct klpdep_ctx *ctx, const char *data, size_t size)
{
	_cleanup_free_ char *text = strndup(data, size);
	struct klpdep_index *index = NULL;
	size_t said = 0;
	int err;

	FUZZ_CHECK(text);
	klpdep_set_log_fn(ctx, take_message, &said);
	err = klp_index_parse(ctx, "fuzz", KERNEL, text, &index);
	FUZZ_CHECK((err == 0) == (index != NULL));
	FUZZ_CHECK(err == 0 || (err == -EBADMSG && said));
	return index;
}

static char *format(const struct klpdep_index *index, size_t *size)
{
	char *text = NULL;

	FUZZ_CHECK(klp_index_format(index, &text, size) == 0);
	FUZZ_CHECK(strlen(text) == *size);
	return text;
}

static void look_up(struct klpdep_ctx *ctx, struct klpdep_index *index, const char *text,
		    size_t size)
{
	_cleanup_view_ struct klpdep_view *view = NULL;
	const struct klpdep_edge *edge;
	size_t n;

	FUZZ_CHECK(klpdep_view_new(ctx, index, NULL, 0, &view) == 0);
	for (size_t i = 0; (edge = klpdep_index_get_edge(index, i)); i++) {
		const char *name = klpdep_object_get_name(klpdep_edge_get_object(edge));

		FUZZ_CHECK(klpdep_index_find_edge(index, name, 0));
		FUZZ_CHECK(klpdep_view_get_state(view, klpdep_edge_get_patch(edge)) !=
			   KLPDEP_STATE_MISSING);
		FUZZ_CHECK(klp_index_text_has(text, size, KLP_WORD_OBJECT, name));
	}
	for (size_t i = 0; i < klpdep_index_count_patches(index); i++) {
		const struct klpdep_patch *patch = klpdep_index_get_patch(index, i);
		const char *name = klpdep_patch_get_name(patch);

		FUZZ_CHECK(klpdep_index_find_patch(index, name) == patch);
		FUZZ_CHECK(klp_index_text_has(text, size, KLP_WORD_PATCH, name));
		klp_index_edges_of(index, name, &n);
		FUZZ_CHECK(!!n == klp_index_text_has(text, size, KLP_WORD_OBJECT, name));
	}
	for (size_t i = 0; i < index->n_softdeps; i++)
		FUZZ_CHECK(klp_index_find_softdep(index, index->softdeps[i].module));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_ctx_ struct klpdep_ctx *ctx = NULL;
	_cleanup_index_ struct klpdep_index *index = NULL, *again = NULL;
	_cleanup_free_ char *raw = strndup((const char *)data, size);
	_cleanup_free_ char *first = NULL, *second = NULL;
	size_t first_size, second_size;

	FUZZ_CHECK(raw);
	FUZZ_CHECK(klpdep_new(&ctx) == 0);
	/* Whether it would be read at all, and the search that needs no reading. */
	check_header(ctx, "fuzz", KERNEL, raw);
	klp_index_text_has(raw, strlen(raw), KLP_WORD_OBJECT, "kvm");

	index = parse(ctx, raw, strlen(raw));
	if (!index)
		return 0;
	first = format(index, &first_size);
	FUZZ_CHECK(check_header(ctx, "fuzz", KERNEL, first) == 0);
	look_up(ctx, index, first, first_size);
	again = parse(ctx, first, first_size);
	FUZZ_CHECK(again);
	second = format(again, &second_size);
	FUZZ_CHECK(strcmp(first, second) == 0);
	return 0;
}
