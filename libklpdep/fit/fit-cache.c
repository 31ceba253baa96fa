/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines, in order:
 *
 *	fit 1
 *	patch NAME KEY
 *	misfit CODE OBJECT|- WHY	of the patch above
 *	target NAME KEY BUILDID|-
 *
 * What is not understood is as if it were not there.
 */
#include "config.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include "libklpdep/fit/fit-cache.h"
#include "libklpdep/fit/object-file.h"
#include "libklpdep/tree/scan.h"

/* Raise it whenever a check changes. */
#define FIRST_LINE "fit 1"

struct known_misfit {
	const char *code, *object, *why;
};

struct known {
	const char *name, *key;
	const char *build_id; /* of a target */
	size_t first, n;      /* of a patch: its misfits */
};

struct klp_fit_cache {
	char *text;
	struct known *patches, *targets; /* sorted by name */
	size_t n_patches, n_targets;
	struct known_misfit *misfits;
	size_t n_misfits;
	/* The files' keys before they were read, by number in moddep; 0: not looked at. */
	uint64_t *modules;
	uint64_t vmlinux;
	/* The keys of requested patches, by number in the index. */
	char (*keys)[KLP_FIT_KEY_SIZE];
};

/* ---- keys -------------------------------------------------------------------------- */

#define PRIME UINT64_C(0x100000001b3)

/* FNV-1a: only root chooses the input. */
static void mix(uint64_t *hash, const char *text)
{
	do {
		*hash = (*hash ^ (unsigned char)*text) * PRIME;
	} while (*text++);
}

static uint64_t new_hash(void)
{
	return UINT64_C(0xcbf29ce484222325);
}

static void mix_file(uint64_t *hash, const char *path)
{
	char key[KLP_STAT_KEY_MAX] = "gone";
	struct stat st;

	if (stat(path, &st) == 0)
		klp_stat_key(&st, key);
	mix(hash, path);
	mix(hash, key);
}

static void mix_number(uint64_t *hash, uint64_t number)
{
	for (unsigned int shift = 0; shift < 64; shift += 8)
		*hash = (*hash ^ (number >> shift & 0xff)) * PRIME;
}

/* The key is of the file before it was read: a file that is replaced meanwhile must not
 * look like the one that was read. */
static int mix_module(uint64_t *hash, const struct klp_fit *fit,
		      const struct klp_module *module)
{
	uint64_t *seen = &fit->cache->modules[module - fit->moddep->modules];
	_cleanup_free_ char *path = NULL;

	if (!*seen) {
		path = klp_moddep_file(fit->ctx, fit->kernel, module);
		if (!path)
			return -ENOMEM;
		*seen = new_hash();
		mix_file(seen, path);
	}
	mix_number(hash, *seen);
	return 0;
}

/* What is read of the kernel itself.  The running kernel's symbols stay the same. */
static int mix_vmlinux(uint64_t *hash, const struct klp_fit *fit)
{
	uint64_t *seen = &fit->cache->vmlinux;
	_cleanup_strv_ struct klp_strv places = { 0 };
	struct utsname uts;
	int err = 0;

	if (!*seen) {
		err = klp_object_file_vmlinux_places(fit->ctx, fit->kernel, &places);
		*seen = new_hash();
		for (size_t i = 0; i < places.n; i++)
			mix_file(seen, places.v[i]);
		if (klpdep_is_running(fit->ctx, fit->kernel) && uname(&uts) == 0)
			mix(seen, uts.version);
	}
	mix_number(hash, *seen);
	return err;
}

/* An object, or one that contains symbols of klp relocations. */
static int mix_object(uint64_t *hash, const struct klp_fit *fit, const char *name)
{
	const struct klp_module *module = klp_moddep_find(fit->moddep, name);

	mix(hash, name);
	if (klp_streq(name, "vmlinux"))
		return mix_vmlinux(hash, fit);
	if (module)
		return mix_module(hash, fit, module);
	mix(hash, klp_fit_is_builtin(fit, name) ? "builtin" : "absent");
	return 0;
}

/* And whether it is loaded before the object. */
static int mix_symobject(uint64_t *hash, const struct klp_fit *fit,
			 const struct klpdep_patch *patch, const char *object,
			 const char *name)
{
	mix(hash, klp_moddep_depends(fit->moddep, object, name) ? "needed" : "");
	mix(hash, klp_moddep_depends(fit->moddep, patch->name, name) ? "imported" : "");
	return mix_object(hash, fit, name);
}

static int mix_edge(uint64_t *hash, const struct klp_fit *fit,
		    const struct klpdep_patch *patch, const struct klpdep_object *object)
{
	const struct klpdep_edge edge = {
		.patch = (struct klpdep_patch *)patch,
		.object = (struct klpdep_object *)object,
	};
	const char *reason, *last = "";
	int err = mix_object(hash, fit, object->name);

	mix(hash, klpdep_order_name(klp_edge_order(&edge, fit->config, &reason)));
	mix(hash, object->target_srcversion ? object->target_srcversion : "");
	mix(hash, object->target_build_id ? object->target_build_id : "");
	mix(hash, object->shares_funcs ? "shared" : "");
	for (size_t i = 0; i < object->n_funcs; i++) {
		mix(hash, object->funcs[i].name);
		mix_number(hash, object->funcs[i].sympos);
	}
	/* They are sorted by the symbols' objects. */
	for (size_t i = 0; i < object->n_relocs && err == 0; i++) {
		const struct klp_reloc *reloc = &object->relocs[i];

		mix(hash, reloc->symbol);
		mix_number(hash, reloc->sympos);
		if (!klp_streq(reloc->symobject, last))
			err = mix_symobject(hash, fit, patch, object->name,
					    reloc->symobject);
		last = reloc->symobject;
	}
	return err;
}

/* The first of the kernel's own modules gives its release: object-file.c. */
static int mix_model(uint64_t *hash, const struct klp_fit *fit)
{
	for (size_t i = 0; i < fit->moddep->n_modules; i++) {
		if (klp_after_prefix(fit->moddep->modules[i].path, "kernel/"))
			return mix_module(hash, fit, &fit->moddep->modules[i]);
	}
	return 0;
}

/* The key of everything that is read for a patch. */
static int patch_key(const struct klp_fit *fit, const struct klpdep_patch *patch,
		     char key[KLP_FIT_KEY_SIZE])
{
	uint64_t hash = new_hash();
	int err = mix_model(&hash, fit);

	mix(&hash, fit->kernel);
	mix(&hash, patch->vermagic ? patch->vermagic : "");
	mix(&hash, patch->unfinished ? patch->unfinished : "");
	for (size_t i = 0; i < patch->imports.n; i++)
		mix(&hash, patch->imports.v[i]);
	for (size_t i = 0; i < patch->n_objects && err == 0; i++)
		err = mix_edge(&hash, fit, patch, &patch->objects[i]);
	snprintf(key, KLP_FIT_KEY_SIZE, "%016" PRIx64, hash);
	return err;
}

static int target_key(const struct klp_fit *fit, const struct klp_module *module,
		      char key[KLP_FIT_KEY_SIZE])
{
	uint64_t hash = new_hash();
	int err = mix_module(&hash, fit, module);

	snprintf(key, KLP_FIT_KEY_SIZE, "%016" PRIx64, hash);
	return err;
}

/* ---- reading ----------------------------------------------------------------------- */

static bool take_misfit(struct klp_fit_cache *cache, char *const fields[4])
{
	struct known_misfit *slot;

	if (!cache->n_patches || !klp_config_can_ignore(fields[1]) ||
	    !klp_index_decode(fields[3]))
		return false;
	slot = klp_append(cache->misfits, cache->n_misfits);
	if (!slot)
		return false;
	*slot = (struct known_misfit){ fields[1],
				       klp_streq(fields[2], "-") ? NULL : fields[2],
				       fields[3] };
	cache->patches[cache->n_patches - 1].n++;
	return true;
}

static bool take_known(struct known **known, size_t *n, const char *name, const char *key,
		       const char *build_id, size_t first)
{
	struct known *slot;

	if (*n && strcmp((*known)[*n - 1].name, name) >= 0)
		return false;
	slot = klp_append(*known, *n);
	if (slot)
		*slot = (struct known){ name, key, build_id, first, 0 };
	return slot;
}

static bool take_line(struct klp_fit_cache *cache, char *line)
{
	char *fields[4] = { NULL };
	size_t n = 0;

	while (n < KLP_ARRAY_SIZE(fields) && (fields[n] = strsep(&line, " ")))
		n++;
	if (line)
		return false;
	if (n == 3 && klp_streq(fields[0], "patch"))
		return take_known(&cache->patches, &cache->n_patches, fields[1], fields[2],
				  NULL, cache->n_misfits);
	if (n == 4 && klp_streq(fields[0], "misfit"))
		return take_misfit(cache, fields);
	if (n == 4 && klp_streq(fields[0], "target"))
		return take_known(&cache->targets, &cache->n_targets, fields[1], fields[2],
				  klp_streq(fields[3], "-") ? NULL : fields[3], 0);
	return false;
}

int klp_fit_cache_read(const struct klp_fit *fit, struct klp_fit_cache **out)
{
	struct klp_fit_cache *cache = calloc(1, sizeof(*cache));
	char *rest, *line;
	bool good;

	if (!cache)
		return -ENOMEM;
	cache->modules = calloc(fit->moddep->n_modules + 1, sizeof(*cache->modules));
	if (!cache->modules) {
		free(cache);
		return -ENOMEM;
	}
	rest = cache->text = klp_scan_cache_read_notes(fit->ctx, fit->kernel);
	line = strsep(&rest, "\n");
	good = line && klp_streq(line, FIRST_LINE);
	while (good && (line = strsep(&rest, "\n")) && *line)
		good = take_line(cache, line);
	if (!good)
		cache->n_patches = cache->n_targets = 0;
	*out = cache;
	return 0;
}

void klp_fit_cache_free(struct klp_fit_cache *cache)
{
	if (!cache)
		return;
	free(cache->modules);
	free(cache->keys);
	free(cache->patches);
	free(cache->targets);
	free(cache->misfits);
	free(cache->text);
	free(cache);
}

/* ---- looking up --------------------------------------------------------------------- */

static int cmp_name(const void *name, const void *known)
{
	return strcmp(name, ((const struct known *)known)->name);
}

static const struct known *find(const struct known *known, size_t n, const char *name,
				const char *key)
{
	const struct known *found =
		n ? bsearch(name, known, n, sizeof(*known), cmp_name) : NULL;

	return found && klp_streq(found->key, key) ? found : NULL;
}

int klp_fit_cache_take_patch(const struct klp_fit *fit, struct klpdep_index *index,
			     const struct klpdep_patch *patch)
{
	struct klp_fit_cache *cache = fit->cache;
	const struct known *found;
	int err;

	if (!cache)
		return 0;
	if (!cache->keys)
		cache->keys = calloc(index->n_patches, sizeof(*cache->keys));
	if (!cache->keys)
		return -ENOMEM;
	err = patch_key(fit, patch, cache->keys[patch->number]);
	if (err < 0)
		return err;
	found = find(cache->patches, cache->n_patches, patch->name,
		     cache->keys[patch->number]);
	for (size_t i = 0; found && i < found->n && err == 0; i++) {
		const struct known_misfit *misfit = &cache->misfits[found->first + i];

		err = klp_index_add_misfit(index, patch, misfit->code, misfit->object,
					   misfit->why);
	}
	return err < 0 ? err : found != NULL;
}

int klp_fit_cache_take_target(const struct klp_fit *fit, const struct klp_module *module,
			      const char **build_id)
{
	const struct klp_fit_cache *cache = fit->cache;
	char key[KLP_FIT_KEY_SIZE];
	const struct known *found;
	int err;

	if (!cache)
		return 0;
	err = target_key(fit, module, key);
	if (err < 0)
		return err;
	found = find(cache->targets, cache->n_targets, module->name, key);
	*build_id = found ? found->build_id : NULL;
	return found != NULL;
}

/* ---- writing ----------------------------------------------------------------------- */

static void put_patch(FILE *stream, const struct klp_fit *fit,
		      const struct klpdep_index *index, const struct klpdep_patch *patch)
{
	const struct klp_misfit *misfits;
	size_t n;

	fprintf(stream, "patch %s %s\n", patch->name, fit->cache->keys[patch->number]);
	misfits = klp_index_misfits_of(index, patch, &n);
	for (size_t i = 0; i < n; i++) {
		fprintf(stream, "misfit %s %s ", misfits[i].code,
			misfits[i].object ? misfits[i].object : "-");
		klp_index_put_value(stream, misfits[i].why, false);
		fputc('\n', stream);
	}
}

static int put_target(FILE *stream, const struct klp_fit *fit,
		      const struct klp_target *target)
{
	const struct klp_module *module = klp_moddep_find(fit->moddep, target->name);
	char key[KLP_FIT_KEY_SIZE];
	int err = module ? target_key(fit, module, key) : -ENOENT;

	if (err == 0)
		fprintf(stream, "target %s %s %s\n", target->name, key,
			target->build_id ? target->build_id : "-");
	return err == -ENOENT ? 0 : err;
}

static int put_all(FILE *stream, const struct klp_fit *fit, const struct klpdep_index *index)
{
	int err = 0;

	fputs(FIRST_LINE "\n", stream);
	for (size_t i = 0; i < index->n_patches; i++) {
		if (!index->patches[i]->is_unreadable && fit->cache->keys)
			put_patch(stream, fit, index, index->patches[i]);
	}
	for (size_t i = 0; i < index->n_targets && err == 0; i++)
		err = put_target(stream, fit, &index->targets[i]);
	return err;
}

int klp_fit_cache_write(const struct klp_fit *fit, const struct klpdep_index *index)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int err = stream ? put_all(stream, fit, index) : -ENOMEM;

	if (stream && klp_close_text(stream, &text) < 0)
		err = -ENOMEM;
	if (err < 0)
		return err;
	err = klp_scan_cache_write_notes(fit->ctx, fit->kernel, text);
	/* It only saves time: a read-only /var is no error. */
	if (err < 0)
		klp_info(fit->ctx, "the scan cache of %s cannot be written: %s", fit->kernel,
			 klpdep_strerror(err));
	return 0;
}
