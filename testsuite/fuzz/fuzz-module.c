// SPDX-License-Identifier: LGPL-2.1-or-later
/* A module's image, read as klpdep_patch_new_from_file() reads it once it is in memory,
 * and everything asked for that was found. */
#include "config.h"

#include "fuzz.h"
#include "libklpdep/livepatch/format.h"
#include "libklpdep/fit/object-file.h"

static void *copy(const void *data, size_t size)
{
	void *p = malloc(size ? size : 1);

	FUZZ_CHECK(p);
	return size ? memcpy(p, data, size) : p;
}

static void check_object(const struct klpdep_object *object)
{
	const char *name;

	FUZZ_CHECK(strlen(klpdep_object_get_name(object)) < SIZE_MAX);
	FUZZ_CHECK(klpdep_object_get_callbacks(object) < 16);
	for (size_t i = 0; i < klpdep_object_count_funcs(object); i++) {
		name = klpdep_object_get_func(object, i);
		FUZZ_CHECK(name && *name);
	}
	FUZZ_CHECK(!klpdep_object_get_func(object, klpdep_object_count_funcs(object)));
	for (size_t i = 0; i < klpdep_object_count_relocs(object); i++) {
		name = klpdep_object_get_reloc(object, i);
		FUZZ_CHECK(name && *name && *klpdep_object_get_reloc_symobject(object, i));
	}
}

static void check_patch(const struct klpdep_patch *patch)
{
	const struct klpdep_object *object, *last = NULL;

	FUZZ_CHECK(klp_name_valid(klpdep_patch_get_name(patch)));
	FUZZ_CHECK(klpdep_patch_get_file(patch));
	for (size_t i = 0; i < klpdep_patch_count_objects(patch); i++) {
		object = klpdep_patch_get_object(patch, i);
		FUZZ_CHECK(object);
		/* Sorted, each once. */
		FUZZ_CHECK(!last || strcmp(klpdep_object_get_name(last),
					   klpdep_object_get_name(object)) < 0);
		check_object(object);
		last = object;
	}
}

static struct klp_file *file_of(const uint8_t *data, size_t size)
{
	struct klp_file *file = calloc(1, sizeof(*file));

	FUZZ_CHECK(file);
	*file = (struct klp_file){
		.path = copy("fuzz.ko", sizeof("fuzz.ko")),
		.fd = -1,
		.size = size,
		.data = copy(data, size),
	};
	return file;
}

/* The same module as one that is patched: klpdep verify. */
static void read_as_target(const uint8_t *data, size_t size)
{
	_cleanup_file_ struct klp_file *file = file_of(data, size);
	struct klp_object_file target = { 0 };
	int err = klp_object_file_read_file(file, true, &target);

	FUZZ_CHECK(err == 0 || file->error);
	FUZZ_CHECK(err == 0 || err == -EBADMSG || err == -ENOTSUP);
	FUZZ_CHECK(target.has_symbols == (err == 0));
	/* Some of them, as all may have one name. */
	for (size_t i = 0; i < target.n_symbols; i += 64) {
		const char *name = target.symbols[i].name;

		FUZZ_CHECK(klp_object_file_count(&target, name, false) >= 1);
		FUZZ_CHECK(klp_object_file_symbol(&target, name, 1, false));
		FUZZ_CHECK(!klp_object_file_variant(&target, name) || *name != '.');
	}
	for (size_t i = 0; i < target.imports.n; i++)
		FUZZ_CHECK(klp_crc_find(&target.imports, target.imports.v[i].symbol));
	for (size_t i = 0; i < target.exports.n; i++)
		FUZZ_CHECK(klp_crc_find(&target.exports, target.exports.v[i].symbol));
	klp_object_file_clear(&target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_file_ struct klp_file *file = file_of(data, size);
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	int err = klp_format_read(file, &patch);

	if (err == 0) {
		check_patch(patch);
	} else {
		/* Each has its message; klpdep.h lists the errors that there are. */
		FUZZ_CHECK(err == -ENODATA || file->error);
		FUZZ_CHECK(err == -ENODATA || err == -EBADMSG || err == -ENOTSUP);
		FUZZ_CHECK(!patch);
	}
	read_as_target(data, size);
	return 0;
}
