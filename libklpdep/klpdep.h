/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @mainpage libklpdep - which Linux livepatch belongs to which module
 *
 * A livepatch module ("patch") changes functions of objects: the kernel itself
 * ("vmlinux") or a loadable module (then called a target).  This library reads that
 * out of the modules' ELF images, keeps it for a whole module tree in an index,
 * and works out in which order modules and patches have to be loaded.
 *
 * @par Conventions
 *
 * - Every function that can fail returns 0 or a negative errno of the set below, and has then
 *   said once, as LOG_ERR, what went wrong, with the file's name, through the context's log
 *   function.  What is only an answer is no error there: -ENODATA is LOG_DEBUG, and what
 *   klpdep_sync() leaves undone is LOG_WARNING, -EBUSY or not.
 * - Objects are created by functions whose last arguments are out-parameters, which are only
 *   written on success.  They are reference-counted: ..._ref() takes a reference, ..._unref()
 *   drops one and always returns NULL.  Both accept NULL.  What an object needs of others,
 *   the context included, it keeps: references may be dropped in any order.
 * - What a getter returns belongs to the object it was asked of and lives as long as that.
 *   What is counted is handed out without const, so that it can be kept longer, by a
 *   reference of its own: a patch of an index, the index of a view.  Nothing that is shared
 *   can be changed through it.
 * - A getter of an absent string returns NULL, and one with a number NULL beyond the last.
 * - Structures have no members here: what they have is asked for by functions, and may become
 *   more.  Enumerations may, too: a program that gets a value it does not know takes it as
 *   "something else", and ..._name() has its name.  Values do not change.
 * - What comes from a module's file is as it stands there: the name of an object, a
 *   function or a symbol can be any text, blanks and all.  Look at it before you hand it
 *   on.
 * - Where the name of a module is asked for, dashes are taken for underscores.
 * - A callback returns 0 to go on; anything else ends the call, which returns just that.
 * - One context is for one thread, and so are the objects that were made with it.  Different
 *   contexts may be used at the same time.  klpdep_index_scan() uses threads of its own
 *   inside, and calls log function and callback only from the calling thread.
 * - Flags that a function does not know are -EINVAL.
 * - The library prints nothing, never exits, keeps no global state, and leaves signals alone.
 *
 * @par Errors
 *
 *     -ENODATA   the module is not a livepatch: an answer, which is not logged as an error
 *     -EBADMSG   a file is malformed: the log says which, where, and what is wrong
 *     -ENOTSUP   a file is of a kind that is not supported (32-bit, a compression that
 *                this build leaves out, an index of a later major version)
 *     -EFBIG     a file is larger, or decompresses to more, than the library accepts
 *     -ESPIPE    a FIFO, a socket or a device stands where a file should
 *     -EISDIR    a directory does
 *     -ENOENT    a file, patch or module does not exist
 *     -EINVAL    an argument is invalid, such as a string that is no module name
 *     -ECANCELED what was asked for is switched off, masked, or cannot be done now
 *     -EBUSY     a transition of the running kernel stands in the way: try again later
 *     -ETIMEDOUT the kernel stayed busy, or somebody else who writes did not get on
 *     -EIO       a file cannot be read or written, for the disk or the stream has failed
 *     -ENOMEM    out of memory
 *     others     what open(2), read(2), write(2), fsync(2) or rename(2) returned; and of what
 *                works on the running kernel, what the kernel said to init_module(2),
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

/** The version that this header is of: that a program is compiled against. */
#define KLPDEP_VERSION_MAJOR 0
#define KLPDEP_VERSION_MINOR 1 /**< see KLPDEP_VERSION_MAJOR */
#define KLPDEP_VERSION_PATCH 0 /**< see KLPDEP_VERSION_MAJOR */

/** The version of the library that a program runs with, "0.1.0".  The library's own.  Since
 *  0.1. */
const char *klpdep_get_version(void);

/* ---- context ----------------------------------------------------------------------- */

/** A library context: where messages go and which root directory is looked at. */
struct klpdep_ctx;

/**
 * A log function.
 *
 * @param data what was given to klpdep_set_log_fn()
 * @param priority a priority of syslog(3), LOG_ERR to LOG_DEBUG
 * @param message one line without a newline; valid during the call only.  What is about
 * loading and unloading in the running kernel has an identifier in front, "IDENTIFIER:
 * MODULE: TEXT"; klpdep(8) lists them.
 */
typedef void (*klpdep_log_fn)(void *data, int priority, const char *message);

/**
 * Make a context.  It starts without a log function and with LOG_WARNING as its
 * priority, and looks at the running system ("/").
 *
 * Returns 0 or -ENOMEM.  Since 0.1.
 */
int klpdep_new(struct klpdep_ctx **ctx);

/** Take a reference.  Returns @p ctx.  Since 0.1. */
struct klpdep_ctx *klpdep_ref(struct klpdep_ctx *ctx);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_ctx *klpdep_unref(struct klpdep_ctx *ctx);

/** Have @p fn called for each message; NULL silences the context.  Since 0.1. */
void klpdep_set_log_fn(struct klpdep_ctx *ctx, klpdep_log_fn fn, void *data);

/** Set the least urgent priority that is logged (LOG_ERR ... LOG_DEBUG).  Since 0.1. */
void klpdep_set_log_priority(struct klpdep_ctx *ctx, int priority);

/**
 * Look at the system below @p root instead of the running one: module trees, module
 * configuration, index and cache are then all below it, and nothing outside is used.  Where
 * it has a usr/lib and no lib, what is below /lib is in usr/lib.
 *
 * @param root a directory; NULL or "" or "/" for the running system; copied
 *
 * Returns 0 or -ENOMEM.  Since 0.1.
 */
int klpdep_set_root(struct klpdep_ctx *ctx, const char *root);

/** Say an error of this library in a few words; never NULL.  Since 0.1. */
const char *klpdep_strerror(int error);

/** Whether the context looks at the running system, and @p kernel is the version that runs:
 *  what is loaded then counts.  Since 0.1. */
bool klpdep_is_running(const struct klpdep_ctx *ctx, const char *kernel);

/** Why no patch is loaded in the running kernel, whatever there is: it was started with
 *  klpdep=off, or to write a crash dump; or NULL.  Since 0.1. */
const char *klpdep_get_switched_off(const struct klpdep_ctx *ctx);

/* ---- patches ----------------------------------------------------------------------- */

/** A livepatch module: its name, what is known of it, and its objects. */
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

/** "unknown", "no", "yes"; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_replace_name(enum klpdep_replace replace);

/** "pre_patch", ...; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_callback_name(enum klpdep_callback callback);

/**
 * Read a livepatch module.
 *
 * @param path the .ko file, uncompressed or compressed with gzip, xz or zstd; taken as it
 *        is, not relative to the context's root
 *
 * Returns 0; -ENODATA when the module is not a livepatch, which is logged as LOG_DEBUG only;
 * -EBADMSG when it is malformed; -ENOTSUP when it takes a decompressor, or is of an
 * architecture, that this build does not have; -EFBIG when it is larger than any module;
 * -ESPIPE when it is not a regular file, -EISDIR when it is a directory; -ENOMEM; or an errno
 * of open(2) or read(2).  What is wrong with the file has been logged then.  Since 0.1.
 */
int klpdep_patch_new_from_file(struct klpdep_ctx *ctx, const char *path,
			       struct klpdep_patch **patch);

/** Take a reference.  Returns @p patch.  Since 0.1. */
struct klpdep_patch *klpdep_patch_ref(struct klpdep_patch *patch);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_patch *klpdep_patch_unref(struct klpdep_patch *patch);

/** The module's name as the kernel knows it (underscores, no ".ko").  Since 0.1. */
const char *klpdep_patch_get_name(const struct klpdep_patch *patch);

/**
 * The module's file: as given to klpdep_patch_new_from_file(), or, for a patch of an
 * index, relative to the kernel's module directory unless it begins with a slash.
 * Since 0.1.
 */
const char *klpdep_patch_get_file(const struct klpdep_patch *patch);

/**
 * The representation that the objects were read from: "klp-patch", the kernel's own
 * structures; "kpatch" or "klp-build", those of the tool of that name; "klp-rela" where
 * there are only klp relocations to go by; "modinfo" where only the author's klp_objects
 * tag names objects; "other" for one of a later klpdep's index; or NULL where the patch
 * builds its objects at run time and shows no other evidence: its objects are then not
 * known, which is not the same as none.  Since 0.1.
 */
const char *klpdep_patch_get_format(const struct klpdep_patch *patch);

/** Whether the patch replaces all others.  Since 0.1. */
enum klpdep_replace klpdep_patch_get_replace(const struct klpdep_patch *patch);

/** modinfo version, or NULL.  Since 0.1. */
const char *klpdep_patch_get_version(const struct klpdep_patch *patch);

/** modinfo srcversion, or NULL.  Since 0.1. */
const char *klpdep_patch_get_srcversion(const struct klpdep_patch *patch);

/** modinfo vermagic, or NULL.  Since 0.1. */
const char *klpdep_patch_get_vermagic(const struct klpdep_patch *patch);

/** The set that the patch belongs to: modinfo klp_set, or SET of SET__OBJECT, or NULL.
 *  Since 0.1. */
const char *klpdep_patch_get_set(const struct klpdep_patch *patch);

/** The patch number @p i that the patch says it requires, by name: modinfo klp_requires.  Of a
 *  patch of an index, only those that the index does not have: klpdep_links_new() has the
 *  others.  Since 0.1. */
const char *klpdep_patch_get_requires(const struct klpdep_patch *patch, size_t i);

/** What the patch fixes, as its modinfo klp_fixes says; NULL behind the last.  Since 0.9. */
const char *klpdep_patch_get_fix(const struct klpdep_patch *patch, size_t i);

/** The pattern number @p i of names, as of glob(7), whose place the patch says it takes:
 *  modinfo klp_supersedes.  Since 0.1. */
const char *klpdep_patch_get_supersedes(const struct klpdep_patch *patch, size_t i);

/** The number of objects.  Since 0.1. */
size_t klpdep_patch_count_objects(const struct klpdep_patch *patch);

/** The object number @p i, sorted by name; NULL beyond the last.  Since 0.1. */
const struct klpdep_object *klpdep_patch_get_object(const struct klpdep_patch *patch,
						    size_t i);

/** The object's name: "vmlinux", or a module's name as the patch spells it.
 *  Since 0.1. */
const char *klpdep_object_get_name(const struct klpdep_object *object);

/** The srcversion that the object's module must have for the patch to fit it: modinfo
 *  klp_target_srcversion; NULL where the author says nothing, and for a patch that was
 *  read from an index.  Since 0.1. */
const char *klpdep_object_get_target_srcversion(const struct klpdep_object *object);

/** The number of functions that the patch changes in the object; may be 0.  Since 0.1. */
size_t klpdep_object_count_funcs(const struct klpdep_object *object);

/** The name of the function number @p i, in the object.  Since 0.1. */
const char *klpdep_object_get_func(const struct klpdep_object *object, size_t i);

/** The function's position among the object's symbols of that name, from 1; or 0 when the
 *  patch expects the name to be unique (kernel: struct klp_func), or there is no function
 *  number @p i.  Since 0.1. */
uint64_t klpdep_object_get_func_sympos(const struct klpdep_object *object, size_t i);

/** The patch's callbacks for the object, bits of enum klpdep_callback.  Since 0.1. */
unsigned int klpdep_object_get_callbacks(const struct klpdep_object *object);

/** The number of different symbols that klp relocations of this object need; 0 for a
 *  patch that was read from an index.  Since 0.1. */
size_t klpdep_object_count_relocs(const struct klpdep_object *object);

/** The name of the klp relocation symbol number @p i: one that the kernel resolves when the
 *  object is patched (kernel: Documentation/livepatch/module-elf-format).  Since 0.1. */
const char *klpdep_object_get_reloc(const struct klpdep_object *object, size_t i);

/** The object that it is looked up in.  Since 0.1. */
const char *klpdep_object_get_reloc_symobject(const struct klpdep_object *object, size_t i);

/** Its position, as of klpdep_object_get_func_sympos().  Since 0.1. */
uint64_t klpdep_object_get_reloc_sympos(const struct klpdep_object *object, size_t i);

/* ---- configuration ----------------------------------------------------------------- */

/** The administrator's configuration: klpdep.d(5). */
struct klpdep_config;

/** What is done when a patch of a target cannot be loaded. */
enum klpdep_policy {
	KLPDEP_POLICY_WARN,	/**< said in the log; the target is loaded all the same */
	KLPDEP_POLICY_REQUIRE,	/**< the target is not loaded */
	KLPDEP_POLICY_LATE	/**< nothing is waited for; patched as soon as can be */
};

/**
 * Read the configuration: klpdep.d(5), and what modprobe.d(5) below the context's root
 * blacklists.
 *
 * @param dir read this directory only; NULL for klpdep.d's own directories below the
 *       context's root, where a file hides those of the same name further down the list
 *
 * A line that cannot be understood is logged with its file and number and left out.
 *
 * Returns 0, -ENOMEM, or an errno of reading @p dir.  Since 0.1.
 */
int klpdep_config_new(struct klpdep_ctx *ctx, const char *dir,
		      struct klpdep_config **config);

/** Take a reference.  Returns @p config.  Since 0.1. */
struct klpdep_config *klpdep_config_ref(struct klpdep_config *config);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_config *klpdep_config_unref(struct klpdep_config *config);

/** The policy for the target @p name.  Since 0.1. */
enum klpdep_policy klpdep_config_get_policy(const struct klpdep_config *config,
					    const char *name);

/** What masks the patch @p name, which need not be in any index: "FILE:LINE"; or NULL.
 *  Since 0.1. */
const char *klpdep_config_get_mask(const struct klpdep_config *config, const char *name);

/** The directories beside the module tree in which patches are, as klpdep.d(5) has them: %v stands
 *  for the kernel's version, and %% for a percent sign; our own come first.
 *
 *  Returns NULL behind the last.  Since 0.9. */
const char *klpdep_config_get_directory(const struct klpdep_config *config, size_t i);

/** Seconds that a busy kernel is waited for before a patch is given up.  Since 0.1. */
unsigned int klpdep_config_get_retry_timeout(const struct klpdep_config *config);

/** Seconds that a patch's own transition is waited for before its target is loaded.
 *  Since 0.1. */
unsigned int klpdep_config_get_settle_timeout(const struct klpdep_config *config);

/* ---- modules ----------------------------------------------------------------------- */

/** The modules of a kernel's tree that depmod(8) has selected: modules.dep. */
struct klpdep_tree;

/** One of them. */
struct klpdep_module;

/**
 * Read which modules a kernel has, livepatches or not.
 *
 * @param kernel the kernel's version, a directory name below the context's modules directory
 *
 * Returns 0; -ENOENT when the tree has no modules.dep; -EINVAL when @p kernel is not a
 * directory name; -EBADMSG when modules.dep is malformed; -EFBIG; -ENOMEM; or an errno of
 * open(2) or read(2).  Since 0.1.
 */
int klpdep_tree_new(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_tree **tree);

/** Take a reference.  Returns @p tree.  Since 0.1. */
struct klpdep_tree *klpdep_tree_ref(struct klpdep_tree *tree);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_tree *klpdep_tree_unref(struct klpdep_tree *tree);

/** The kernel's module directory, below the context's root.  Since 0.1. */
const char *klpdep_tree_get_directory(const struct klpdep_tree *tree);

/** The module number @p i, sorted by name.  Since 0.1. */
const struct klpdep_module *klpdep_tree_get_module(const struct klpdep_tree *tree, size_t i);

/** The module of that name, or NULL.  Since 0.1. */
const struct klpdep_module *klpdep_tree_find_module(const struct klpdep_tree *tree,
						    const char *name);

/** Its name.  Since 0.1. */
const char *klpdep_module_get_name(const struct klpdep_module *module);

/** Its file: below the context's root where modules.dep has it below the module directory.
 *  Since 0.1. */
const char *klpdep_module_get_file(const struct klpdep_module *module);

/** The module number @p i that it depends on, directly or not.  Since 0.1. */
const struct klpdep_module *klpdep_module_get_dep(const struct klpdep_module *module, size_t i);

/**
 * Find out whether depmod(8) has to be run for a kernel, before its index can be right:
 * modules have come, gone or changed since.
 *
 * @param due set to whether it has
 *
 * Returns 0; -EINVAL when @p kernel is not a directory name; -ENOENT when the tree has no
 * modules.dep; -ENOMEM; or an errno of reading the tree.  Since 0.1.
 */
int klpdep_depmod_is_due(struct klpdep_ctx *ctx, const char *kernel, bool *due);

/* ---- index ------------------------------------------------------------------------- */

/** The patches of one kernel's module tree, and their edges: modules.klpdep(5). */
struct klpdep_index;

/** An edge: a patch and one object that it changes. */
struct klpdep_edge;

/** When a patch is loaded with regard to its target. */
enum klpdep_order {
	KLPDEP_ORDER_NONE,	/**< no order: vmlinux, or no such module in the tree */
	KLPDEP_ORDER_BEFORE,	/**< the patch first: for the target's init, too */
	KLPDEP_ORDER_AFTER	/**< first the target, which the patch depends on */
};

/** "none", "before", "after"; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_order_name(enum klpdep_order order);

/** Options of klpdep_index_scan(). */
enum klpdep_scan_flags {
	KLPDEP_SCAN_NO_CACHE = 1 << 0	/**< neither read nor write the scan cache */
};

/**
 * Called now and then during a scan, from the calling thread.
 *
 * @param done modules read so far
 * @param total modules in all
 *
 * Returns 0 to go on; anything else ends the scan.
 */
typedef int (*klpdep_progress_fn)(void *data, size_t done, size_t total);

/**
 * Make an index without patches, for what can do without one: klpdep_unload(), or the
 * status of what others have loaded.
 *
 * Returns 0; -EINVAL when @p kernel is not a directory name; -ENOMEM.  Since 0.1.
 */
int klpdep_index_new(struct klpdep_ctx *ctx, const char *kernel, struct klpdep_index **index);

/**
 * Compute the index of a kernel's module tree.
 *
 * The modules are those that depmod(8) selected, which the tree's modules.dep lists, and those
 * in the directories of klpdep.d(5).  What makes patches incompatible is not looked for:
 * klpdep_publisher_add() does that, and writes it into the index that klpdep_index_open() reads.
 *
 * @param kernel the kernel's version, a directory name below the context's modules directory
 * @param config what names directories; NULL: only klpdep's own are looked into
 * @param threads how many threads read modules; 0: one per available processor
 * @param flags enum klpdep_scan_flags
 * @param progress,data called during the scan, and can end it; may be NULL
 * @param index the result; its patches may be none
 * @param unreadable set to the number of modules that could not be read, each of which has
 *              been logged; they are in the index as incompatible where the one that there
 *              is has them, and else not.  May be NULL.
 *
 * Returns 0; -ENOENT when the tree has no modules.dep; -EINVAL when @p kernel is not a
 * directory name; -EBADMSG when modules.dep is malformed; -ENOMEM.  Since 0.1.
 */
int klpdep_index_scan(struct klpdep_ctx *ctx, const char *kernel,
		      const struct klpdep_config *config, unsigned int threads,
		      unsigned int flags, klpdep_progress_fn progress, void *data,
		      struct klpdep_index **index, size_t *unreadable);

/** Options of klpdep_index_open(). */
enum klpdep_open_flags {
	KLPDEP_OPEN_OPTIONAL = 1 << 0	/**< where there is none, give one without patches */
};

/**
 * Open the index of a kernel that was written before.
 *
 * @param kernel the kernel's version; its index is modules.klpdep in its module directory
 * @param flags enum klpdep_open_flags
 *
 * Returns 0; -EINVAL when @p kernel is not a directory name; -ENOENT when there is none;
 * -EBADMSG when it is truncated or malformed; -ENOTSUP when it is of a later major version;
 * -EFBIG; -ENOMEM.  Since 0.1.
 */
int klpdep_index_open(struct klpdep_ctx *ctx, const char *kernel, unsigned int flags,
		      struct klpdep_index **index);

/** Take a reference.  Returns @p index.  Since 0.1. */
struct klpdep_index *klpdep_index_ref(struct klpdep_index *index);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_index *klpdep_index_unref(struct klpdep_index *index);

/** Write an index to a stream, the same bytes for the same tree.  Returns 0, -ENOMEM or
 *  -EIO.  Since 0.1. */
int klpdep_index_write(struct klpdep_ctx *ctx, const struct klpdep_index *index, FILE *stream);

/** The kernel's version.  Since 0.1. */
const char *klpdep_index_get_kernel(const struct klpdep_index *index);

/** The number of patches.  Since 0.1. */
size_t klpdep_index_count_patches(const struct klpdep_index *index);

/** The patch number @p i, sorted by name.  Since 0.1. */
struct klpdep_patch *klpdep_index_get_patch(const struct klpdep_index *index, size_t i);

/** The patch of that name, or NULL.  Since 0.1. */
struct klpdep_patch *klpdep_index_find_patch(const struct klpdep_index *index,
					     const char *name);

/** The edge number @p i, sorted by target, then by patch (version-aware).  Since 0.1. */
const struct klpdep_edge *klpdep_index_get_edge(const struct klpdep_index *index, size_t i);

/** The edge number @p i of the object @p name ("vmlinux", or a module's name).  Since 0.1. */
const struct klpdep_edge *klpdep_index_find_edge(const struct klpdep_index *index,
						 const char *name, size_t i);

/** The patch.  Since 0.1. */
struct klpdep_patch *klpdep_edge_get_patch(const struct klpdep_edge *edge);

/** The object.  Since 0.1. */
const struct klpdep_object *klpdep_edge_get_object(const struct klpdep_edge *edge);

/* ---- view -------------------------------------------------------------------------- */

/** Which patches of an index count, and which take whose place: worked out once, and then
 *  asked by all that needs to know. */
struct klpdep_view;

/** Whether a patch counts, and if not, why. */
enum klpdep_state {
	KLPDEP_STATE_ACTIVE,	/**< it counts */
	KLPDEP_STATE_MASKED,	/**< by configuration, or on the kernel command line */
	KLPDEP_STATE_SUPERSEDED, /**< another patch takes its place */
	KLPDEP_STATE_INCOMPATIBLE, /**< its file says that it would do harm */
	KLPDEP_STATE_QUARANTINED, /**< it has taken the machine down */
	KLPDEP_STATE_BLOCKED,	/**< something stands in the way: a foreign patch, a klp_state,
				     another that replaces all patches; or it is left to
				     kpatch.service */
	KLPDEP_STATE_UNMET,	/**< what it requires is not active */
	KLPDEP_STATE_MISSING	/**< it is not a patch of the view's index */
};

/** "active", "masked", ...; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_state_name(enum klpdep_state state);

/** Options of klpdep_view_new(). */
enum klpdep_view_flags {
	/** What is loaded counts: it can be in a patch's way. */
	KLPDEP_VIEW_LIVE = 1 << 0,
	/** Foreign patches are in nobody's way: those that others have loaded, and of which
	 *  the index does not know. */
	KLPDEP_VIEW_TAKE_OVER = 1 << 1
};

/**
 * Work out the view of an index.
 *
 * A patch takes the place of another when it says so (modinfo klp_supersedes) or the
 * configuration does; when both say that they are of one series (modinfo klp_set, or a name
 * SET__OBJECT) and it is the later release, which is the whole of its object's fix; when
 * that shows in a number of their names and it has all that the other changes; or when it is
 * the later release and the kernel replaces the other.
 *
 * @param index a reference to it is kept
 * @param config decides what is masked, what supersedes what, and which order is forced; NULL:
 *          nothing is.  A reference is kept
 * @param flags enum klpdep_view_flags
 *
 * Returns 0; -EINVAL for an unknown flag; -ENOMEM.  Since 0.1.
 */
int klpdep_view_new(struct klpdep_ctx *ctx, struct klpdep_index *index,
		    struct klpdep_config *config, unsigned int flags,
		    struct klpdep_view **view);

/** Take a reference.  Returns @p view.  Since 0.1. */
struct klpdep_view *klpdep_view_ref(struct klpdep_view *view);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_view *klpdep_view_unref(struct klpdep_view *view);

/** The index that it is a view of.  Since 0.1. */
struct klpdep_index *klpdep_view_get_index(const struct klpdep_view *view);

/** How a patch of the index stands.  NULL is KLPDEP_STATE_MISSING.  Since 0.1. */
enum klpdep_state klpdep_view_get_state(const struct klpdep_view *view,
					const struct klpdep_patch *patch);

/** Why it is not active: where it is masked, what supersedes it, what is in its way, ...; or
 *  NULL.  Since 0.1. */
const char *klpdep_view_get_reason(const struct klpdep_view *view,
				   const struct klpdep_patch *patch);

/** The active patch that has its place, or NULL.  Since 0.1. */
struct klpdep_patch *klpdep_view_get_successor(const struct klpdep_view *view,
					       const struct klpdep_patch *patch);

/** Whether it is active, or would be if what is in its way were not.  What is left to
 *  kpatch.service is not wanted.  Since 0.1. */
bool klpdep_view_is_wanted(const struct klpdep_view *view, const struct klpdep_patch *patch);

/** What masks the patch @p name, which need not be in the index, as
 *  klpdep_config_get_mask() tells it; or, with KLPDEP_VIEW_LIVE, the kernel command line.
 *  NULL where nothing does.  Since 0.1. */
const char *klpdep_view_get_mask(const struct klpdep_view *view, const char *name);

/** When the patch of an edge of the index is loaded, whether it counts or not.  Since 0.1. */
enum klpdep_order klpdep_view_get_order(const struct klpdep_view *view,
					const struct klpdep_edge *edge);

/** Why the order is not the usual, or NULL.  Since 0.1. */
const char *klpdep_view_get_order_reason(const struct klpdep_view *view,
					 const struct klpdep_edge *edge);

/* ---- links ------------------------------------------------------------------------- */

/** What the patches of a view are to each other. */
struct klpdep_links;

/** An edge from one patch to another; any two have one of each kind at most. */
struct klpdep_link;

/** What a link says. */
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
 * Gather the links of a view: first what patches require, then what they supersede, each
 * sorted by patch, then by the other's name.
 *
 * @param view a reference to it is kept
 *
 * Returns 0 or -ENOMEM.  Since 0.1.
 */
int klpdep_links_new(struct klpdep_ctx *ctx, struct klpdep_view *view,
		     struct klpdep_links **links);

/** Take a reference.  Returns @p links.  Since 0.1. */
struct klpdep_links *klpdep_links_ref(struct klpdep_links *links);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_links *klpdep_links_unref(struct klpdep_links *links);

/** The link number @p i.  Since 0.1. */
const struct klpdep_link *klpdep_links_get_link(const struct klpdep_links *links, size_t i);

/** What it says.  Since 0.1. */
enum klpdep_link_kind klpdep_link_get_kind(const struct klpdep_link *link);

/** The patch that requires, or that takes the other's place.  Since 0.1. */
struct klpdep_patch *klpdep_link_get_patch(const struct klpdep_link *link);

/** The name of the other.  Since 0.1. */
const char *klpdep_link_get_name(const struct klpdep_link *link);

/** The other; NULL where the index has none of that name.  Since 0.1. */
struct klpdep_patch *klpdep_link_get_other(const struct klpdep_link *link);

/** Why: bits of enum klpdep_link_reason.  Since 0.1. */
unsigned int klpdep_link_get_reasons(const struct klpdep_link *link);

/** The same in words, divided by commas: "declared", "import", "patched-export", "softdep",
 *  "series"; and where it is configured, "FILE:LINE".  Since 0.1. */
const char *klpdep_link_get_text(const struct klpdep_link *link);

/** Of a requirement: the active patch that meets it, which is the other or one that has its
 *  place; NULL where none does.  Since 0.1. */
struct klpdep_patch *klpdep_link_get_met_by(const struct klpdep_link *link);

/** Of a requirement: whether the other requires the patch in turn, by way of others or not.
 *  Since 0.1. */
bool klpdep_link_is_circular(const struct klpdep_link *link);

/* ---- verify ------------------------------------------------------------------------ */

/** How bad a finding is. */
enum klpdep_severity {
	KLPDEP_NOTE,	/**< a check could not be made, or what follows from something */
	KLPDEP_WARNING, /**< the kernel takes it, but it may not do what is meant */
	KLPDEP_ERROR	/**< the kernel refuses it, or it can have no effect */
};

/** "note", "warning", "error"; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_severity_name(enum klpdep_severity severity);

/** One finding, of klpdep_verify() for example: it is valid during the call. */
struct klpdep_finding;

/** How bad it is.  Since 0.1. */
enum klpdep_severity klpdep_finding_get_severity(const struct klpdep_finding *finding);

/** As klpdep-verify(8) lists them: "no-symbol", ...  Since 0.1. */
const char *klpdep_finding_get_code(const struct klpdep_finding *finding);

/** The patch's name, or NULL: it is about the tree.  Since 0.1. */
const char *klpdep_finding_get_patch(const struct klpdep_finding *finding);

/** The patch's file, or NULL.  Since 0.1. */
const char *klpdep_finding_get_file(const struct klpdep_finding *finding);

/** The object that it is about, or NULL.  Since 0.1. */
const char *klpdep_finding_get_object(const struct klpdep_finding *finding);

/** A function, a symbol, another patch; or NULL.  Since 0.1. */
const char *klpdep_finding_get_subject(const struct klpdep_finding *finding);

/** What is wrong, and what to change.  Since 0.1. */
const char *klpdep_finding_get_message(const struct klpdep_finding *finding);

/** Called for each finding.  Returns 0 to go on; anything else ends the search. */
typedef int (*klpdep_finding_fn)(void *data, const struct klpdep_finding *finding);

/**
 * Check what the kernel would refuse of the livepatches of a kernel's tree, and what
 * would not do what it should.
 *
 * @param kernel the kernel's version; its tree is below the context's root
 * @param config masks, orders and the like; NULL: none
 * @param patches,n these livepatches alone are checked.  Each was read from its file, which
 *               is the tree's, or else one that is to be installed: it is taken for one
 * of the tree's already, in the place of any of the same name. Several of one name are
 * checked one after the other, each as if it were there alone. None: all of the tree's
 * are checked that are neither masked nor superseded.
 * @param fn,data called for each finding, patch by patch
 *
 * Returns 0, whatever was found; -ENOENT when the tree has no modules.dep; -EINVAL when
 * @p kernel is not a directory name; -EBADMSG when modules.dep is malformed; -ENOMEM.
 * Since 0.1.
 */
int klpdep_verify(struct klpdep_ctx *ctx, const char *kernel,
		  struct klpdep_config *config, struct klpdep_patch *const *patches,
		  size_t n, klpdep_finding_fn fn, void *data);

/* ---- rules ------------------------------------------------------------------------- */

/** What of modprobe.d(5) has the patches of a view loaded with their targets. */
struct klpdep_rules;

/** How that is done. */
enum klpdep_rule {
	KLPDEP_RULE_NONE,	/**< not at all */
	KLPDEP_RULE_HOOKS,	/**< by softdeps; modprobe itself loads the target */
	KLPDEP_RULE_INSTALL	/**< by an install line, in the place of the target's loading */
};

/** "none", "hooks", "install"; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_rule_name(enum klpdep_rule rule);

/**
 * Find out which rules are in force, with what others have written into modprobe.d.
 *
 * @param ctx below whose root the module configuration is
 * @param view a reference to it is kept
 *
 * Returns 0; -ENOMEM; or another errno when the configuration cannot be read.  Since 0.1.
 */
int klpdep_rules_new(struct klpdep_ctx *ctx, struct klpdep_view *view,
		     struct klpdep_rules **rules);

/** Take a reference.  Returns @p rules.  Since 0.1. */
struct klpdep_rules *klpdep_rules_ref(struct klpdep_rules *rules);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_rules *klpdep_rules_unref(struct klpdep_rules *rules);

/** What loads the patch of an edge of the view's index; of a patch that is not active, and of
 *  vmlinux, nothing does.  Since 0.1. */
enum klpdep_rule klpdep_rules_get_rule(const struct klpdep_rules *rules,
				       const struct klpdep_edge *edge);

/** Why just that, in words; NULL for hooks, and where no rule is wanted.  Since 0.1. */
const char *klpdep_rules_get_reason(const struct klpdep_rules *rules,
				    const struct klpdep_edge *edge);

/**
 * Find what is blocked in vain: where somebody's install line of modprobe.d(5), which may be
 * there to keep a module from being loaded, is not in force since rules of klpdep's are from
 * before it.  klpdep_publisher_renew_rules() makes such rules anew.  klpdep_verify() looks as
 * well.
 *
 * @param ctx below whose root the module configuration is
 * @param view of a kernel.  The rules are for all kernels, and so a line may be cancelled
 * for a module that this one has no patch for
 * @param fn,data called for each, with the code "block-lost" and either the object or the
 * patch
 *
 * Returns 0, whatever was found; -ENOMEM; or another errno when the configuration cannot be
 * read.  Since 0.1.
 */
int klpdep_check_blocks(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			klpdep_finding_fn fn, void *data);

/* ---- plan -------------------------------------------------------------------------- */

/** What loading a module means, step by step. */
struct klpdep_plan;

/** What a step does. */
enum klpdep_action {
	KLPDEP_ACTION_INSERT,	/**< insert the module */
	KLPDEP_ACTION_RELOAD,	/**< the patch is loaded but dead: unload, then insert */
	KLPDEP_ACTION_DEFER,	/**< not now: the reason says what the patch waits for */
	KLPDEP_ACTION_UNLOAD,	/**< disable and unload the patch: another has its role */
	KLPDEP_ACTION_KEEP,	/**< the older patch stays beneath: the reason says why */
	KLPDEP_ACTION_EVICT	/**< the kernel disables the foreign patch */
};

/** "insert", "reload", ...; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_action_name(enum klpdep_action action);

/** One step of a plan. */
struct klpdep_step;

/** Options of klpdep_plan_new(). */
enum klpdep_plan_flags {
	KLPDEP_PLAN_LIVE = 1 << 0 /**< leave out what is loaded in the running system */
};

/**
 * Work out what loading @p name takes.
 *
 * @param view of the index of the kernel in question
 * @param name a module or a patch; dashes are taken for underscores
 * @param flags enum klpdep_plan_flags
 *
 * Returns 0; -EINVAL when @p name is no module name; -ENOENT when the tree has no such
 * module; -ENOMEM.  Since 0.1.
 */
int klpdep_plan_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    const char *name, unsigned int flags, struct klpdep_plan **plan);

/**
 * Work out what has to be added to an initrd that has the modules @p names: their patches,
 * and what only these bring; of vmlinux where klpdep.d(5) says so.  Names of which the
 * tree has no module are passed over.  Nothing counts as loaded.
 *
 * Returns 0 or -ENOMEM.  Since 0.1.
 */
int klpdep_plan_new_initrd(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			   const char *const *names, size_t n, struct klpdep_plan **plan);

/** Take a reference.  Returns @p plan.  Since 0.1. */
struct klpdep_plan *klpdep_plan_ref(struct klpdep_plan *plan);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_plan *klpdep_plan_unref(struct klpdep_plan *plan);

/** The number of steps.  Since 0.1. */
size_t klpdep_plan_count_steps(const struct klpdep_plan *plan);

/** The step number @p i.  Since 0.1. */
const struct klpdep_step *klpdep_plan_get_step(const struct klpdep_plan *plan, size_t i);

/** What is done with the module.  Since 0.1. */
enum klpdep_action klpdep_step_get_action(const struct klpdep_step *step);

/** The module's name.  Since 0.1. */
const char *klpdep_step_get_module(const struct klpdep_step *step);

/** Its file, absolute; NULL when it is not known.  Since 0.1. */
const char *klpdep_step_get_file(const struct klpdep_step *step);

/** Whether the module is a livepatch of the index.  Since 0.1. */
bool klpdep_step_is_patch(const struct klpdep_step *step);

/** Whether the load fails when this step does.  Since 0.1. */
bool klpdep_step_is_required(const struct klpdep_step *step);

/** "asked for", "dependency of T", "patch of T", ...  Since 0.1. */
const char *klpdep_step_get_reason(const struct klpdep_step *step);

/* ---- the running kernel ------------------------------------------------------------ */

/**
 * Load a patch in the running kernel, with all that its plan says, wait until it is in
 * effect for every task, and then disable and unload the patches whose place it takes.
 * Patches of other objects are not touched, and one of the two is always in effect.  What
 * was interrupted before, whenever and in whatever step, is finished by calling this
 * again.
 *
 * A superseded patch stays loaded, which is logged (LOG_NOTICE; LOG_WARNING where it was
 * tried to unload it), while a patch that is loaded requires it, while it patches
 * something that is loaded and for which no patch in effect takes its place, or where the
 * kernel does not let go of it.
 *
 * retry-timeout in klpdep.d(5) limits the wait for a busy kernel, and for the patch's own
 * transition; for the latter settle-timeout where that is longer.
 *
 * @param ctx of the running system, without another root
 * @param view of the index of the running kernel
 * @param patch a patch of the index; dashes are taken for underscores
 * @param left set to the number of superseded patches that stay; may be NULL
 *
 * Returns 0 when the patch is loaded and enabled, whatever is left; -EINVAL when @p patch
 * is no module name, or @p ctx or @p view is not for the running kernel; -ENOENT when the
 * patch is not in the index; -ECANCELED when it is masked, cannot be loaded now, or all
 * is switched off (klpdep=off, a crash dump); -ETIMEDOUT when the kernel stayed busy;
 * -ENOMEM; or what the kernel said.  Since 0.1.
 */
int klpdep_load(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		const char *patch, size_t *left);

/**
 * Disable and unload patches, known to the index or not, each after those that require it.
 *
 * retry-timeout in klpdep.d(5) limits the wait for a busy kernel, and for each patch's
 * transition.
 *
 * @param ctx of the running system, without another root
 * @param view of an index of the running kernel; one without patches will do
 * @param patches,n names
 * @param left set to the number of those that stay, each of which has been logged, with the
 * reason; may be NULL
 *
 * Returns 0, whatever is left; -EINVAL when one of @p patches is no module name, or @p ctx
 * or @p view is not for the running kernel; -ENOMEM.  Since 0.1.
 */
int klpdep_unload(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		  const char *const *patches, size_t n, size_t *left);

/** Options of klpdep_sync(). */
enum klpdep_sync_flags {
	/** Patches that foreign ones are in the way of are inserted all the same: on top of
	 *  them; the foreign ones stay loaded, unless a patch replaces all others. */
	KLPDEP_SYNC_TAKE_OVER = 1 << 0,
	/** Patches may be taken out before others come in, so that their targets run
	 *  unpatched in between: another build of a loaded patch, and a release that comes
	 *  back where the kernel, or callbacks, do not allow it otherwise. */
	KLPDEP_SYNC_RELOAD = 1 << 1
};

/**
 * Bring the running kernel to what the index says: load the active patches of vmlinux and
 * of all targets that are loaded, each after what it requires, and after unloading it
 * where it was disabled or replaced; then disable and unload the patches whose place
 * others take, and those of ours that are masked, as klpdep_load() does.  A patch that
 * replaces all others comes first, and what of ours it has evicted is put back.  An older
 * patch stays beneath where its unpatch callbacks could undo what the newer one has set.
 * No target is loaded: a patch that depends on one that is not is left out.  What others
 * do meanwhile counts, and it may be run by several at once, each patch being loaded once.
 * A patch that cannot be loaded is logged (LOG_WARNING), and the others are not kept up by
 * it; LOG_NOTICE is for what was done.  Where freeze of klpdep.d(5) is in force, nothing
 * is done.
 *
 * Timeouts are as for klpdep_load(), for each patch; they also limit, once, how long a
 * target's init is waited for on which a patch depends.
 *
 * @param ctx of the running system, without another root
 * @param view of the index of the running kernel
 * @param patches,n these patches alone; none: all
 * @param flags enum klpdep_sync_flags
 * @param undone set to the number of steps that are left to be done, having been tried in
 * vain; and of patches of which another build is loaded, which are left alone; 0 when all
 * is as the index says.  May be NULL.
 *
 * Returns 0, whatever is left undone; -EBUSY when something is because of a transition
 * that did not end, so that it is worth trying again later; -ENOENT when one of @p patches
 * is not in the index; -EINVAL when @p ctx or @p view is not for the running kernel;
 * -ECANCELED when all is switched off (klpdep=off, a crash dump);
 * -ENOMEM.  Since 0.1.
 */
int klpdep_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		const char *const *patches, size_t n, unsigned int flags, size_t *undone);

/**
 * Work out what klpdep_sync() would do now.  The parameters are the same.
 *
 * Returns 0; -ENOENT when one of @p patches is not in the index; -EINVAL when @p ctx or
 * @p view is not for the running kernel; -ENOMEM.  Since 0.1.
 */
int klpdep_plan_new_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
			 const char *const *patches, size_t n, unsigned int flags,
			 struct klpdep_plan **plan);

/** What is patched in the running kernel: taken once, and not kept up to date. */
struct klpdep_status;

/** How things stand with a patch and one of its objects. */
enum klpdep_condition {
	KLPDEP_CONDITION_PATCHED,    /**< the patch is in effect there, for every task */
	KLPDEP_CONDITION_UNPATCHED,  /**< the object is loaded, the patch not in effect */
	KLPDEP_CONDITION_IDLE,	     /**< the object is not loaded */
	KLPDEP_CONDITION_TRANSITION, /**< tasks are being switched over, to or fro */
	KLPDEP_CONDITION_SUPERSEDED, /**< another patch has its place: loaded or not */
	KLPDEP_CONDITION_MASKED,     /**< by configuration: loaded or not */
	KLPDEP_CONDITION_OVERRIDDEN, /**< enabled, and something else is on top of it */
	KLPDEP_CONDITION_INCOMPATIBLE, /**< as KLPDEP_STATE_INCOMPATIBLE, and so the next */
	KLPDEP_CONDITION_QUARANTINED, /**< it has taken the machine down */
	KLPDEP_CONDITION_BLOCKED,    /**< something that is loaded is in its way */
	KLPDEP_CONDITION_UNMET,	     /**< what it requires is not active */
	KLPDEP_CONDITION_FOREIGN    /**< loaded, and the index does not know of it */
};

/** "patched", "unpatched", ...; NULL for no value of the enumeration.  Since 0.1. */
const char *klpdep_condition_name(enum klpdep_condition condition);

/** How things stand with a patch and one of its objects. */
struct klpdep_row;

/** A transition of the running kernel. */
struct klpdep_transition;

/**
 * Look at the running kernel.  There is a row for each object of each patch of the index,
 * and one for each of a livepatch that is loaded and that the index does not know.
 *
 * @param ctx of the running system, without another root
 * @param view of the index of the running kernel; NULL: every livepatch that is loaded is
 *        foreign
 *
 * Which tasks hold up a transition root alone can see.
 *
 * Returns 0; -EINVAL when @p ctx or @p view is not for the running kernel; -ENOMEM; or
 * -ENOENT or another errno when the kernel's state cannot be seen, as in a container
 * without /sys. Since 0.1.
 */
int klpdep_status_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		      struct klpdep_status **status);

/** Take a reference.  Returns @p status.  Since 0.1. */
struct klpdep_status *klpdep_status_ref(struct klpdep_status *status);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_status *klpdep_status_unref(struct klpdep_status *status);

/** Whether all is well: no object that is loaded has a patch of the index that is unpatched
 *  there (or another build of it is loaded), overridden, in transition, blocked, unmet,
 *  incompatible or quarantined.  Those that are masked, superseded, idle or foreign do not
 *  count, nor one that is blocked by a foreign patch that is a later release of its series.
 *  Since 0.1. */
bool klpdep_status_is_patched(const struct klpdep_status *status);

/** The number of rows.  Since 0.1. */
size_t klpdep_status_count_rows(const struct klpdep_status *status);

/** The row number @p i, sorted by target, then by patch (version-aware); those without a
 *  target come last.  Since 0.1. */
const struct klpdep_row *klpdep_status_get_row(const struct klpdep_status *status, size_t i);

/** The object's name, "vmlinux" too; NULL where neither index nor kernel shows objects of the
 *  patch.  Since 0.1. */
const char *klpdep_row_get_target(const struct klpdep_row *row);

/** The patch's name.  Since 0.1. */
const char *klpdep_row_get_patch(const struct klpdep_row *row);

/** The set that it belongs to, or NULL.  Since 0.1. */
const char *klpdep_row_get_set(const struct klpdep_row *row);

/** How things stand.  Since 0.1. */
enum klpdep_condition klpdep_row_get_condition(const struct klpdep_row *row);

/** Why the condition is what it is, or NULL.  Since 0.1. */
const char *klpdep_row_get_reason(const struct klpdep_row *row);

/** Since when the patch has been in effect on the object, or its transition has been running:
 *  seconds since the epoch; -1 for other conditions, and where klpdep did not see it begin.
 *  Where klpdep did not wait for the end of the transition, it is when the patch was inserted.
 *  Since 0.1. */
long long klpdep_row_get_since(const struct klpdep_row *row);

/** Whether the object is in the kernel; vmlinux always is.  Since 0.1. */
bool klpdep_row_is_target_loaded(const struct klpdep_row *row);

/** Whether the patch's module is in the kernel, be it dead.  Since 0.1. */
bool klpdep_row_is_loaded(const struct klpdep_row *row);

/** Whether it is enabled, too, or going to be.  Since 0.1. */
bool klpdep_row_is_enabled(const struct klpdep_row *row);

/** Whether its transition is running.  Since 0.1. */
bool klpdep_row_is_in_transition(const struct klpdep_row *row);

/** Whether it is applied to the object, be it that tasks are still being switched over, or
 *  that another patch is on top of it: KLPDEP_CONDITION_PATCHED alone is in effect.  Since
 *  0.1. */
bool klpdep_row_is_patched(const struct klpdep_row *row);

/** Whether klpdep_status_is_patched() is false because of it.  Since 0.1. */
bool klpdep_row_is_failing(const struct klpdep_row *row);

/** The transition that is running, whosever; NULL: none is.  Since 0.1. */
const struct klpdep_transition *
klpdep_status_get_transition(const struct klpdep_status *status);

/** The patch's name.  Since 0.1. */
const char *klpdep_transition_get_patch(const struct klpdep_transition *transition);

/** Whether it is being enabled; else it is being disabled.  Since 0.1. */
bool klpdep_transition_is_patching(const struct klpdep_transition *transition);

/** How long it has been running; -1: not known.  Since 0.1. */
long klpdep_transition_get_seconds(const struct klpdep_transition *transition);

/** How many tasks hold it up; -1: not known.  Since 0.1. */
long klpdep_transition_get_tasks(const struct klpdep_transition *transition);

/** Some of them: "foo[77], bar[78] and 3 more"; or NULL.  Since 0.1. */
const char *klpdep_transition_get_held_up_by(const struct klpdep_transition *transition);

/* ---- fixes ------------------------------------------------------------------------- */

/** How things stand with fixes: of which patches say that they have them, by modinfo klp_fixes or
 *  by fixes in klpdep.d(5). */
struct klpdep_fixes;

/** How things stand with one. */
struct klpdep_fix;

/** The answers to "is it fixed on the running kernel?". */
enum klpdep_fix_state {
	KLPDEP_FIX_FIXED,      /**< in effect on each object that is loaded */
	KLPDEP_FIX_PARTLY,     /**< on some of them */
	KLPDEP_FIX_NOT_FIXED,  /**< on none */
	KLPDEP_FIX_NOT_LOADED, /**< no object of it is in the kernel */
	KLPDEP_FIX_TRANSITION, /**< on all, but tasks are being switched over still */
	KLPDEP_FIX_UNKNOWN     /**< no patch of the index names it; the kernel itself may have it */
};

/** What is called for each identifier of a fix; not 0 ends it. */
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
 * Find out which fixes are in effect.  One that several patches name is when all of them are; where
 * a patch has another's place, it has the other's fixes if it changes all that the other does, or
 * names them itself.
 *
 * @param status how the running kernel is
 * @param ids the identifiers that are asked for; NULL: all that patches name, sorted
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

/** The fix number @p i, in the order in which they were asked for; NULL behind the last.  It
 *  belongs to @p fixes.  Since 0.9. */
const struct klpdep_fix *klpdep_fixes_get_fix(const struct klpdep_fixes *fixes, size_t i);

/** Its identifier.  Since 0.9. */
const char *klpdep_fix_get_id(const struct klpdep_fix *fix);

/** The answer.  Since 0.9. */
enum klpdep_fix_state klpdep_fix_get_state(const struct klpdep_fix *fix);

/** The patch number @p i of those that name it, or NULL.  Since 0.9. */
const char *klpdep_fix_get_patch(const struct klpdep_fix *fix, size_t i);

/** Where and why it is not in effect, of the first place where it is not; or NULL.  Since 0.9. */
const char *klpdep_fix_get_reason(const struct klpdep_fix *fix);

/* ---- publishing -------------------------------------------------------------------- */

/** Who writes indexes and rules: klpdep-depmod(8). */
struct klpdep_publisher;

/** Options of klpdep_publisher_new(). */
enum klpdep_publish_flags {
	KLPDEP_PUBLISH_NO_CACHE = 1 << 0, /**< neither read nor write the scan cache */
	KLPDEP_PUBLISH_DRY_RUN = 1 << 1, /**< write nothing, that cache neither */
	KLPDEP_PUBLISH_BOOT = 1 << 2 /**< read no modules of the kernel's own build (modules.order),
				      and write nothing where there are neither patches nor an index
				      by now; since 0.9 */
};

/**
 * Get ready to write.  From the first time that something is read in order to be written,
 * until the last reference is dropped, other publishers wait.
 *
 * @param ctx below whose root trees and configuration are read
 * @param config the directory to read the configuration from, as klpdep_config_new() takes it
 * @param root the directory to write below; NULL: that of @p ctx
 * @param threads how many threads read modules; 0: one per available processor
 * @param flags enum klpdep_publish_flags
 *
 * Returns 0, -EINVAL for an unknown flag, or -ENOMEM.  Since 0.1.
 */
int klpdep_publisher_new(struct klpdep_ctx *ctx, const char *config, const char *root,
			 unsigned int threads, unsigned int flags,
			 struct klpdep_publisher **publisher);

/** Take a reference.  Returns @p publisher.  Since 0.1. */
struct klpdep_publisher *klpdep_publisher_ref(struct klpdep_publisher *publisher);

/** Drop a reference; with the last one, others may write.  Returns NULL.  Since 0.1. */
struct klpdep_publisher *klpdep_publisher_unref(struct klpdep_publisher *publisher);

/**
 * Compute the index of a kernel, with what makes patches incompatible, and write it as
 * modules.klpdep(5).  A kernel that was added before is not looked at again.
 *
 * @p kernel, @p progress, @p data: as for klpdep_index_scan()
 * @param index set to the index; may be NULL
 * @param unreadable set to the number of modules that could not be read, and of targets,
 * each of which has been logged; may be NULL
 *
 * Returns 0; -ETIMEDOUT when another publisher does not get on; what klpdep_index_scan()
 * returns; or an errno of writing.  Since 0.1.
 */
int klpdep_publisher_add(struct klpdep_publisher *publisher, const char *kernel,
			 klpdep_progress_fn progress, void *data, struct klpdep_index **index,
			 size_t *unreadable);

/** Take the index of a kernel away, whether the kernel is still there or not.  Returns 0;
 *  -EINVAL when @p kernel is not a directory name; -ETIMEDOUT; -ENOMEM; or an errno of
 *  unlink(2).  Since 0.1. */
int klpdep_publisher_remove(struct klpdep_publisher *publisher, const char *kernel);

/**
 * Mask patches, or undo that: the lines of masked.conf in klpdep.d(5).  The rules are then
 * to be written anew, and the running kernel to be brought to it: klpdep_sync().
 *
 * @param patches,n their names
 *
 * Returns 0; -EINVAL when one of @p patches is no module name; -ETIMEDOUT; -ENOMEM; or an
 * errno of reading or writing that file.  Since 0.1.
 */
int klpdep_publisher_mask(struct klpdep_publisher *publisher, const char *const *patches,
			  size_t n, bool masked);

/**
 * Write the rules of modprobe.d(5) for all kernels that have an index: those that were
 * added, and those of the disk, made anew where they cannot be read.
 *
 * Returns 0; -ETIMEDOUT; -ENOMEM; or an errno of reading the configuration, of an index that
 * cannot be made anew, or of writing.  Since 0.1.
 */
int klpdep_publisher_write_rules(struct klpdep_publisher *publisher);

/** The same where modprobe.d(5) is no longer what the rules were made from, which is logged
 *  (LOG_NOTICE), or a file of them is missing; else nothing is done.  Since 0.1. */
int klpdep_publisher_renew_rules(struct klpdep_publisher *publisher);

#ifdef __cplusplus
}
#endif

#endif /* KLPDEP_H */
