/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * searchmodules FILE...
 *
 * For each module, ask klp_file_search() whether its image can be a livepatch, once as a
 * module that the kernel's build made and once as any, and compare that with what its
 * section table says.  One line in the end; 1 when a livepatch would have been lost.
 */
#include "config.h"

#include "libklpdep/livepatch/format.h"

static size_t decompressed;

/* The image itself, in whatever steps the search wants. */
static int copy(const unsigned char *in, size_t size, struct klp_sink *sink,
		const char **why)
{
	size_t done = 0;

	(void)why;
	while (done < size) {
		int err = klp_sink_reserve(sink);
		size_t room = sink->capacity - sink->size;
		size_t n = room < size - done ? room : size - done;

		if (err != 0)
			return err;
		memcpy(sink->data + sink->size, in + done, n);
		sink->size += n;
		done += n;
		decompressed += n;
	}
	return 0;
}

static int search(const struct klp_file *file, const char *built_as)
{
	const char *why = "";

	return klp_file_search(copy, file->data, file->size, built_as, &why);
}

static struct {
	size_t modules, livepatches, stopped, undecided, lost;
	uint64_t bytes, until_stop;
} sum;

static int search_one(const char *path)
{
	_cleanup_file_ struct klp_file *file = NULL;
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	char name[KLP_MODULE_NAME_LEN];
	int err = klp_file_open(path, &file), as_built, as_any;

	if (err == 0)
		err = klp_file_load(file);
	if (err == 0)
		err = klp_name_from_path(path, name);
	if (err < 0)
		return err;
	decompressed = 0;
	as_built = search(file, name);
	sum.bytes += file->size;
	sum.until_stop += decompressed;
	sum.stopped += decompressed < file->size && as_built == 0;
	as_any = search(file, NULL);
	err = klp_format_read(file, &patch);
	if (as_built < 0 || as_any < 0 || (err < 0 && err != -ENODATA))
		return -EBADMSG;
	sum.modules++;
	sum.livepatches += err == 0;
	sum.undecided += err < 0 && (as_built || as_any);
	if (err == 0 && (!as_built || !as_any)) {
		fprintf(stderr, "%s: would be lost\n", path);
		sum.lost++;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int status = argc < 2;

	for (int i = 1; i < argc; i++) {
		int err = search_one(argv[i]);

		if (err < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], klpdep_strerror(err));
			status = 1;
		}
	}
	printf("%zu modules, %zu livepatches, %zu lost; %zu stopped early, after %.1f %% "
	       "of all bytes; %zu others read whole\n",
	       sum.modules, sum.livepatches, sum.lost, sum.stopped,
	       sum.bytes ? 100.0 * (double)sum.until_stop / (double)sum.bytes : 0,
	       sum.undecided);
	return status || sum.lost;
}
