// SPDX-License-Identifier: LGPL-2.1-or-later
/* A module's image, read as klpdep_patch_new_from_file() reads it once it is in memory,
 * and everything asked for that was found. */
#include "config.h"

#include "fuzz.h"
#include "libklpdep/format.h"

static void *copy(const void *data, size_t size)
{
	void *p = malloc(size ? size : 1);

	FUZZ_CHECK(p);
	return size ? memcpy(p, data, size) : p;
}

static void check_object(const struct klpdep_object *object)
{
	const char *name, *symobject;
	unsigned long sympos;

	FUZZ_CHECK(strlen(klpdep_object_get_name(object)) < SIZE_MAX);
	FUZZ_CHECK(klpdep_object_get_callbacks(object) < 16);
	for (size_t i = 0; i < klpdep_object_count_funcs(object); i++) {
		FUZZ_CHECK(klpdep_object_get_func(object, i, &name, &sympos) == 0);
		FUZZ_CHECK(*name);
	}
	FUZZ_CHECK(klpdep_object_get_func(object, klpdep_object_count_funcs(object),
					  &name, &sympos) == -ENOENT);
	for (size_t i = 0; i < klpdep_object_count_relocs(object); i++) {
		FUZZ_CHECK(klpdep_object_get_reloc(object, i, &symobject, &name,
						   &sympos) == 0);
		FUZZ_CHECK(*symobject && *name);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_file_ struct klp_file *file = calloc(1, sizeof(*file));
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	int err;

	FUZZ_CHECK(file);
	*file = (struct klp_file){
		.path = copy("fuzz.ko", sizeof("fuzz.ko")),
		.fd = -1,
		.size = size,
		.data = copy(data, size),
	};
	err = klp_format_read(file, &patch);
	if (err == 0) {
		check_patch(patch);
	} else {
		/* Each has its message; klpdep.h lists the errors that there are. */
		FUZZ_CHECK(err == -ENODATA || file->error);
		FUZZ_CHECK(err == -ENODATA || err == -EBADMSG || err == -ENOTSUP);
		FUZZ_CHECK(!patch);
	}
	return 0;
}
