/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @mainpage libklpdep - which Linux livepatch belongs to which module
 *
 * A livepatch module ("patch") changes functions of objects: the kernel itself
 * ("vmlinux") or a loadable module (then called a target).  This library reads from the
 * modules' ELF images what they change, stores that for a whole module tree in an index,
 * and plans the order in which modules and patches are loaded.
 *
 * @par Conventions
 *
 * - Every function that can fail returns 0 or a negative errno of the set below.  A failing
 *   function has logged exactly once, as LOG_ERR, what went wrong, with the file's name,
 *   through the context's log function.  Answers are no errors there: -ENODATA is LOG_DEBUG,
 *   and steps that klpdep_sync() leaves undone are LOG_WARNING, even with -EBUSY.
 * - A function that creates an object stores it in its last argument, only on success.
 *   Objects are reference-counted: ..._ref() takes a reference, ..._unref() drops one and
 *   always returns NULL.  Both accept NULL.  An object holds references to the objects that
 *   it needs, including the context: you may drop yours in any order.
 * - A getter's result belongs to the object that was asked, and lives as long as that.
 *   Getters return reference-counted results without const, so that you can keep them longer
 *   by a reference of your own: a patch of an index, the index of a view.  No shared object
 *   can be changed in this way.
 * - A getter of an absent string returns NULL, and one with a number NULL beyond the last.
 * - Structures have no members here: functions read them.  Later versions may have more
 *   functions, and more values of enumerations: a program treats a value that it does not
 *   know as "something else", and ..._name() returns its name.  Values do not change.
 * - Text from a module's file is returned as it is in the file: the name of an object, a
 *   function or a symbol can be any text, even with blanks.  Check it before you use it.
 * - In arguments that are names of modules, dashes count as underscores.
 * - A callback returns 0 to go on.  Any other value ends the call, which returns that value.
 * - Use a context, and the objects made with it, in one thread at a time.  Different threads
 *   may use different contexts at the same time.  klpdep_index_scan() uses threads of its own
 *   inside, and calls log function and callback only from the calling thread.
 * - A flag that a function does not know gives -EINVAL.
 * - The library prints nothing, never exits, keeps no global state, and leaves signals alone.
 *
 * @par Errors
 *
 *     -ENODATA   the module is not a livepatch: an answer, which is not logged as an error
 *     -EBADMSG   a file is malformed: the log says which, where, and what is wrong
 *     -ENOTSUP   a file is of a kind that is not supported (32-bit, a compression that
 *                this build leaves out, an index of a later major version)
 *     -EFBIG     a file is larger, or decompresses to more, than the library accepts
 *     -ESPIPE    a FIFO, a socket or a device is in the place of a file
 *     -EISDIR    a directory is
 *     -ENOENT    a file, patch or module does not exist
 *     -EINVAL    an argument is invalid, such as a string that is no module name
 *     -ECANCELED the request is switched off, masked, or cannot be done now
 *     -EBUSY     a transition of the running kernel is in the way: try again later
 *     -ETIMEDOUT the kernel stayed busy, or another writer held the lock for too long
 *     -EIO       the disk or the stream failed while a file was read or written
 *     -ENOMEM    out of memory
 *     others     an errno of open(2), read(2), write(2), fsync(2) or rename(2); and in
 *                functions for the running kernel, an errno of init_module(2),
 *                delete_module(2), or a write to sysfs
 */
/** @file
 * All of the library. */
#ifndef KLPDEP_H
#define KLPDEP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version ----------------------------------------------------------------------- */

/** The version of this header, with which a program is compiled. */
#define KLPDEP_VERSION_MAJOR 0
#define KLPDEP_VERSION_MINOR 9 /**< see KLPDEP_VERSION_MAJOR */
#define KLPDEP_VERSION_PATCH 0 /**< see KLPDEP_VERSION_MAJOR */

/** The version of the library that a program runs with, "0.9.0".  The library's own.  Since
 *  0.9. */
const char *klpdep_get_version(void);

/* ---- context ----------------------------------------------------------------------- */

/** A library context: the log function and the root directory. */
struct klpdep_ctx;

/**
 * A log function.
 *
 * @param data as given to klpdep_set_log_fn()
 * @param priority a priority of syslog(3), LOG_ERR to LOG_DEBUG
 * @param message one line without a newline; valid during the call only.  A message about
 * loading or unloading in the running kernel begins with an identifier, "IDENTIFIER:
 * MODULE: TEXT"; klpdep(8) lists them.
 */
typedef void (*klpdep_log_fn)(void *data, int priority, const char *message);

/**
 * Make a context.  It has no log function, the priority LOG_WARNING, and the running
 * system ("/") as its root.
 *
 * Returns 0 or -ENOMEM.  Since 0.9.
 */
int klpdep_new(struct klpdep_ctx **ctx);

/** Take a reference.  Returns @p ctx.  Since 0.9. */
struct klpdep_ctx *klpdep_ref(struct klpdep_ctx *ctx);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_ctx *klpdep_unref(struct klpdep_ctx *ctx);

/** Call @p fn for each message; NULL silences the context.  Since 0.9. */
void klpdep_set_log_fn(struct klpdep_ctx *ctx, klpdep_log_fn fn, void *data);

/** Set the least urgent priority that is logged (LOG_ERR ... LOG_DEBUG).  Since 0.9. */
void klpdep_set_log_priority(struct klpdep_ctx *ctx, int priority);

/**
 * Work on the system below @p root instead of the running one: module trees, module
 * configuration, index and cache are then all below it, and nothing outside is used.  If
 * it has a usr/lib and no lib, files of /lib are in usr/lib.
 *
 * @param root a directory; NULL or "" or "/" for the running system; copied
 *
 * Returns 0 or -ENOMEM.  Since 0.9.
 */
int klpdep_set_root(struct klpdep_ctx *ctx, const char *root);

/** An error of this library in a few words; never NULL.  Since 0.9. */
const char *klpdep_strerror(int error);

/** Whether the context's root is the running system, and @p kernel the running version: what
 *  is loaded then counts.  Since 0.9. */
bool klpdep_is_running(const struct klpdep_ctx *ctx, const char *kernel);

/** Why klpdep is off in the running kernel, which was started with klpdep=off or to write a
 *  crash dump; or NULL.  Since 0.9. */
const char *klpdep_get_switched_off(const struct klpdep_ctx *ctx);

/* ---- patches ----------------------------------------------------------------------- */

/** A livepatch module: its name, its properties, and its objects. */
struct klpdep_patch;

/** What a patch changes in one object. */
struct klpdep_object;

/** Whether enabling a patch disables every other patch on the system. */
enum klpdep_replace {
	KLPDEP_REPLACE_UNKNOWN,	/**< the patch's own init code decides */
	KLPDEP_REPLACE_NO,	/**< it does not */
	KLPDEP_REPLACE_YES	/**< it does */
};

/** The callbacks that a patch has for an object; bits of
 *  klpdep_object_get_callbacks(). */
enum klpdep_callback {
	KLPDEP_PRE_PATCH = 1 << 0,    /**< before patching; can refuse it */
	KLPDEP_POST_PATCH = 1 << 1,   /**< after patching */
	KLPDEP_PRE_UNPATCH = 1 << 2,  /**< before unpatching */
	KLPDEP_POST_UNPATCH = 1 << 3 /**< after unpatching */
};

/** "unknown", "no", "yes"; NULL for any other value.  Since 0.9. */
const char *klpdep_replace_name(enum klpdep_replace replace);

/** "pre_patch", ...; NULL for any other value.  Since 0.9. */
const char *klpdep_callback_name(enum klpdep_callback callback);

/**
 * Read a livepatch module.
 *
 * @param path the .ko file, uncompressed or compressed with gzip, xz or zstd; not relative
 *        to the context's root
 *
 * Returns 0; -ENODATA if the module is no livepatch, which is logged as LOG_DEBUG only;
 * -EBADMSG if it is malformed; -ENOTSUP if this build lacks its decompressor or its
 * architecture; -EFBIG if it is larger than any module; -ESPIPE if it is no regular file,
 * -EISDIR if it is a directory; -ENOMEM; or an errno of open(2) or read(2).  The error has
 * been logged.  Since 0.9.
 */
int klpdep_patch_new_from_file(struct klpdep_ctx *ctx, const char *path,
			       struct klpdep_patch **patch);

/** Take a reference.  Returns @p patch.  Since 0.9. */
struct klpdep_patch *klpdep_patch_ref(struct klpdep_patch *patch);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_patch *klpdep_patch_unref(struct klpdep_patch *patch);

/** The module's name as the kernel knows it (underscores, no ".ko").  Since 0.9. */
const char *klpdep_patch_get_name(const struct klpdep_patch *patch);

/**
 * The module's file: as given to klpdep_patch_new_from_file(), or, for a patch of an
 * index, relative to the kernel's module directory unless it begins with a slash.
 * Since 0.9.
 */
const char *klpdep_patch_get_file(const struct klpdep_patch *patch);

/**
 * The representation from which the objects were read: "klp-patch", the kernel's own
 * structures; "kpatch" or "klp-build", those of the tool of that name; "klp-rela", only
 * klp relocations; "modinfo", only the author's klp_objects tag; "other", one from a later
 * klpdep's index; or NULL, the patch builds its objects at run time and has none of these.
 * Its objects are then not known, but there may be some.  Since 0.9.
 */
const char *klpdep_patch_get_format(const struct klpdep_patch *patch);

/** Whether the patch replaces all others.  Since 0.9. */
enum klpdep_replace klpdep_patch_get_replace(const struct klpdep_patch *patch);

/** modinfo version, or NULL.  Since 0.9. */
const char *klpdep_patch_get_version(const struct klpdep_patch *patch);

/** modinfo srcversion, or NULL.  Since 0.9. */
const char *klpdep_patch_get_srcversion(const struct klpdep_patch *patch);

/** modinfo vermagic, or NULL.  Since 0.9. */
const char *klpdep_patch_get_vermagic(const struct klpdep_patch *patch);

/** The set that the patch belongs to: modinfo klp_set, or SET of SET__OBJECT, or NULL.
 *  Since 0.9. */
const char *klpdep_patch_get_set(const struct klpdep_patch *patch);

/** The name number @p i of modinfo klp_requires: a patch that this one requires.  For a patch
 *  of an index, only names that the index does not have; klpdep_links_new() has the others.
 *  Since 0.9. */
const char *klpdep_patch_get_requires(const struct klpdep_patch *patch, size_t i);

/** The identifier number @p i of modinfo klp_fixes: what the patch fixes.  Since 0.9. */
const char *klpdep_patch_get_fix(const struct klpdep_patch *patch, size_t i);

/** The pattern number @p i of modinfo klp_supersedes, as of glob(7): names of patches that
 *  this one supersedes.  Since 0.9. */
const char *klpdep_patch_get_supersedes(const struct klpdep_patch *patch, size_t i);

/** The number of objects.  Since 0.9. */
size_t klpdep_patch_count_objects(const struct klpdep_patch *patch);

/** The object number @p i, sorted by name; NULL beyond the last.  Since 0.9. */
const struct klpdep_object *klpdep_patch_get_object(const struct klpdep_patch *patch,
						    size_t i);

/** The object's name: "vmlinux", or a module's name as the patch spells it.
 *  Since 0.9. */
const char *klpdep_object_get_name(const struct klpdep_object *object);

/** The srcversion of the module that the patch was made for: modinfo klp_target_srcversion;
 *  NULL if there is none, and for a patch of an index.  Since 0.9. */
const char *klpdep_object_get_target_srcversion(const struct klpdep_object *object);

/** The number of functions that the patch changes in the object; may be 0.  Since 0.9. */
size_t klpdep_object_count_funcs(const struct klpdep_object *object);

/** The name of the function number @p i, in the object.  Since 0.9. */
const char *klpdep_object_get_func(const struct klpdep_object *object, size_t i);

/** The function's position among the object's symbols of that name, from 1; or 0 if the
 *  patch expects the name to be unique (kernel: struct klp_func), or there is no function
 *  number @p i.  Since 0.9. */
uint64_t klpdep_object_get_func_sympos(const struct klpdep_object *object, size_t i);

/** The patch's callbacks for the object, bits of enum klpdep_callback.  Since 0.9. */
unsigned int klpdep_object_get_callbacks(const struct klpdep_object *object);

/** The number of different symbols that klp relocations of this object need; 0 for a
 *  patch that was read from an index.  Since 0.9. */
size_t klpdep_object_count_relocs(const struct klpdep_object *object);

/** The name of the klp relocation symbol number @p i.  The kernel resolves these symbols when
 *  it patches the object (kernel: Documentation/livepatch/module-elf-format).  Since 0.9. */
const char *klpdep_object_get_reloc(const struct klpdep_object *object, size_t i);

/** The object in which the kernel looks it up.  Since 0.9. */
const char *klpdep_object_get_reloc_symobject(const struct klpdep_object *object, size_t i);

/** Its position, as in klpdep_object_get_func_sympos().  Since 0.9. */
uint64_t klpdep_object_get_reloc_sympos(const struct klpdep_object *object, size_t i);

/* ---- configuration ----------------------------------------------------------------- */

/** The administrator's configuration: klpdep.d(5). */
struct klpdep_config;

/** What to do if a patch of a target cannot be loaded. */
enum klpdep_policy {
	KLPDEP_POLICY_WARN,	/**< log it, and load the target all the same */
	KLPDEP_POLICY_REQUIRE,	/**< do not load the target */
	KLPDEP_POLICY_LATE	/**< as WARN, and wait for nothing; patch it later */
};

/**
 * Read the configuration: klpdep.d(5), and the blacklist of modprobe.d(5) below the
 * context's root.
 *
 * @param dir read this directory only; NULL for the directories of klpdep.d(5) below the
 *       context's root, where a file hides files of the same name in later directories
 *
 * A line with an error is logged with its file and number, and left out.
 *
 * Returns 0, -ENOMEM, or an errno of reading @p dir.  Since 0.9.
 */
int klpdep_config_new(struct klpdep_ctx *ctx, const char *dir,
		      struct klpdep_config **config);

/** Take a reference.  Returns @p config.  Since 0.9. */
struct klpdep_config *klpdep_config_ref(struct klpdep_config *config);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_config *klpdep_config_unref(struct klpdep_config *config);

/** The policy for the target @p name.  Since 0.9. */
enum klpdep_policy klpdep_config_get_policy(const struct klpdep_config *config,
					    const char *name);

/** What masks the patch @p name, which need not be in any index: "FILE:LINE"; or NULL.
 *  Since 0.9. */
const char *klpdep_config_get_mask(const struct klpdep_config *config, const char *name);

/** The directory number @p i of patches beside the module tree, as written in klpdep.d(5): %v
 *  stands for the kernel's version, and %% for a percent sign.  Our own come first.
 *  Since 0.9. */
const char *klpdep_config_get_directory(const struct klpdep_config *config, size_t i);

/** How many seconds to wait for a busy kernel before giving up a patch.  Since 0.9. */
unsigned int klpdep_config_get_retry_timeout(const struct klpdep_config *config);

/** How many seconds to wait for a patch's own transition before its target is loaded.
 *  Since 0.9. */
unsigned int klpdep_config_get_settle_timeout(const struct klpdep_config *config);

/* ---- modules ----------------------------------------------------------------------- */

/** The modules of a kernel's tree that depmod(8) has selected: modules.dep. */
struct klpdep_tree;

/** One of these modules. */
struct klpdep_module;

/**
 * Read the list of a kernel's modules, livepatches or not.
 *
 * @param kernel the kernel's version, a directory name below the context's modules directory
 *
 * Returns 0; -ENOENT if the tree has no modules.dep; -EINVAL if @p kernel is not a
 * directory name; -EBADMSG if modules.dep is malformed; -EFBIG; -ENOMEM; or an errno of
 * open(2) or read(2).  Since 0.9.
 */
int klpdep_tree_new(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_tree **tree);

/** Take a reference.  Returns @p tree.  Since 0.9. */
struct klpdep_tree *klpdep_tree_ref(struct klpdep_tree *tree);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_tree *klpdep_tree_unref(struct klpdep_tree *tree);

/** The kernel's module directory, below the context's root.  Since 0.9. */
const char *klpdep_tree_get_directory(const struct klpdep_tree *tree);

/** The module number @p i, sorted by name.  Since 0.9. */
const struct klpdep_module *klpdep_tree_get_module(const struct klpdep_tree *tree, size_t i);

/** The module of that name, or NULL.  Since 0.9. */
const struct klpdep_module *klpdep_tree_find_module(const struct klpdep_tree *tree,
						    const char *name);

/** Its name.  Since 0.9. */
const char *klpdep_module_get_name(const struct klpdep_module *module);

/** Its file; below the context's root if it is below the module directory in modules.dep.
 *  Since 0.9. */
const char *klpdep_module_get_file(const struct klpdep_module *module);

/** The module number @p i on which it depends, directly or indirectly.  Since 0.9. */
const struct klpdep_module *klpdep_module_get_dep(const struct klpdep_module *module, size_t i);

/**
 * Find out whether depmod(8) has to run for a kernel before its index can be right, since
 * modules have come, gone or changed after its last run, or its modules.dep is malformed.
 *
 * @param due set to the answer
 *
 * Returns 0; -EINVAL if @p kernel is not a directory name; -ENOENT if the tree has no
 * modules.dep; -ENOMEM; or an errno of reading the tree.  Since 0.9.
 */
int klpdep_depmod_is_due(struct klpdep_ctx *ctx, const char *kernel, bool *due);

/* ---- index ------------------------------------------------------------------------- */

/** The patches of one kernel's module tree, and their edges: modules.klpdep(5). */
struct klpdep_index;

/** An edge: a patch and one object that it changes. */
struct klpdep_edge;

/** Whether a patch is loaded before or after its target. */
enum klpdep_order {
	KLPDEP_ORDER_NONE,	/**< no order: vmlinux, or no such module in the tree */
	KLPDEP_ORDER_BEFORE,	/**< the patch first: it also patches the target's init */
	KLPDEP_ORDER_AFTER	/**< first the target, on which the patch depends */
};

/** "none", "before", "after"; NULL for any other value.  Since 0.9. */
const char *klpdep_order_name(enum klpdep_order order);

/** Options of klpdep_index_scan(). */
enum klpdep_scan_flags {
	KLPDEP_SCAN_NO_CACHE = 1 << 0	/**< neither read nor write the scan cache */
};

/**
 * Called repeatedly during a scan, from the calling thread.
 *
 * @param done modules read so far
 * @param total modules in all
 *
 * Returns 0 to go on; anything else ends the scan.
 */
typedef int (*klpdep_progress_fn)(void *data, size_t done, size_t total);

/**
 * Make an index without patches, for functions that need no real one: klpdep_unload(), or
 * the status of what others have loaded.
 *
 * Returns 0; -EINVAL if @p kernel is not a directory name; -ENOMEM.  Since 0.9.
 */
int klpdep_index_new(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_index **index);

/**
 * Compute the index of a kernel's module tree.
 *
 * The modules are those that depmod(8) selected, which the tree's modules.dep lists, and those
 * in the directories of klpdep.d(5).  This does not check which patches are incompatible:
 * klpdep_publisher_add() does, and writes it into the index that klpdep_index_open() reads.
 *
 * @param kernel the kernel's version, a directory name below the context's modules directory
 * @param config names further directories; NULL: only klpdep's own are read
 * @param threads how many threads read modules; 0: one per available processor
 * @param flags enum klpdep_scan_flags
 * @param progress,data called during the scan, and can end it; may be NULL
 * @param index the result; its patches may be none
 * @param unreadable set to the number of modules that could not be read; each has been
 *              logged.  Those that the existing index has are in the new one as
 *              incompatible; the others are left out.  May be NULL.
 *
 * Returns 0; -ENOENT if the tree has no modules.dep; -EINVAL if @p kernel is not a
 * directory name; -EBADMSG if modules.dep is malformed; -ENOMEM.  Since 0.9.
 */
int klpdep_index_scan(struct klpdep_ctx *ctx, const char *kernel,
		      const struct klpdep_config *config, unsigned int threads,
		      unsigned int flags, klpdep_progress_fn progress, void *data,
		      struct klpdep_index **index, size_t *unreadable);

/** Options of klpdep_index_open(). */
enum klpdep_open_flags {
	KLPDEP_OPEN_OPTIONAL = 1 << 0	/**< if there is none, return one without patches */
};

/**
 * Open the index of a kernel that was written before.
 *
 * @param kernel the kernel's version; its index is modules.klpdep in its module directory
 * @param flags enum klpdep_open_flags
 *
 * Returns 0; -EINVAL if @p kernel is not a directory name; -ENOENT if there is none;
 * -EBADMSG if it is truncated or malformed; -ENOTSUP if it is of a later major version;
 * -EFBIG; -ENOMEM.  Since 0.9.
 */
int klpdep_index_open(struct klpdep_ctx *ctx, const char *kernel, unsigned int flags,
		      struct klpdep_index **index);

/** Take a reference.  Returns @p index.  Since 0.9. */
struct klpdep_index *klpdep_index_ref(struct klpdep_index *index);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_index *klpdep_index_unref(struct klpdep_index *index);

/** Write an index to a stream, the same bytes for the same tree.  Returns 0, -ENOMEM or
 *  -EIO.  Since 0.9. */
int klpdep_index_write(struct klpdep_ctx *ctx, const struct klpdep_index *index, FILE *stream);

/** The kernel's version.  Since 0.9. */
const char *klpdep_index_get_kernel(const struct klpdep_index *index);

/** The number of patches.  Since 0.9. */
size_t klpdep_index_count_patches(const struct klpdep_index *index);

/** The patch number @p i, sorted by name.  Since 0.9. */
struct klpdep_patch *klpdep_index_get_patch(const struct klpdep_index *index, size_t i);

/** The patch of that name, or NULL.  Since 0.9. */
struct klpdep_patch *klpdep_index_find_patch(const struct klpdep_index *index,
					     const char *name);

/** The edge number @p i, sorted by target, then by patch (version-aware).  Since 0.9. */
const struct klpdep_edge *klpdep_index_get_edge(const struct klpdep_index *index, size_t i);

/** The edge number @p i of the object @p name ("vmlinux", or a module's name).  Since 0.9. */
const struct klpdep_edge *klpdep_index_find_edge(const struct klpdep_index *index,
						 const char *name, size_t i);

/** The patch.  Since 0.9. */
struct klpdep_patch *klpdep_edge_get_patch(const struct klpdep_edge *edge);

/** The object.  Since 0.9. */
const struct klpdep_object *klpdep_edge_get_object(const struct klpdep_edge *edge);

/* ---- view -------------------------------------------------------------------------- */

/** The state of each patch of an index, and which patch supersedes which.  It is computed
 *  once, and everything else asks it. */
struct klpdep_view;

/** Whether a patch is active, and if not, why. */
enum klpdep_state {
	KLPDEP_STATE_ACTIVE,	/**< it is loaded with its targets */
	KLPDEP_STATE_MASKED,	/**< by configuration, or on the kernel command line */
	KLPDEP_STATE_SUPERSEDED, /**< another patch has taken its place */
	KLPDEP_STATE_INCOMPATIBLE, /**< its file says that it would do harm */
	KLPDEP_STATE_QUARANTINED, /**< it has taken the machine down */
	KLPDEP_STATE_BLOCKED,	/**< something is in its way: a foreign patch, a klp_state,
				     another that replaces all patches; or it is left to
				     kpatch.service */
	KLPDEP_STATE_UNMET,	/**< what it requires is not active */
	KLPDEP_STATE_MISSING	/**< it is not a patch of the view's index */
};

/** "active", "masked", ...; NULL for no value of the enumeration.  Since 0.9. */
const char *klpdep_state_name(enum klpdep_state state);

/** Options of klpdep_view_new(). */
enum klpdep_view_flags {
	/** What is loaded counts: it can be in a patch's way. */
	KLPDEP_VIEW_LIVE = 1 << 0,
	/** Foreign patches block nothing.  Foreign patches are those that others have loaded
	 *  and the index does not have. */
	KLPDEP_VIEW_TAKE_OVER = 1 << 1
};

/**
 * Make the view of an index.
 *
 * A patch supersedes another if it says so (modinfo klp_supersedes) or the configuration
 * does; if both declare one series (modinfo klp_set, or a name SET__OBJECT) and it is the
 * later release, which is the complete fix of its object; if it is the later release by a
 * number in their names, and changes everything that the other changes; or if it is the
 * later release and the kernel replaces the other.
 *
 * @param index a reference to it is kept
 * @param config decides what is masked, what supersedes what, and which order is forced; NULL:
 *          nothing is.  A reference is kept
 * @param flags enum klpdep_view_flags
 *
 * Returns 0; -EINVAL for an unknown flag; -ENOMEM.  Since 0.9.
 */
int klpdep_view_new(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    struct klpdep_config *config, unsigned int flags,
		    struct klpdep_view **view);

/** Take a reference.  Returns @p view.  Since 0.9. */
struct klpdep_view *klpdep_view_ref(struct klpdep_view *view);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_view *klpdep_view_unref(struct klpdep_view *view);

/** The index that it is a view of.  Since 0.9. */
struct klpdep_index *klpdep_view_get_index(const struct klpdep_view *view);

/** The state of a patch of the index; KLPDEP_STATE_MISSING for NULL.  Since 0.9. */
enum klpdep_state klpdep_view_get_state(const struct klpdep_view *view,
					const struct klpdep_patch *patch);

/** Why it is not active: where it is masked, what supersedes it, what is in its way, ...; or
 *  NULL.  Since 0.9. */
const char *klpdep_view_get_reason(const struct klpdep_view *view,
				   const struct klpdep_patch *patch);

/** The active patch that has superseded it, or NULL.  Since 0.9. */
struct klpdep_patch *klpdep_view_get_successor(const struct klpdep_view *view,
					       const struct klpdep_patch *patch);

/** Whether it is active, or would be without what is in its way.  A patch that is left to
 *  kpatch.service is not wanted.  Since 0.9. */
bool klpdep_view_is_wanted(const struct klpdep_view *view, const struct klpdep_patch *patch);

/** What masks the patch @p name, which need not be in the index: as in
 *  klpdep_config_get_mask(), or with KLPDEP_VIEW_LIVE also the kernel command line; NULL if
 *  nothing does.  Since 0.9. */
const char *klpdep_view_get_mask(const struct klpdep_view *view, const char *name);

/** The order of an edge of the index, whether its patch is active or not.  Since 0.9. */
enum klpdep_order klpdep_view_get_order(const struct klpdep_view *view,
					const struct klpdep_edge *edge);

/** Why the order is not the usual, or NULL.  Since 0.9. */
const char *klpdep_view_get_order_reason(const struct klpdep_view *view,
					 const struct klpdep_edge *edge);

/* ---- links ------------------------------------------------------------------------- */

/** The links between the patches of a view. */
struct klpdep_links;

/** A link from one patch to another; two patches have at most one of each kind. */
struct klpdep_link;

/** The kind of a link. */
enum klpdep_link_kind {
	KLPDEP_LINK_REQUIRES,	/**< the other has to be loaded and enabled earlier */
	KLPDEP_LINK_SUPERSEDES	/**< it takes the other's place */
};

/** Why there is a link; bits of klpdep_link_get_reasons(). */
enum klpdep_link_reason {
	KLPDEP_REASON_DECLARED = 1 << 0, /**< modinfo klp_requires, or klp_supersedes */
	KLPDEP_REASON_IMPORT = 1 << 1,	/**< it uses a symbol that the other exports */
	KLPDEP_REASON_PATCHED_EXPORT = 1 << 2, /**< it uses a function that the other changes */
	KLPDEP_REASON_SOFTDEP = 1 << 3,	/**< its softdep names the other */
	KLPDEP_REASON_SERIES = 1 << 4,	/**< it is a later release of one series */
	KLPDEP_REASON_CONFIGURED = 1 << 5 /**< klpdep.d(5) says so */
};

/**
 * Get the links of a view: first what patches require, then what they supersede, each
 * sorted by patch, then by the other's name.
 *
 * @param view a reference to it is kept
 *
 * Returns 0 or -ENOMEM.  Since 0.9.
 */
int klpdep_links_new(struct klpdep_ctx *ctx, struct klpdep_view *view,
		     struct klpdep_links **links);

/** Take a reference.  Returns @p links.  Since 0.9. */
struct klpdep_links *klpdep_links_ref(struct klpdep_links *links);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_links *klpdep_links_unref(struct klpdep_links *links);

/** The link number @p i.  Since 0.9. */
const struct klpdep_link *klpdep_links_get_link(const struct klpdep_links *links, size_t i);

/** Its kind.  Since 0.9. */
enum klpdep_link_kind klpdep_link_get_kind(const struct klpdep_link *link);

/** The patch that requires or supersedes the other.  Since 0.9. */
struct klpdep_patch *klpdep_link_get_patch(const struct klpdep_link *link);

/** The name of the other.  Since 0.9. */
const char *klpdep_link_get_name(const struct klpdep_link *link);

/** The other; NULL if the index has none of that name.  Since 0.9. */
struct klpdep_patch *klpdep_link_get_other(const struct klpdep_link *link);

/** Why: bits of enum klpdep_link_reason.  Since 0.9. */
unsigned int klpdep_link_get_reasons(const struct klpdep_link *link);

/** The same as text, divided by commas: "declared", "import", "patched-export", "softdep",
 *  "series"; and "FILE:LINE" of the configuration.  Since 0.9. */
const char *klpdep_link_get_text(const struct klpdep_link *link);

/** For a requirement: the active patch that meets it, which is the other or its successor;
 *  NULL if none does.  Since 0.9. */
struct klpdep_patch *klpdep_link_get_met_by(const struct klpdep_link *link);

/** For a requirement: whether the other also requires this patch, directly or indirectly.
 *  Since 0.9. */
bool klpdep_link_is_circular(const struct klpdep_link *link);

/* ---- verify ------------------------------------------------------------------------ */

/** The severity of a finding. */
enum klpdep_severity {
	KLPDEP_NOTE,	/**< a check was not possible, or a consequence worth knowing */
	KLPDEP_WARNING, /**< the kernel accepts it, but it may not do what is meant */
	KLPDEP_ERROR	/**< the kernel refuses it, or it can have no effect */
};

/** "note", "warning", "error"; NULL for any other value.  Since 0.9. */
const char *klpdep_severity_name(enum klpdep_severity severity);

/** One finding, for instance of klpdep_verify(); valid during the call. */
struct klpdep_finding;

/** Its severity.  Since 0.9. */
enum klpdep_severity klpdep_finding_get_severity(const struct klpdep_finding *finding);

/** Its code, from the list in klpdep-verify(8): "no-symbol", ...  Since 0.9. */
const char *klpdep_finding_get_code(const struct klpdep_finding *finding);

/** The patch's name; NULL: the finding is about the tree.  Since 0.9. */
const char *klpdep_finding_get_patch(const struct klpdep_finding *finding);

/** The patch's file, or NULL.  Since 0.9. */
const char *klpdep_finding_get_file(const struct klpdep_finding *finding);

/** The object that it is about, or NULL.  Since 0.9. */
const char *klpdep_finding_get_object(const struct klpdep_finding *finding);

/** A function, a symbol, another patch; or NULL.  Since 0.9. */
const char *klpdep_finding_get_subject(const struct klpdep_finding *finding);

/** What is wrong, and what to change.  Since 0.9. */
const char *klpdep_finding_get_message(const struct klpdep_finding *finding);

/** Called for each finding.  Returns 0 to go on; anything else ends the search. */
typedef int (*klpdep_finding_fn)(void *data, const struct klpdep_finding *finding);

/**
 * Check the livepatches of a kernel's tree for what the kernel would refuse, and what would
 * not work as meant.
 *
 * @param kernel the kernel's version; its tree is below the context's root
 * @param config masks, orders and the like; NULL: none
 * @param patches,n check only these livepatches.  Each was read from its file, which is read
 * again.  If that file is not in the tree, the patch is checked as if it were, in the place of any of the same
 * name.  Several of one name are checked one after another, each as if it were alone.  None:
 * check all patches of the tree that are neither masked nor superseded.
 * @param fn,data called for each finding, patch by patch
 *
 * Returns 0, whatever was found; -ENOENT if the tree has no modules.dep; -EINVAL if
 * @p kernel is not a directory name; -EBADMSG if modules.dep is malformed; -ENOMEM; or
 * what klpdep_patch_new_from_file() would return for a file that has changed meanwhile.
 * Since 0.9.
 */
int klpdep_verify(struct klpdep_ctx *ctx, const char *kernel,
		  struct klpdep_config *config, struct klpdep_patch *const *patches,
		  size_t n, klpdep_finding_fn fn, void *data);

/* ---- rules ------------------------------------------------------------------------- */

/** The lines of modprobe.d(5) that load the patches of a view with their targets. */
struct klpdep_rules;

/** The form of a rule. */
enum klpdep_rule {
	KLPDEP_RULE_NONE,	/**< not at all */
	KLPDEP_RULE_HOOKS,	/**< by softdeps; modprobe itself loads the target */
	KLPDEP_RULE_INSTALL	/**< by an install line, in the place of the target's loading */
};

/** "none", "hooks", "install"; NULL for any other value.  Since 0.9. */
const char *klpdep_rule_name(enum klpdep_rule rule);

/**
 * Find out which rules are in force beside other lines of modprobe.d(5).
 *
 * @param ctx its root has the modprobe configuration
 * @param view a reference to it is kept
 *
 * Returns 0; -ENOMEM; or another errno when the configuration cannot be read.  Since 0.9.
 */
int klpdep_rules_new(struct klpdep_ctx *ctx, struct klpdep_view *view,
		     struct klpdep_rules **rules);

/** Take a reference.  Returns @p rules.  Since 0.9. */
struct klpdep_rules *klpdep_rules_ref(struct klpdep_rules *rules);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_rules *klpdep_rules_unref(struct klpdep_rules *rules);

/** The form of the rule for an edge of the view's index; KLPDEP_RULE_NONE for a patch that is
 *  not active, and for vmlinux.  Since 0.9. */
enum klpdep_rule klpdep_rules_get_rule(const struct klpdep_rules *rules,
				       const struct klpdep_edge *edge);

/** The reason for this form, as text; NULL for hooks, and if no rule is wanted.  Since 0.9. */
const char *klpdep_rules_get_reason(const struct klpdep_rules *rules,
				    const struct klpdep_edge *edge);

/**
 * Find lost blocks: install lines of modprobe.d(5) by others, perhaps meant to keep a module
 * out, that klpdep's older rules cancel.  klpdep_publisher_renew_rules() makes such rules
 * anew.  klpdep_verify() finds these, too.
 *
 * @param ctx its root has the modprobe configuration
 * @param view of a kernel.  The rules are for all kernels, so they may also cancel a line for
 * a module without a patch in this one
 * @param fn,data called for each, with the code "block-lost" and either the object or the
 * patch
 *
 * Returns 0, whatever was found; -ENOMEM; or another errno when the configuration cannot be
 * read.  Since 0.9.
 */
int klpdep_check_blocks(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			klpdep_finding_fn fn, void *data);

/* ---- plan -------------------------------------------------------------------------- */

/** The steps of loading a module. */
struct klpdep_plan;

/** What a step does. */
enum klpdep_action {
	KLPDEP_ACTION_INSERT,	/**< insert the module */
	KLPDEP_ACTION_RELOAD,	/**< the patch is loaded but dead: unload, then insert */
	KLPDEP_ACTION_DEFER,	/**< not now: the reason says what the patch waits for */
	KLPDEP_ACTION_UNLOAD,	/**< disable and unload the patch: another has its place */
	KLPDEP_ACTION_KEEP,	/**< the older patch stays beneath: the reason says why */
	KLPDEP_ACTION_EVICT	/**< the kernel disables the foreign patch */
};

/** "insert", "reload", ...; NULL for any other value.  Since 0.9. */
const char *klpdep_action_name(enum klpdep_action action);

/** One step of a plan. */
struct klpdep_step;

/** Options of klpdep_plan_new(). */
enum klpdep_plan_flags {
	KLPDEP_PLAN_LIVE = 1 << 0 /**< leave out what is loaded in the running system */
};

/**
 * Plan the loading of @p name.
 *
 * @param view of the kernel's index
 * @param name a module or a patch; dashes count as underscores
 * @param flags enum klpdep_plan_flags
 *
 * Returns 0; -EINVAL if @p name is no module name; -ENOENT if the tree has no such
 * module; -ENOMEM.  Since 0.9.
 */
int klpdep_plan_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    const char *name, unsigned int flags, struct klpdep_plan **plan);

/**
 * Plan what an initrd with the modules @p names needs in addition: their patches and what
 * these need; and patches of vmlinux if klpdep.d(5) says so.  Names without a module in the
 * tree are ignored.  Nothing counts as loaded.
 *
 * Returns 0 or -ENOMEM.  Since 0.9.
 */
int klpdep_plan_new_initrd(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			   const char *const *names, size_t n, struct klpdep_plan **plan);

/** Take a reference.  Returns @p plan.  Since 0.9. */
struct klpdep_plan *klpdep_plan_ref(struct klpdep_plan *plan);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_plan *klpdep_plan_unref(struct klpdep_plan *plan);

/** The number of steps.  Since 0.9. */
size_t klpdep_plan_count_steps(const struct klpdep_plan *plan);

/** The step number @p i.  Since 0.9. */
const struct klpdep_step *klpdep_plan_get_step(const struct klpdep_plan *plan, size_t i);

/** What the step does with the module.  Since 0.9. */
enum klpdep_action klpdep_step_get_action(const struct klpdep_step *step);

/** The module's name.  Since 0.9. */
const char *klpdep_step_get_module(const struct klpdep_step *step);

/** Its file, absolute; NULL if it is not known.  Since 0.9. */
const char *klpdep_step_get_file(const struct klpdep_step *step);

/** Whether the module is a livepatch of the index.  Since 0.9. */
bool klpdep_step_is_patch(const struct klpdep_step *step);

/** Whether the load fails if this step fails.  Since 0.9. */
bool klpdep_step_is_required(const struct klpdep_step *step);

/** "asked for", "dependency of T", "patch of T", ...  Since 0.9. */
const char *klpdep_step_get_reason(const struct klpdep_step *step);

/* ---- the running kernel ------------------------------------------------------------ */

/**
 * Load a patch into the running kernel, with all steps of its plan.  Wait until it is in
 * effect for every task; then disable and unload the patches that it supersedes.  Patches of
 * other objects are not touched, and one of the two is always in effect.  Call this again to
 * finish an interrupted call, whatever step that was in.
 *
 * A superseded patch stays loaded while a loaded patch requires it, while it patches a
 * loaded object for which no patch in effect supersedes it, or if the kernel does not
 * release it.  That is logged as LOG_NOTICE, or as LOG_WARNING if unloading it failed.
 *
 * retry-timeout in klpdep.d(5) limits the wait for a busy kernel, and for the patch's own
 * transition; for the latter settle-timeout does if that is longer.
 *
 * @param ctx of the running system, without another root
 * @param view of the index of the running kernel
 * @param patch a patch of the index; dashes count as underscores
 * @param left set to the number of superseded patches that stay; may be NULL
 *
 * Returns 0 if the patch is loaded and enabled, whatever is left; -EINVAL if @p patch is no
 * module name, or @p ctx or @p view is not for the running kernel; -ENOENT if the patch is
 * not in the index; -ECANCELED if it is masked, cannot be loaded now, or klpdep is off
 * (klpdep=off, a crash dump); -ETIMEDOUT if the kernel stayed busy; -ENOMEM; or an errno of
 * the kernel.  Since 0.9.
 */
int klpdep_load(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		const char *patch, size_t *left);

/**
 * Disable and unload patches, each after those that require it.  The index need not have
 * them.
 *
 * retry-timeout in klpdep.d(5) limits the wait for a busy kernel, and for each patch's
 * transition.
 *
 * @param ctx of the running system, without another root
 * @param view of an index of the running kernel; it may be without patches
 * @param patches,n names
 * @param left set to the number of patches that stay; each has been logged, with the reason;
 * may be NULL
 *
 * Returns 0, whatever is left; -EINVAL if one of @p patches is no module name, or @p ctx
 * or @p view is not for the running kernel; -ENOMEM.  Since 0.9.
 */
int klpdep_unload(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		  const char *const *patches, size_t n, size_t *left);

/** Options of klpdep_sync(). */
enum klpdep_sync_flags {
	/** Also insert patches that are blocked by foreign ones: on top of them.  The foreign
	 *  ones stay loaded, unless a patch replaces all others. */
	KLPDEP_SYNC_TAKE_OVER = 1 << 0,
	/** Patches may be unloaded before others are loaded, and their targets run unpatched in
	 *  between: for another build of a loaded patch, and for a release that comes back if
	 *  the kernel, or callbacks, allow no other order. */
	KLPDEP_SYNC_RELOAD = 1 << 1,
	/** Under guard of klpdep.d(5): the machine is up.  Patches that are late are inserted,
	 *  one after the other, and each is watched for guard-time: so long does it take. */
	KLPDEP_SYNC_LATE = 1 << 2,
	/** The same: the machine goes down in good order.  Nothing is loaded; marks of this
	 *  boot are taken away, and what is in effect is proven if the boot was complete. */
	KLPDEP_SYNC_SHUTDOWN = 1 << 3
};

/**
 * Make the running kernel match the index.  This loads the active patches of vmlinux and of
 * all loaded targets, each after what it requires.  A patch that was disabled or replaced is
 * unloaded first.  Then it disables and unloads superseded patches, and ours that are masked,
 * as klpdep_load() does.  A patch that replaces all others comes first, and our patches that
 * it has evicted are loaded again.  An older patch stays beneath if its unpatch callbacks
 * could undo what the newer one has set.
 *
 * No target is loaded: a patch that depends on a target which is not loaded is left out.
 * What others do meanwhile counts.  Several processes may call this at once: each patch is
 * loaded once.  A patch that cannot be loaded is logged (LOG_WARNING), and does not keep the
 * others from being loaded.  LOG_NOTICE says what was done.  If freeze of klpdep.d(5) is in
 * force, nothing is done.
 *
 * Timeouts are those of klpdep_load(), for each patch.  They also limit, once, the wait for
 * the init of a target on which a patch depends.
 *
 * @param ctx of the running system, without another root
 * @param view of the index of the running kernel
 * @param patches,n these patches alone; none: all
 * @param flags enum klpdep_sync_flags
 * @param undone set to the number of failed steps, plus the number of patches that are left
 * alone since another build of them is loaded; 0 if everything matches the index.  May be
 * NULL.
 *
 * Returns 0, whatever is left undone; -EBUSY if something is undone because of a transition
 * that did not end, so that you can try again later; -ENOENT if one of @p patches is not in
 * the index; -EINVAL if @p ctx or @p view is not for the running kernel; -ECANCELED if klpdep
 * is off (klpdep=off, a crash dump); -ENOMEM.  Since 0.9.
 */
int klpdep_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		const char *const *patches, size_t n, unsigned int flags, size_t *undone);

/**
 * Plan what klpdep_sync() would do now.  The parameters are the same.
 *
 * Returns 0; -ENOENT if one of @p patches is not in the index; -EINVAL if @p ctx or
 * @p view is not for the running kernel; -ENOMEM.  Since 0.9.
 */
int klpdep_plan_new_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			 const char *const *patches, size_t n, unsigned int flags,
			 struct klpdep_plan **plan);

/**
 * Forget that boots with patches have not come to their end: what is quarantined or late is
 * unproven again, as guard of klpdep.d(5) has it.
 *
 * @param kernel whose marks; it need not be the running one
 * @param patches,n their names; none: all that have marks
 *
 * Returns 0; -ENOENT when one of @p patches has no mark; -EINVAL when one is no module name,
 * or @p kernel is not a directory name; -ENOMEM; or an errno of opendir(3) or unlink(2).
 * Since 0.9.
 */
int klpdep_reset_failed(struct klpdep_ctx *ctx, const char *kernel, const char *const *patches,
			size_t n);

/** What is patched in the running kernel: a snapshot, which is not kept up to date. */
struct klpdep_status;

/** The condition of a patch on one of its objects. */
enum klpdep_condition {
	KLPDEP_CONDITION_PATCHED,    /**< the patch is in effect there, for every task */
	KLPDEP_CONDITION_UNPATCHED,  /**< the object is loaded, the patch not in effect */
	KLPDEP_CONDITION_IDLE,	     /**< the object is not loaded */
	KLPDEP_CONDITION_TRANSITION, /**< tasks are being switched, to the patch or back */
	KLPDEP_CONDITION_SUPERSEDED, /**< another patch has its place; loaded or not */
	KLPDEP_CONDITION_MASKED,     /**< by configuration; loaded or not */
	KLPDEP_CONDITION_OVERRIDDEN, /**< enabled, and another patch is on top of it */
	KLPDEP_CONDITION_INCOMPATIBLE, /**< see KLPDEP_STATE_INCOMPATIBLE */
	KLPDEP_CONDITION_QUARANTINED, /**< it has taken the machine down */
	KLPDEP_CONDITION_BLOCKED,    /**< something that is loaded is in its way */
	KLPDEP_CONDITION_UNMET,	     /**< what it requires is not active */
	KLPDEP_CONDITION_FOREIGN    /**< loaded, and the index does not have it */
};

/** "patched", "unpatched", ...; NULL for any other value.  Since 0.9. */
const char *klpdep_condition_name(enum klpdep_condition condition);

/** Of which kind it was that a patch could not be loaded. */
enum klpdep_refusal {
	KLPDEP_REFUSAL_NONE,	  /**< nothing is known to have kept it out */
	KLPDEP_REFUSAL_SIGNATURE, /**< the kernel wants a signature that it knows */
	KLPDEP_REFUSAL_VERMAGIC,  /**< it is built for another kernel */
	KLPDEP_REFUSAL_SYMBOL,	  /**< a symbol is not there, or of another version */
	KLPDEP_REFUSAL_FTRACE,	  /**< somebody else has a function's entry, or it has none */
	KLPDEP_REFUSAL_STATE,	  /**< a klp_state of what is loaded does not go with its own */
	KLPDEP_REFUSAL_BUSY,	  /**< a transition, its own or another's, did not end in time */
	KLPDEP_REFUSAL_MISSING,	  /**< its file is not there */
	KLPDEP_REFUSAL_OTHER	  /**< something else */
};

/** A patch and one of its objects. */
struct klpdep_row;

/** A transition of the running kernel. */
struct klpdep_transition;

/**
 * Take the status of the running kernel.  There is a row for each object of each patch of the
 * index, and for each object of a loaded livepatch that the index does not have.
 *
 * @param ctx of the running system, without another root
 * @param view of the index of the running kernel; NULL: every loaded livepatch is foreign
 *
 * Only root can see which tasks hold up a transition.
 *
 * Returns 0; -EINVAL if @p ctx or @p view is not for the running kernel; -ENOMEM; or -ENOENT
 * or another errno if the kernel's state cannot be seen, as in a container without /sys.
 * Since 0.9.
 */
int klpdep_status_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		      struct klpdep_status **status);

/** Take a reference.  Returns @p status.  Since 0.9. */
struct klpdep_status *klpdep_status_ref(struct klpdep_status *status);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_status *klpdep_status_unref(struct klpdep_status *status);

/** Whether all is well: no loaded object has a patch of the index that is unpatched there (or
 *  another build of it is loaded), overridden, in transition, blocked, unmet, incompatible or
 *  quarantined.  Masked, superseded, idle and foreign patches do not count.  Neither does a
 *  patch that is blocked by a foreign later release of its series.  Since 0.9. */
bool klpdep_status_is_patched(const struct klpdep_status *status);

/** The number of rows.  Since 0.9. */
size_t klpdep_status_count_rows(const struct klpdep_status *status);

/** The row number @p i, sorted by target, then by patch (version-aware); those without a
 *  target come last.  Since 0.9. */
const struct klpdep_row *klpdep_status_get_row(const struct klpdep_status *status, size_t i);

/** The object's name, or "vmlinux"; NULL if neither index nor kernel tells the objects of the
 *  patch.  Since 0.9. */
const char *klpdep_row_get_target(const struct klpdep_row *row);

/** The patch's name.  Since 0.9. */
const char *klpdep_row_get_patch(const struct klpdep_row *row);

/** The set that it belongs to, or NULL.  Since 0.9. */
const char *klpdep_row_get_set(const struct klpdep_row *row);

/** The condition.  Since 0.9. */
enum klpdep_condition klpdep_row_get_condition(const struct klpdep_row *row);

/** Why the condition is what it is, or NULL.  Since 0.9. */
const char *klpdep_row_get_reason(const struct klpdep_row *row);

/** Since when the patch has been in effect on the object, or its transition has been running:
 *  seconds since the epoch; -1 for other conditions, and where klpdep did not see it begin.
 *  Where klpdep did not wait for the end of the transition, it is when the patch was inserted.
 *  Since 0.9. */
int64_t klpdep_row_get_since(const struct klpdep_row *row);

/** What kept the patch out when it was last tried: the reason then tells it, in the kernel's own
 *  words where its log has any.  KLPDEP_REFUSAL_NONE where it is loaded, was not tried since the
 *  machine was started, or its file is another one by now.  Since 0.9. */
enum klpdep_refusal klpdep_row_get_refusal(const struct klpdep_row *row);

/** "signature", ... as above, "none" too; NULL for what is none of them.  Since 0.9. */
const char *klpdep_refusal_name(enum klpdep_refusal refusal);

/** Whether the object is in the kernel; vmlinux always is.  Since 0.9. */
bool klpdep_row_is_target_loaded(const struct klpdep_row *row);

/** Whether the patch's module is in the kernel, even if it is dead.  Since 0.9. */
bool klpdep_row_is_loaded(const struct klpdep_row *row);

/** Whether it is enabled, or being enabled.  Since 0.9. */
bool klpdep_row_is_enabled(const struct klpdep_row *row);

/** Whether its transition is running.  Since 0.9. */
bool klpdep_row_is_in_transition(const struct klpdep_row *row);

/** Whether it is applied to the object, even if tasks are still being switched, or another
 *  patch is on top of it.  Only KLPDEP_CONDITION_PATCHED means that it is in effect.  Since
 *  0.9. */
bool klpdep_row_is_patched(const struct klpdep_row *row);

/** Whether klpdep_status_is_patched() is false because of it.  Since 0.9. */
bool klpdep_row_is_failing(const struct klpdep_row *row);

/** The running transition, of any patch; NULL: none is running.  Since 0.9. */
const struct klpdep_transition *
klpdep_status_get_transition(const struct klpdep_status *status);

/** The patch's name.  Since 0.9. */
const char *klpdep_transition_get_patch(const struct klpdep_transition *transition);

/** Whether it is being enabled; else it is being disabled.  Since 0.9. */
bool klpdep_transition_is_patching(const struct klpdep_transition *transition);

/** How long it has been running; -1: not known.  Since 0.9. */
long klpdep_transition_get_seconds(const struct klpdep_transition *transition);

/** How many tasks hold it up; -1: not known.  Since 0.9. */
long klpdep_transition_get_tasks(const struct klpdep_transition *transition);

/** Some of them: "foo[77], bar[78] and 3 more"; or NULL.  Since 0.9. */
const char *klpdep_transition_get_held_up_by(const struct klpdep_transition *transition);

/* ---- fixes ------------------------------------------------------------------------- */

/** Whether fixes are in effect.  modinfo klp_fixes and fixes in klpdep.d(5) say which patches
 *  have them. */
struct klpdep_fixes;

/** One fix. */
struct klpdep_fix;

/** The answers to "is it fixed on the running kernel?". */
enum klpdep_fix_state {
	KLPDEP_FIX_FIXED,      /**< in effect on each loaded object */
	KLPDEP_FIX_PARTLY,     /**< in effect on some of them */
	KLPDEP_FIX_NOT_FIXED,  /**< in effect on none */
	KLPDEP_FIX_NOT_LOADED, /**< none of its objects is loaded */
	KLPDEP_FIX_TRANSITION, /**< on all, but tasks are still being switched */
	KLPDEP_FIX_UNKNOWN     /**< no patch of the index names it; the kernel itself may have it */
};

/** Called for each identifier of a fix.  Returns 0 to go on; anything else ends the call. */
typedef int (*klpdep_fix_fn)(void *data, const char *id);

/**
 * List what a patch of a view fixes: by its modinfo klp_fixes and by fixes in klpdep.d(5), each
 * once, sorted.
 *
 * @param fn,data called for each
 *
 * Returns 0; what @p fn returned to end it; or -ENOMEM.  Since 0.9.
 */
int klpdep_view_list_fixes(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			   const struct klpdep_patch *patch, klpdep_fix_fn fn, void *data);

/** "fixed", "partly", ...; NULL for no value of the enumeration.  Since 0.9. */
const char *klpdep_fix_state_name(enum klpdep_fix_state state);

/**
 * Find out which fixes are in effect.  A fix that several patches name is in effect if all of them
 * are.  A patch that has superseded another has the other's fixes if it changes everything that
 * the other changes, or names them itself.
 *
 * @param status of the running kernel
 * @param ids the identifiers to look up; NULL: all that patches name, sorted
 * @param n their number
 *
 * Returns 0, or -ENOMEM.  Since 0.9.
 */
int klpdep_fixes_new(struct klpdep_ctx *ctx, const struct klpdep_status *status,
		     const char *const *ids, size_t n, struct klpdep_fixes **fixes);

/** Take a reference.  Returns @p fixes.  Since 0.9. */
struct klpdep_fixes *klpdep_fixes_ref(struct klpdep_fixes *fixes);

/** Drop a reference.  Returns NULL.  Since 0.9. */
struct klpdep_fixes *klpdep_fixes_unref(struct klpdep_fixes *fixes);

/** The fix number @p i, in the order of the request.  It belongs to @p fixes.  Since 0.9. */
const struct klpdep_fix *klpdep_fixes_get_fix(const struct klpdep_fixes *fixes, size_t i);

/** Its identifier.  Since 0.9. */
const char *klpdep_fix_get_id(const struct klpdep_fix *fix);

/** The answer.  Since 0.9. */
enum klpdep_fix_state klpdep_fix_get_state(const struct klpdep_fix *fix);

/** The name of patch number @p i of those that name the fix.  Since 0.9. */
const char *klpdep_fix_get_patch(const struct klpdep_fix *fix, size_t i);

/** The first object on which it is not in effect, and why; or NULL.  Since 0.9. */
const char *klpdep_fix_get_reason(const struct klpdep_fix *fix);

/* ---- publishing -------------------------------------------------------------------- */

/** A writer of indexes and rules: klpdep-depmod(8). */
struct klpdep_publisher;

/** Options of klpdep_publisher_new(). */
enum klpdep_publish_flags {
	KLPDEP_PUBLISH_NO_CACHE = 1 << 0, /**< neither read nor write the scan cache */
	KLPDEP_PUBLISH_DRY_RUN = 1 << 1, /**< write nothing, not even that cache */
	KLPDEP_PUBLISH_BOOT = 1 << 2 /**< skip modules of the kernel's own build (modules.order),
				      and write nothing if there are neither patches nor an
				      index yet; since 0.9 */
};

/**
 * Make a publisher.  Other publishers wait from its first reading until its last reference is
 * dropped.
 *
 * @param ctx trees and configuration are read below its root
 * @param config the directory of the configuration, as in klpdep_config_new()
 * @param root the directory to write below; NULL: that of @p ctx
 * @param threads how many threads read modules; 0: one per available processor
 * @param flags enum klpdep_publish_flags
 *
 * Returns 0, -EINVAL for an unknown flag, or -ENOMEM.  Since 0.9.
 */
int klpdep_publisher_new(struct klpdep_ctx *ctx, const char *config, const char *root,
			 unsigned int threads, unsigned int flags,
			 struct klpdep_publisher **publisher);

/** Take a reference.  Returns @p publisher.  Since 0.9. */
struct klpdep_publisher *klpdep_publisher_ref(struct klpdep_publisher *publisher);

/** Drop a reference; with the last one, others may write.  Returns NULL.  Since 0.9. */
struct klpdep_publisher *klpdep_publisher_unref(struct klpdep_publisher *publisher);

/**
 * Compute the index of a kernel, with the reasons why patches are incompatible, and write it
 * as modules.klpdep(5).  A kernel that was added before is not read again.
 *
 * @p kernel, @p progress, @p data: as for klpdep_index_scan()
 * @param index set to the index; may be NULL
 * @param unreadable set to the number of modules and targets that could not be read; each has
 * been logged; may be NULL
 *
 * Returns 0; -ETIMEDOUT if another publisher holds the lock for too long; an error of
 * klpdep_index_scan(); or an errno of writing.  Since 0.9.
 */
int klpdep_publisher_add(struct klpdep_publisher *publisher, const char *kernel,
			 klpdep_progress_fn progress, void *data, struct klpdep_index **index,
			 size_t *unreadable);

/** Remove the index of a kernel, whether the kernel still exists or not.  Returns 0;
 *  -EINVAL if @p kernel is not a directory name; -ETIMEDOUT; -ENOMEM; or an errno of
 *  unlink(2).  Since 0.9. */
int klpdep_publisher_remove(struct klpdep_publisher *publisher, const char *kernel);

/**
 * Mask patches, or unmask them, by the lines of masked.conf in klpdep.d(5).  Afterwards write
 * the rules anew, and call klpdep_sync() for the running kernel.
 *
 * @param patches,n their names
 *
 * Returns 0; -EINVAL if one of @p patches is no module name; -ETIMEDOUT; -ENOMEM; or an
 * errno of reading or writing that file.  Since 0.9.
 */
int klpdep_publisher_mask(struct klpdep_publisher *publisher, const char *const *patches,
			  size_t n, bool masked);

/**
 * Write the rules of modprobe.d(5) for all kernels that have an index: the indexes that were
 * added, and those on the disk.  An unreadable one is made anew.
 *
 * Returns 0; -ETIMEDOUT; -ENOMEM; or an errno of reading the configuration, of an index that
 * cannot be made anew, or of writing.  Since 0.9.
 */
int klpdep_publisher_write_rules(struct klpdep_publisher *publisher);

/** The same, if modprobe.d(5) has changed since the rules were made, which is logged
 *  (LOG_NOTICE), or one of their files is missing; else does nothing.  Since 0.9. */
int klpdep_publisher_renew_rules(struct klpdep_publisher *publisher);

#ifdef __cplusplus
}
#endif

#endif /* KLPDEP_H */
