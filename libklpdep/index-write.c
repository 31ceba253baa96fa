/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing the index as a file: index.h describes it. */
#include "config.h"

#include "libklpdep/configuration.h"
#include "libklpdep/index.h"

/* Lines that are being collected; the first error is kept. */
struct lines {
	struct klp_strv list;
	int err;
};

static void lines_clear(struct lines *lines)
{
	klp_strv_clear(&lines->list);
}

static void add_line(struct lines *lines, const char *format, ...) KLP_PRINTF(2, 3);

static void add_line(struct lines *lines, const char *format, ...)
{
	_cleanup_free_ char *line = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		line = NULL;
	va_end(args);
	if (lines->err == 0)
		lines->err = line ? klp_strv_add(&lines->list, line) : -ENOMEM;
}

/* Append a value; a comma is encoded too where commas divide. */
static void put_value(FILE *stream, const char *value, bool in_list)
{
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c <= ' ' || c >= 0x7f || c == '%' || (in_list && c == ','))
			fprintf(stream, "%%%02X", c);
		else
			fputc(c, stream);
	}
}

static void put_key(FILE *stream, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(stream, " %s=", key);
	put_value(stream, value, false);
}

static void put_list(FILE *stream, const char *key, const struct klp_strv *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			fputc(',', stream);
		else
			fprintf(stream, " %s=", key);
		put_value(stream, list->v[i], true);
	}
}

/* Collect what was written to a stream of memory. */
static void add_stream(struct lines *lines, FILE *stream, char **text)
{
	if (fclose(stream) != 0 && lines->err == 0)
		lines->err = -ENOMEM;
	if (lines->err == 0)
		lines->err = klp_strv_add(&lines->list, *text);
	free(*text);
}

static void add_patch_line(struct lines *lines, const struct klpdep_patch *patch)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		lines->err = -ENOMEM;
		return;
	}
	fprintf(stream, KLP_WORD_PATCH " %s", patch->name);
	put_key(stream, "file", patch->file);
	put_key(stream, "format", patch->format);
	put_key(stream, "replace", klp_replace_name(patch->replace));
	put_key(stream, "set", patch->set);
	put_key(stream, "version", patch->version);
	put_key(stream, "srcversion", patch->srcversion);
	put_key(stream, "vermagic", patch->vermagic);
	add_stream(lines, stream, &text);
}

static void add_object_lines(struct lines *lines, const struct klpdep_patch *patch,
			     const struct klpdep_object *object)
{
	add_line(lines, KLP_WORD_OBJECT " %s %s order=%s", object->name, patch->name,
		 klp_order_name(object->order));
	for (size_t i = 0; i < object->n_funcs; i++) {
		char *text = NULL;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		if (!stream) {
			lines->err = -ENOMEM;
			return;
		}
		fprintf(stream, KLP_WORD_FUNC " %s %s ", patch->name, object->name);
		put_value(stream, object->funcs[i].name, false);
		fprintf(stream, " %lu", object->funcs[i].sympos);
		add_stream(lines, stream, &text);
	}
}

static void add_softdep_line(struct lines *lines, const struct klp_softdep *softdep)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		lines->err = -ENOMEM;
		return;
	}
	fprintf(stream, KLP_WORD_SOFTDEP " %s", softdep->module);
	put_list(stream, "pre", &softdep->pre);
	put_list(stream, "post", &softdep->post);
	add_stream(lines, stream, &text);
}

static int cmp_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect_lines(const struct klpdep_index *index, struct lines *lines)
{
	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		add_patch_line(lines, patch);
		for (size_t j = 0; j < patch->n_objects; j++)
			add_object_lines(lines, patch, &patch->objects[j]);
	}
	for (size_t i = 0; i < index->n_requires; i++)
		add_line(lines, KLP_WORD_REQUIRES " %s %s reason=%s",
			 index->requires[i].from->name, index->requires[i].to->name,
			 index->requires[i].reason);
	for (size_t i = 0; i < index->n_supersedes; i++)
		add_line(lines, KLP_WORD_SUPERSEDES " %s %s reason=%s",
			 index->supersedes[i].from->name, index->supersedes[i].to->name,
			 index->supersedes[i].reason);
	for (size_t i = 0; i < index->n_softdeps; i++)
		add_softdep_line(lines, &index->softdeps[i]);
	if (lines->list.n)
		qsort(lines->list.v, lines->list.n, sizeof(lines->list.v[0]), cmp_lines);
}

int klpdep_index_write(const struct klpdep_index *index, FILE *stream)
{
	_cleanup_(lines_clear) struct lines lines = { 0 };
	const char *last = "";

	collect_lines(index, &lines);
	if (lines.err < 0)
		return lines.err;
	fprintf(stream, KLP_INDEX_HEADER "%d %s\n", KLP_INDEX_VERSION, index->kernel);
	for (size_t i = 0; i < lines.list.n; i++) {
		if (!klp_streq(lines.list.v[i], last))
			fprintf(stream, "%s\n", lines.list.v[i]);
		last = lines.list.v[i];
	}
	fputs(KLP_WORD_END "\n", stream);
	return fflush(stream) != 0 || ferror(stream) ? -EIO : 0;
}

int klp_index_format(const struct klpdep_index *index, char **out, size_t *size)
{
	_cleanup_free_ char *text = NULL;
	FILE *stream = open_memstream(&text, size);
	int err;

	if (!stream)
		return -ENOMEM;
	err = klpdep_index_write(index, stream);
	if (fclose(stream) != 0 && err == 0)
		err = -ENOMEM;
	if (err == 0)
		*out = klp_take(text);
	return err == -EIO ? -ENOMEM : err;
}
