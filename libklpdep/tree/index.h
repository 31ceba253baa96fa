/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The index: the patches of one kernel's module tree and their edges, in memory and as
 * the file modules.klpdep.
 *
 * The file is text.  The first line names format, major version and kernel, the last one
 * is "end", and what stands between is sorted by bytes, each line once:
 *
 *   # klpdep index 1 KERNEL
 *   func PATCH OBJECT NAME SYMPOS
 *   incompatible PATCH CODE [object=OBJECT] why=TEXT
 *   object OBJECT PATCH order=before|after|none [callbacks=NAME,...] [relocs=yes]
 *   patch NAME file=PATH format=FORMAT replace=yes|no|unknown [set=] [version=]
 *         [srcversion=] [vermagic=] [buildid=] [states=ID:VERSION,...]
 *         [retire=always|never] [fixes=ID,...] [missing=NAME,...] [needs=NAME,...]
 *         [supersedes=GLOB,...]
 *   requires PATCH NEEDED reason=import|declared|softdep|patched-export
 *   softdep MODULE [pre=NAME,...] [post=NAME,...]
 *   target MODULE stamp=SIZE:MTIME:INODE [buildid=]
 *   end
 *
 * A patch of a directory of klpdep.d(5) has an absolute path, and says what modules.dep would
 * say of it: needs.
 * Words are divided by one space.  Bytes of a value other than printable ASCII, and the
 * percent sign, are written as %XX.  A reader skips lines whose first word, and keys,
 * that it does not know.
 */
#ifndef KLP_INDEX_H
#define KLP_INDEX_H

#include "libklpdep/host/kmod.h"
#include "libklpdep/livepatch/patch.h"

#define KLP_INDEX_FILE "modules.klpdep"
/* In an image of mkinitcpio, which removes modules.* files that it does not know. */
#define KLP_INDEX_FILE_KEPT "klpdep.index"
#define KLP_INDEX_HEADER "# klpdep index "
#define KLP_INDEX_VERSION 1
#define KLP_INDEX_MAX ((size_t)256 << 20)

#define KLP_WORD_FUNC "func"
#define KLP_WORD_INCOMPATIBLE "incompatible"
#define KLP_WORD_OBJECT "object"
#define KLP_WORD_PATCH "patch"
#define KLP_WORD_REQUIRES "requires"
#define KLP_WORD_SOFTDEP "softdep"
#define KLP_WORD_TARGET "target"
#define KLP_WORD_END "end"

/* Why one patch requires another, as a word of the index. */
const char *klp_link_reason_name(enum klpdep_link_reason reason);
/* -EINVAL if there is no such name. */
int klp_link_reason_from_name(const char *name, enum klpdep_link_reason *reason);

/* A patch, and another one that it requires. */
struct klp_link {
	struct klpdep_patch *from;
	struct klpdep_patch *to;
	enum klpdep_link_reason reason;
};

/* The reason why a patch is incompatible: the code of a finding of fit, or its unreadable
 * file. */
struct klp_misfit {
	const struct klpdep_patch *patch;
	char *code;
	char *object; /* or NULL */
	char *why;
};

#define KLP_UNREADABLE "unreadable" /* the one code that is no finding of fit */

/* A module's softdeps, without klpdep's own. */
struct klp_softdep {
	char *module;
	struct klp_strv pre;
	struct klp_strv post;
};

/* A target's file, at the time when its patches were compared with it. */
struct klp_target {
	char *name;
	uint64_t size;
	int64_t mtime; /* in nanoseconds */
	uint64_t inode;
	char *build_id; /* or NULL */
};

/* An edge: the numbers of patch and object. */
struct klpdep_edge {
	struct klpdep_patch *patch;
	struct klpdep_object *object;
};

struct klpdep_index {
	unsigned int refs;
	char *kernel;
	struct klpdep_patch **patches; /* sorted by name */
	size_t n_patches;
	struct klpdep_edge *edges; /* sorted by target, then version-aware by patch */
	size_t n_edges;
	struct klp_link *requires; /* sorted by the requiring patch */
	size_t n_requires;
	struct klp_misfit *misfits; /* sorted by patch, then by code */
	size_t n_misfits;
	struct klp_softdep *softdeps;
	size_t n_softdeps;
	struct klp_target *targets; /* sorted by name */
	size_t n_targets;
};

struct klpdep_index *klp_index_new(const char *kernel);

/* Add a patch; the index takes over the reference. */
int klp_index_add_patch(struct klpdep_index *index, struct klpdep_patch *patch);
/* Sort the patches: call it after all were added, and before what follows. */
void klp_index_sort_patches(struct klpdep_index *index);
/* Make and sort the edges: call it when the patches are complete. */
int klp_index_make_edges(struct klpdep_index *index);

/* The run of patches whose names begin with the first @len characters of @stem: the first
 * one, and their number in *n. */
size_t klp_index_find_stem(const struct klpdep_index *index, const char *stem, size_t len,
			   size_t *n);
struct klpdep_patch *klp_index_find(const struct klpdep_index *index, const char *name);
/* Drop the patches that the index has from a list of names. */
void klp_index_drop_found(const struct klpdep_index *index, struct klp_strv *names);
int klp_index_add_requires(struct klpdep_index *index, struct klpdep_patch *patch,
			   struct klpdep_patch *needed, enum klpdep_link_reason reason);
/* Sort them and remove duplicates: call it after all were added. */
void klp_index_sort_links(struct klpdep_index *index);
/* The requirements of a patch: the first, and their number in *n. */
const struct klp_link *klp_index_requires_of(const struct klpdep_index *index,
					     const struct klpdep_patch *patch, size_t *n);
/* Add a reason why a patch is incompatible; sort the reasons after all were added. */
int klp_index_add_misfit(struct klpdep_index *index, const struct klpdep_patch *patch,
			 const char *code, const char *object, const char *why);
void klp_index_sort_misfits(struct klpdep_index *index);
/* Drop all but the first @n, which are not sorted yet. */
void klp_index_drop_misfits(struct klpdep_index *index, size_t n);
/* The reasons for a patch: the first, and their number in *n. */
const struct klp_misfit *klp_index_misfits_of(const struct klpdep_index *index,
					      const struct klpdep_patch *patch, size_t *n);
struct klp_softdep *klp_index_add_softdep(struct klpdep_index *index, const char *module);
const struct klp_softdep *klp_index_find_softdep(const struct klpdep_index *index,
						 const char *module);

/* Add them in order of their names. */
struct klp_target *klp_index_add_target(struct klpdep_index *index, const char *name);
const struct klp_target *klp_index_find_target(const struct klpdep_index *index,
					       const char *name);

/* The path of the patch's file in the running system; NULL when there is no memory.  The caller
 * frees. */
char *klp_index_patch_file(const struct klpdep_index *index, const struct klpdep_patch *patch);

/* Tell @kmod about the patches that are kept beside the module tree.  -ENOMEM. */
int klp_index_tell(const struct klpdep_index *index, struct klp_kmod *kmod);

/* The run of edges of one target: the first, and their number in *n. */
const struct klpdep_edge *klp_index_edges_of(const struct klpdep_index *index,
					  const char *target, size_t *n);

/* The path in /run of a kernel's index, for trees that cannot be written.  And the path of
 * the index that counts: that one, unless the tree's is newer.  The caller frees; NULL: no
 * memory. */
char *klp_index_run_file(const struct klpdep_ctx *ctx, const char *kernel);
char *klp_index_file(const struct klpdep_ctx *ctx, const char *kernel);

/* The text of a kernel's index, with header and end line checked, and its file; the caller
 * frees both. */
int klp_index_load(struct klpdep_ctx *ctx, const char *kernel, char **file, char **text,
		   size_t *size);
/* Whether a text of klp_index_load() has records of a word (KLP_WORD_OBJECT,
 * KLP_WORD_PATCH) about @name. */
bool klp_index_text_has(const char *text, size_t size, const char *word,
			const char *name);
/* Read such a text, and change it in doing so.  @file: for messages. */
int klp_index_parse(struct klpdep_ctx *ctx, const char *file, const char *kernel,
		    char *text, struct klpdep_index **index);

/* Open the index of a kernel, like klpdep_index_open().  A missing index (-ENOENT) is not
 * logged as an error. */
int klp_index_open(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_index **index);

/* Encode a value for the index: bytes other than printable ASCII, and in a list the comma,
 * become %XX.  And decode it in place; false if the encoding is invalid. */
void klp_index_put_value(FILE *stream, const char *value, bool in_list);
bool klp_index_decode(char *value);

/* The text of an index file; the caller frees. */
int klp_index_format(const struct klpdep_index *index, char **text, size_t *size);

#endif /* KLP_INDEX_H */
