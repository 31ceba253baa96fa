/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines, in order:
 *
 *	fit 2 KEY
 *	misfit PATCH CODE OBJECT|- WHY
 *	target NAME BUILDID
 */
#include "config.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include "libklpdep/fit/fit-cache.h"
#include "libklpdep/fit/object-file.h"
#include "libklpdep/tree/scan.h"

/* Raise it whenever a check changes. */
#define FIRST_LINE "fit 2 "

/* ---- the key ----------------------------------------------------------------------- */

/* FNV-1a: only root chooses the input. */
static void mix(uint64_t *hash, const void *data, size_t size)
{
	for (const unsigned char *p = data; size; size--)
		*hash = (*hash ^ *p++) * UINT64_C(0x100000001b3);
}

static void mix_text(uint64_t *hash, const char *text)
{
	mix(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

/* @st: NULL if there is no such file. */
static void mix_file(uint64_t *hash, const char *path, const struct stat *st)
{
	char key[KLP_STAT_KEY_MAX] = "gone";

	if (st)
		klp_stat_key(st, key);
	mix_text(hash, path);
	mix_text(hash, key);
}

/* A patch as it was read: its file may be another one by now. */
static void mix_patch(uint64_t *hash, const struct klpdep_patch *patch)
{
	mix_text(hash, patch->name);
	mix_text(hash, patch->is_unreadable ? KLP_UNREADABLE : patch->vermagic);
	mix_text(hash, patch->unfinished);
	for (size_t i = 0; i < patch->n_objects; i++) {
		const struct klpdep_object *object = &patch->objects[i];

		mix_text(hash, object->name);
		mix_text(hash, object->target_srcversion);
		mix_text(hash, object->target_build_id);
		mix(hash, &object->shares_funcs, sizeof(object->shares_funcs));
		for (size_t j = 0; j < object->n_funcs; j++) {
			mix_text(hash, object->funcs[j].name);
			mix(hash, &object->funcs[j].sympos, sizeof(uint64_t));
		}
		for (size_t j = 0; j < object->n_relocs; j++) {
			mix_text(hash, object->relocs[j].symobject);
			mix_text(hash, object->relocs[j].symbol);
			mix(hash, &object->relocs[j].sympos, sizeof(uint64_t));
		}
	}
}

static void mark(const struct klp_moddep *moddep, const char *name, bool *is_read)
{
	const struct klp_module *module = klp_moddep_find(moddep, name);

	if (module)
		is_read[module - moddep->modules] = true;
}

/* Mark the modules that fit reads: patches, targets, and what has the symbols of klp
 * relocations, which are sorted by object.  The first of the kernel's own modules gives its
 * release. */
static void mark_modules(const struct klp_moddep *moddep, const struct klpdep_index *index,
			 bool *is_read)
{
	for (size_t i = 0; i < index->n_patches; i++)
		mark(moddep, index->patches[i]->name, is_read);
	for (size_t i = 0; i < index->n_edges; i++) {
		const struct klpdep_object *object = index->edges[i].object;
		const char *last = "";

		mark(moddep, object->name, is_read);
		for (size_t j = 0; j < object->n_relocs; j++) {
			if (!klp_streq(object->relocs[j].symobject, last))
				mark(moddep, object->relocs[j].symobject, is_read);
			last = object->relocs[j].symobject;
		}
	}
	for (size_t i = 0; i < moddep->n_modules; i++) {
		if (klp_after_prefix(moddep->modules[i].path, "kernel/")) {
			is_read[i] = true;
			break;
		}
	}
}

/* The files of the kernel itself.  The running kernel's symbols stay the same. */
static int mix_vmlinux(uint64_t *hash, const struct klp_fit *fit)
{
	_cleanup_strv_ struct klp_strv places = { 0 };
	int err = klp_object_file_vmlinux_places(fit->ctx, fit->kernel, &places);
	struct utsname uts;
	struct stat st;

	for (size_t i = 0; i < places.n; i++)
		mix_file(hash, places.v[i], stat(places.v[i], &st) == 0 ? &st : NULL);
	if (klpdep_is_running(fit->ctx, fit->kernel) && uname(&uts) == 0)
		mix_text(hash, uts.version);
	return err;
}

/* A module's file, and what it depends on. */
static int mix_module(uint64_t *hash, const struct klp_fit *fit,
		      const struct klp_module *module)
{
	struct stat st;
	int err = klp_moddep_stat(fit->ctx, fit->kernel, module, &st);

	if (err == -ENOMEM)
		return err;
	mix_file(hash, module->path, err == 0 ? &st : NULL);
	for (size_t i = 0; i < module->n_deps; i++)
		mix_text(hash, fit->moddep->modules[module->deps[i]].name);
	return 0;
}

int klp_fit_key(const struct klp_fit *fit, const struct klpdep_index *index,
		char key[KLP_FIT_KEY_SIZE])
{
	const struct klp_moddep *moddep = fit->moddep;
	_cleanup_free_ bool *is_read = calloc(moddep->n_modules + 1, sizeof(*is_read));
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *reason;
	int err = is_read ? mix_vmlinux(&hash, fit) : -ENOMEM;

	if (err == 0)
		mark_modules(moddep, index, is_read);
	for (size_t i = 0; i < moddep->n_modules && err == 0; i++) {
		if (is_read[i])
			err = mix_module(&hash, fit, &moddep->modules[i]);
	}
	for (size_t i = 0; i < index->n_patches; i++)
		mix_patch(&hash, index->patches[i]);
	/* The configuration can force an order. */
	for (size_t i = 0; i < index->n_edges; i++) {
		const enum klpdep_order order = klp_edge_order(&index->edges[i], fit->config,
							       &reason);

		mix(&hash, &order, sizeof(order));
	}
	snprintf(key, KLP_FIT_KEY_SIZE, "%016" PRIx64, hash);
	return err;
}

/* ---- reading ----------------------------------------------------------------------- */

/* -EBADMSG: it is no such line. */
static int take_line(char *line, struct klpdep_index *index)
{
	char *fields[5] = { NULL };
	const struct klpdep_patch *patch;
	struct klp_target *target;
	size_t n = 0;

	while (n < KLP_ARRAY_SIZE(fields) && (fields[n] = strsep(&line, " ")))
		n++;
	if (n == 3 && klp_streq(fields[0], "target")) {
		target = (struct klp_target *)klp_index_find_target(index, fields[1]);
		return target ? klp_set_string(&target->build_id, fields[2]) : -EBADMSG;
	}
	if (n != 5 || line || !klp_streq(fields[0], "misfit"))
		return -EBADMSG;
	patch = klp_index_find(index, fields[1]);
	if (!patch || !klp_config_can_ignore(fields[2]) || !klp_index_decode(fields[4]))
		return -EBADMSG;
	return klp_index_add_misfit(index, patch, fields[2],
				    klp_streq(fields[3], "-") ? NULL : fields[3], fields[4]);
}

int klp_fit_cache_take(const struct klp_fit *fit, const char *key, struct klpdep_index *index)
{
	_cleanup_free_ char *text = klp_scan_cache_read_notes(fit->ctx, fit->kernel);
	const size_t before = index->n_misfits;
	const char *known;
	char *rest = text, *line;
	int err = 0;

	line = strsep(&rest, "\n");
	known = line ? klp_after_prefix(line, FIRST_LINE) : NULL;
	if (!known || !klp_streq(known, key))
		return 0;
	while (err == 0 && (line = strsep(&rest, "\n")) && *line)
		err = take_line(line, index);
	if (err != -EBADMSG)
		return err < 0 ? err : 1;
	/* A damaged cache is none. */
	klp_index_drop_misfits(index, before);
	for (size_t i = 0; i < index->n_targets; i++)
		free(klp_take(index->targets[i].build_id));
	return 0;
}

/* ---- writing ----------------------------------------------------------------------- */

static void put_all(FILE *stream, const char *key, const struct klpdep_index *index)
{
	fprintf(stream, FIRST_LINE "%s\n", key);
	for (size_t i = 0; i < index->n_misfits; i++) {
		const struct klp_misfit *misfit = &index->misfits[i];

		/* The scan has found that. */
		if (klp_streq(misfit->code, KLP_UNREADABLE))
			continue;
		fprintf(stream, "misfit %s %s %s ", misfit->patch->name, misfit->code,
			misfit->object ? misfit->object : "-");
		klp_index_put_value(stream, misfit->why, false);
		fputc('\n', stream);
	}
	for (size_t i = 0; i < index->n_targets; i++) {
		if (index->targets[i].build_id)
			fprintf(stream, "target %s %s\n", index->targets[i].name,
				index->targets[i].build_id);
	}
}

int klp_fit_cache_store(const struct klp_fit *fit, const char *key,
			const struct klpdep_index *index)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int err;

	if (!stream)
		return -ENOMEM;
	put_all(stream, key, index);
	if (klp_close_text(stream, &text) < 0)
		return -ENOMEM;
	err = klp_scan_cache_write_notes(fit->ctx, fit->kernel, text);
	/* It only saves time: a read-only /var is no error. */
	if (err < 0)
		klp_info(fit->ctx, "the scan cache of %s cannot be written: %s", fit->kernel,
			 klpdep_strerror(err));
	return 0;
}
