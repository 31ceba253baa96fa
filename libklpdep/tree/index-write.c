/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing an index file; index.h describes it. */
#include "config.h"

#include "libklpdep/host/configuration.h"
#include "libklpdep/tree/index.h"

static bool is_plain(unsigned char c, bool in_list)
{
	return c > ' ' && c < 0x7f && c != '%' && !(in_list && c == ',');
}

/* Reasons have many spaces, and printf takes its time. */
void klp_index_put_value(FILE *stream, const char *value, bool in_list)
{
	static const char digits[] = "0123456789ABCDEF";

	for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
		if (is_plain(*p, in_list)) {
			putc_unlocked(*p, stream);
			continue;
		}
		putc_unlocked('%', stream);
		putc_unlocked(digits[*p >> 4], stream);
		putc_unlocked(digits[*p & 0xf], stream);
	}
}

static void put_key(FILE *stream, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(stream, " %s=", key);
	klp_index_put_value(stream, value, false);
}

static void put_list(FILE *stream, const char *key, const struct klp_strv *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			fputc(',', stream);
		else
			fprintf(stream, " %s=", key);
		klp_index_put_value(stream, list->v[i], true);
	}
}

static void put_states(FILE *stream, const struct klpdep_patch *patch)
{
	for (size_t i = 0; i < patch->n_states; i++)
		fprintf(stream, "%s%" PRIu64 ":%u", i ? "," : " states=",
			patch->states[i].id, patch->states[i].version);
}

static void put_callbacks(FILE *stream, const struct klpdep_object *object)
{
	const char *divider = " callbacks=", *name;

	for (unsigned int bit = 0; (name = klp_callback_name(bit)); bit++) {
		if (!(object->callbacks & 1U << bit))
			continue;
		fprintf(stream, "%s%s", divider, name);
		divider = ",";
	}
}

static void put_patch(FILE *stream, const struct klpdep_patch *patch)
{
	fprintf(stream, KLP_WORD_PATCH " %s", patch->name);
	put_key(stream, "file", patch->file);
	put_key(stream, "format", patch->format);
	put_key(stream, "replace", klpdep_replace_name(patch->replace));
	put_key(stream, "set", patch->set);
	put_key(stream, "version", patch->version);
	put_key(stream, "srcversion", patch->srcversion);
	put_key(stream, "vermagic", patch->vermagic);
	put_key(stream, "buildid", patch->build_id);
	put_states(stream, patch);
	if (patch->retire != KLP_RETIRE_AUTO)
		put_key(stream, "retire", klp_retire_name(patch->retire));
	put_list(stream, "missing", &patch->requires);
	put_list(stream, "fixes", &patch->fixes);
	put_list(stream, "needs", &patch->needs);
	put_list(stream, "supersedes", &patch->supersedes);
	fputc('\n', stream);
}

static void put_object(FILE *stream, const struct klpdep_patch *patch,
		       const struct klpdep_object *object)
{
	fprintf(stream, KLP_WORD_OBJECT " %s %s order=%s", object->name, patch->name,
		klpdep_order_name(object->order));
	put_callbacks(stream, object);
	if (object->has_relocs)
		put_key(stream, "relocs", "yes");
	fputc('\n', stream);
	for (size_t i = 0; i < object->n_funcs; i++) {
		fprintf(stream, KLP_WORD_FUNC " %s %s ", patch->name, object->name);
		klp_index_put_value(stream, object->funcs[i].name, false);
		fprintf(stream, " %" PRIu64 "\n", object->funcs[i].sympos);
	}
}

static void put_requires(FILE *stream, const struct klpdep_index *index)
{
	for (size_t i = 0; i < index->n_requires; i++) {
		const struct klp_link *link = &index->requires[i];

		fprintf(stream, KLP_WORD_REQUIRES " %s %s reason=%s\n", link->from->name,
			link->to->name, klp_link_reason_name(link->reason));
	}
}

static void put_misfits(FILE *stream, const struct klpdep_index *index)
{
	for (size_t i = 0; i < index->n_misfits; i++) {
		const struct klp_misfit *misfit = &index->misfits[i];

		fprintf(stream, KLP_WORD_INCOMPATIBLE " %s %s", misfit->patch->name,
			misfit->code);
		put_key(stream, "object", misfit->object);
		put_key(stream, "why", misfit->why);
		fputc('\n', stream);
	}
}

static void put_targets(FILE *stream, const struct klpdep_index *index)
{
	for (size_t i = 0; i < index->n_targets; i++) {
		const struct klp_target *target = &index->targets[i];

		fprintf(stream, KLP_WORD_TARGET " %s stamp=%" PRIu64 ":%" PRId64 ":%" PRIu64,
			target->name, target->size, target->mtime, target->inode);
		put_key(stream, "buildid", target->build_id);
		fputc('\n', stream);
	}
}

static void put_records(FILE *stream, const struct klpdep_index *index)
{
	for (size_t i = 0; i < index->n_patches; i++) {
		const struct klpdep_patch *patch = index->patches[i];

		put_patch(stream, patch);
		for (size_t j = 0; j < patch->n_objects; j++)
			put_object(stream, patch, &patch->objects[j]);
	}
	put_misfits(stream, index);
	put_targets(stream, index);
	put_requires(stream, index);
	for (size_t i = 0; i < index->n_softdeps; i++) {
		fprintf(stream, KLP_WORD_SOFTDEP " %s", index->softdeps[i].module);
		put_list(stream, "pre", &index->softdeps[i].pre);
		put_list(stream, "post", &index->softdeps[i].post);
		fputc('\n', stream);
	}
}

/* The records' lines, sorted by bytes. */
static int collect_lines(const struct klpdep_index *index, struct klp_strv *lines)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int err;

	if (!stream)
		return -ENOMEM;
	put_records(stream, index);
	err = klp_close_text(stream, &text);
	if (err < 0)
		return err;
	err = klp_strv_split(lines, text, "\n");
	klp_sort(lines->v, lines->n, klp_cmp_strings);
	return err;
}

static int put_index(const struct klpdep_index *index, FILE *stream)
{
	_cleanup_strv_ struct klp_strv lines = { 0 };
	const char *last = "";
	int err = collect_lines(index, &lines);

	if (err < 0)
		return err;
	fprintf(stream, KLP_INDEX_HEADER "%d %s\n", KLP_INDEX_VERSION, index->kernel);
	for (size_t i = 0; i < lines.n; i++) {
		if (!klp_streq(lines.v[i], last)) {
			fputs(lines.v[i], stream);
			fputc('\n', stream);
		}
		last = lines.v[i];
	}
	fputs(KLP_WORD_END "\n", stream);
	return fflush(stream) != 0 || ferror(stream) ? -EIO : 0;
}

int klpdep_index_write(struct klpdep_ctx *ctx, const struct klpdep_index *index, FILE *stream)
{
	int err = put_index(index, stream);

	if (err < 0)
		klp_err(ctx, "the index of %s cannot be written: %s", index->kernel,
			klpdep_strerror(err));
	return err;
}

int klp_index_format(const struct klpdep_index *index, char **out, size_t *size)
{
	_cleanup_free_ char *text = NULL;
	FILE *stream = open_memstream(&text, size);
	int err;

	if (!stream)
		return -ENOMEM;
	err = put_index(index, stream);
	if (klp_close_text(stream, &text) < 0)
		err = -ENOMEM;
	/* No reader would accept it: keep the existing one. */
	if (err == 0 && *size > KLP_INDEX_MAX)
		err = -EFBIG;
	if (err == 0)
		*out = klp_take(text);
	return err == -EIO ? -ENOMEM : err;
}
