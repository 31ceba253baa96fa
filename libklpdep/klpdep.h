/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libklpdep - which Linux livepatch belongs to which module
 *
 * A livepatch module ("patch") changes functions of objects: the kernel itself
 * ("vmlinux") or a loadable module (then called a target).  This library reads that
 * out of the modules' ELF images, keeps it for a whole module tree in an index,
 * and works out in which order modules and patches have to be loaded.
 *
 * Conventions
 *
 * - Every function that can fail returns 0 or a negative errno of the set below.
 *   What went wrong is said, with the file's name, through the context's log function.
 * - Objects are created by functions whose last argument is an out-parameter, which is
 *   only written on success.  They are reference-counted: ..._ref() takes a reference,
 *   ..._unref() drops one and always returns NULL.  Both accept NULL.
 * - Strings and sub-objects that a getter returns belong to the object it was asked of
 *   and live as long as that.  A getter of an absent string returns NULL.
 * - One context is for one thread.  Different contexts may be used at the same time.
 *   klpdep_index_scan() uses threads of its own inside, and calls the log function
 *   only from the calling thread.
 * - Flags that a function does not know are -EINVAL.
 * - The library prints nothing, never exits, and keeps no global state.
 *
 * Errors
 *
 *  -ENODATA   the module is not a livepatch: an answer, which is not logged as an error
 *  -EBADMSG   a file is malformed: the log says which, where, and what is wrong
 *  -ENOTSUP   a file is of a kind that is not supported (32-bit, a compression that
 *             this build leaves out, an index of a later major version)
 *  -EFBIG     a file is larger, or decompresses to more, than the library accepts
 *  -ESPIPE    a FIFO, a socket or a device stands where a file should
 *  -EISDIR    a directory does
 *  -ENOENT    a file, patch or module does not exist
 *  -EINVAL    an argument is invalid, such as a string that is no module name
 *  -ENOMEM    out of memory
 *  others     what open(2), read(2), write(2), fsync(2) or rename(2) returned
 */
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
 * @data: what was given to klpdep_set_log_fn()
 * @priority: a priority of syslog(3), LOG_ERR to LOG_DEBUG
 * @message: one line without a newline; valid during the call only.  What is about
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

/** Take a reference.  Returns @ctx.  Since 0.1. */
struct klpdep_ctx *klpdep_ref(struct klpdep_ctx *ctx);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_ctx *klpdep_unref(struct klpdep_ctx *ctx);

/** Have @fn called for each message; NULL silences the context.  Since 0.1. */
void klpdep_set_log_fn(struct klpdep_ctx *ctx, klpdep_log_fn fn, void *data);

/** Set the least urgent priority that is logged (LOG_ERR ... LOG_DEBUG).  Since 0.1. */
void klpdep_set_log_priority(struct klpdep_ctx *ctx, int priority);

/**
 * Look at the system below @root instead of the running one: module trees, module
 * configuration, index and cache are then all below it, and nothing outside is used.  Where
 * it has a usr/lib and no lib, what is below /lib is in usr/lib.
 *
 * @root: a directory; NULL or "" or "/" for the running system; copied
 *
 * Returns 0 or -ENOMEM.  Since 0.1.
 */
int klpdep_set_root(struct klpdep_ctx *ctx, const char *root);

/** Say an error of this library in a few words; never NULL.  Since 0.1. */
const char *klpdep_strerror(int error);

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

/**
 * Read a livepatch module.
 *
 * @path: the .ko file, uncompressed or compressed with gzip, xz or zstd; taken as it
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

/** Take a reference.  Returns @patch.  Since 0.1. */
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

/** The number of objects.  Since 0.1. */
size_t klpdep_patch_count_objects(const struct klpdep_patch *patch);

/** The object number @i, sorted by name; NULL beyond the last.  Since 0.1. */
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

/**
 * The function number @i.
 *
 * @name: set to the function's name in the object
 * @sympos: set to its position among the object's symbols of that name, from 1; or 0
 *          when the patch expects the name to be unique (kernel: struct klp_func)
 *
 * Returns 0, or -ENOENT beyond the last.  Since 0.1.
 */
int klpdep_object_get_func(const struct klpdep_object *object, size_t i,
			   const char **name, uint64_t *sympos);

/** The patch's callbacks for the object, bits of enum klpdep_callback.  Since 0.1. */
unsigned int klpdep_object_get_callbacks(const struct klpdep_object *object);

/** The number of different symbols that klp relocations of this object need; 0 for a
 *  patch that was read from an index.  Since 0.1. */
size_t klpdep_object_count_relocs(const struct klpdep_object *object);

/**
 * The klp relocation symbol number @i: the symbols that the kernel resolves when the
 * object is patched (kernel: Documentation/livepatch/module-elf-format).
 *
 * @symobject: set to the object that the symbol is looked up in
 * @symbol: set to its name
 * @sympos: set to its position, as for klpdep_object_get_func()
 *
 * Returns 0, or -ENOENT beyond the last.  Since 0.1.
 */
int klpdep_object_get_reloc(const struct klpdep_object *object, size_t i,
			    const char **symobject, const char **symbol,
			    uint64_t *sympos);

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
 * @dir: read this directory only; NULL for klpdep.d's own directories below the
 *       context's root, where a file hides those of the same name further down the list
 *
 * A line that cannot be understood is logged with its file and number and left out.
 *
 * Returns 0, -ENOMEM, or an errno of reading @dir.  Since 0.1.
 */
int klpdep_config_new(struct klpdep_ctx *ctx, const char *dir,
		      struct klpdep_config **config);

/** Take a reference.  Returns @config.  Since 0.1. */
struct klpdep_config *klpdep_config_ref(struct klpdep_config *config);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_config *klpdep_config_unref(struct klpdep_config *config);

/** The policy for the target @name.  Since 0.1. */
enum klpdep_policy klpdep_config_get_policy(const struct klpdep_config *config,
					    const char *name);

/** Seconds that a busy kernel is waited for before a patch is given up.  Since 0.1. */
unsigned int klpdep_config_get_retry_timeout(const struct klpdep_config *config);

/** Seconds that a patch's own transition is waited for before its target is loaded.
 *  Since 0.1. */
unsigned int klpdep_config_get_settle_timeout(const struct klpdep_config *config);

/* ---- index ------------------------------------------------------------------------- */

/** The patches of one kernel's module tree, and their edges: modules.klpdep(5). */
struct klpdep_index;

/** When a patch is loaded with regard to its target. */
enum klpdep_order {
	KLPDEP_ORDER_NONE,	/**< no order: vmlinux, or no such module in the tree */
	KLPDEP_ORDER_BEFORE,	/**< the patch first: for the target's init, too */
	KLPDEP_ORDER_AFTER	/**< first the target, which the patch depends on */
};

/** Whether a patch counts, and if not, why. */
enum klpdep_state {
	KLPDEP_STATE_ACTIVE,	/**< it counts */
	KLPDEP_STATE_MASKED,	/**< by configuration, or on the kernel command line */
	KLPDEP_STATE_SUPERSEDED, /**< another patch takes its place */
	KLPDEP_STATE_INCOMPATIBLE, /**< its file says that it would do harm */
	KLPDEP_STATE_QUARANTINED, /**< it has taken the machine down */
	KLPDEP_STATE_BLOCKED,	/**< something stands in the way: a foreign patch, a klp_state,
				     another that replaces all patches */
	KLPDEP_STATE_UNMET	/**< what it requires is not active */
};

/** One edge of an index, as klpdep_view_get_edge() tells it. */
struct klpdep_edge {
	const char *target;	/**< the object's name */
	const struct klpdep_patch *patch;   /**< the patch that has the object */
	const struct klpdep_object *object; /**< what it changes there */
	enum klpdep_order order; /**< when the patch is loaded */
	enum klpdep_state state; /**< whether the edge counts */
	const char *reason;	/**< why order or state is not the usual, or NULL */
};

/** Options of klpdep_index_scan(). */
enum klpdep_scan_flags {
	KLPDEP_SCAN_NO_CACHE = 1 << 0	/**< neither read nor write the scan cache */
};

/**
 * Called now and then during a scan, from the calling thread.
 *
 * @done: modules read so far; @total: modules in all
 */
typedef void (*klpdep_progress_fn)(void *data, size_t done, size_t total);

/**
 * Compute the index of a kernel's module tree.
 *
 * The modules are those that depmod(8) selected: the tree's modules.dep lists them.  What
 * makes patches incompatible is not looked for: klpdep depmod does that, and writes it into
 * the index that klpdep_index_open() reads.
 *
 * @kernel: the kernel's version, a directory name below the context's modules directory
 * @threads: how many threads read modules; 0: one per available processor
 * @flags: enum klpdep_scan_flags
 * @progress, @data: called during the scan; may be NULL
 * @index: the result; its patches may be none
 * @unreadable: set to the number of modules that could not be read, each of which has
 *              been logged; they are in the index as incompatible where the one that there
 *              is has them, and else not.  May be NULL.
 *
 * Returns 0; -ENOENT when the tree has no modules.dep; -EINVAL when @kernel is not a
 * directory name; -EBADMSG when modules.dep is malformed; -ENOMEM.  Since 0.1.
 */
int klpdep_index_scan(struct klpdep_ctx *ctx, const char *kernel, unsigned int threads,
		      unsigned int flags, klpdep_progress_fn progress, void *data,
		      struct klpdep_index **index, size_t *unreadable);

/**
 * Open the index of a kernel that was written before.
 *
 * @kernel: the kernel's version; its index is modules.klpdep in its module directory
 *
 * Returns 0; -ENOENT when there is none; -EBADMSG when it is truncated or malformed;
 * -ENOTSUP when it is of a later major version; -EFBIG; -ENOMEM.  Since 0.1.
 */
int klpdep_index_open(struct klpdep_ctx *ctx, const char *kernel,
		      struct klpdep_index **index);

/** Take a reference.  Returns @index.  Since 0.1. */
struct klpdep_index *klpdep_index_ref(struct klpdep_index *index);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_index *klpdep_index_unref(struct klpdep_index *index);

/** Write an index to a stream, the same bytes for the same tree.  Returns 0, -ENOMEM or
 *  -EIO.  Since 0.1. */
int klpdep_index_write(const struct klpdep_index *index, FILE *stream);

/** The kernel's version.  Since 0.1. */
const char *klpdep_index_get_kernel(const struct klpdep_index *index);

/** Whether @name is an object of any patch of the index.  Since 0.1. */
bool klpdep_index_has_object(const struct klpdep_index *index, const char *name);

/** The number of patches.  Since 0.1. */
size_t klpdep_index_count_patches(const struct klpdep_index *index);

/** The patch number @i, sorted by name; NULL beyond the last.  Since 0.1. */
const struct klpdep_patch *klpdep_index_get_patch(const struct klpdep_index *index,
						  size_t i);

/** The patch of that name, or NULL.  Since 0.1. */
const struct klpdep_patch *klpdep_index_find_patch(const struct klpdep_index *index,
						   const char *name);

/** The number of edges.  Since 0.1. */
size_t klpdep_index_count_edges(const struct klpdep_index *index);

/* ---- view -------------------------------------------------------------------------- */

/** Which patches of an index count, and which take whose place: worked out once, and then
 *  asked by all that needs to know. */
struct klpdep_view;

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
 * @index: a reference to it is kept
 * @config: decides what is masked, what supersedes what, and which order is forced; NULL:
 *          nothing is.  A reference is kept
 * @flags: enum klpdep_view_flags
 *
 * Returns 0; -EINVAL for an unknown flag; -ENOMEM.  Since 0.1.
 */
int klpdep_view_new(const struct klpdep_index *index, const struct klpdep_config *config,
		    unsigned int flags, struct klpdep_view **view);

/** Take a reference.  Returns @view.  Since 0.1. */
struct klpdep_view *klpdep_view_ref(struct klpdep_view *view);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_view *klpdep_view_unref(struct klpdep_view *view);

/** The index that it is a view of.  Since 0.1. */
const struct klpdep_index *klpdep_view_get_index(const struct klpdep_view *view);

/**
 * The edge number @i of the index, sorted by target, then by patch (version-aware).
 *
 * @edge: filled in; what it points at belongs to the view
 *
 * Returns 0, or -ENOENT beyond the last.  Since 0.1.
 */
int klpdep_view_get_edge(const struct klpdep_view *view, size_t i,
			 struct klpdep_edge *edge);

/* ---- verify ------------------------------------------------------------------------ */

/** How bad a finding is. */
enum klpdep_severity {
	KLPDEP_NOTE,	/**< a check could not be made, or what follows from something */
	KLPDEP_WARNING, /**< the kernel takes it, but it may not do what is meant */
	KLPDEP_ERROR	/**< the kernel refuses it, or it can have no effect */
};

/** One finding, of klpdep_verify() for example; what it points at is valid during the call. */
struct klpdep_finding {
	enum klpdep_severity severity; /**< how bad it is */
	const char *code;	/**< as klpdep-verify(8) lists them: "no-symbol", ... */
	const char *patch;	/**< the patch's name, or NULL: it is about the tree */
	const char *file;	/**< the patch's file, or NULL */
	const char *object;	/**< the object that it is about, or NULL */
	const char *subject;	/**< a function, a symbol, another patch; or NULL */
	const char *message;	/**< what is wrong, and what to change */
};

/** Called for each finding. */
typedef void (*klpdep_finding_fn)(void *data, const struct klpdep_finding *finding);

/**
 * Check what the kernel would refuse of the livepatches of a kernel's tree, and what
 * would not do what it should.
 *
 * @kernel: the kernel's version; its tree is below the context's root
 * @config: masks, orders and the like; NULL: none
 * @patches, @n: these livepatches alone are checked.  Each was read from its file, which
 *               is the tree's, or else one that is to be installed: it is taken for one
 * of the tree's already, in the place of any of the same name. Several of one name are
 * checked one after the other, each as if it were there alone. None: all of the tree's
 * are checked that are neither masked nor superseded.
 * @fn, @data: called for each finding, patch by patch
 *
 * Returns 0, whatever was found; -ENOENT when the tree has no modules.dep; -EINVAL when
 * @kernel is not a directory name; -EBADMSG when modules.dep is malformed; -ENOMEM.
 * Since 0.1.
 */
int klpdep_verify(struct klpdep_ctx *ctx, const char *kernel,
		  const struct klpdep_config *config, struct klpdep_patch *const *patches,
		  size_t n, klpdep_finding_fn fn, void *data);

/**
 * Find what is blocked in vain: where somebody's install line of modprobe.d(5), which may be
 * there to keep a module from being loaded, is not in force since rules of klpdep's are from
 * before it.  klpdep depmod --rules makes such rules anew.  klpdep_verify() looks as well.
 *
 * @ctx: below whose root the module configuration is
 * @view: of a kernel.  The rules are for all kernels, and so a line may be cancelled for a
 *        module that this one has no patch for
 * @fn, @data: called for each, with the code "block-lost" and either the object or the patch
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

/** One step, as klpdep_plan_get_step() tells it. */
struct klpdep_step {
	enum klpdep_action action; /**< what is done with the module */
	const char *module;	/**< the module's name */
	const char *file;	/**< its file, absolute; NULL when it is not known */
	bool patch;		/**< the module is a livepatch of the index */
	bool required;		/**< the load fails when this step does */
	const char *reason;	/**< "asked for", "dependency of T", "patch of T", ... */
};

/** Options of klpdep_plan_new(). */
enum klpdep_plan_flags {
	KLPDEP_PLAN_LIVE = 1 << 0 /**< leave out what is loaded in the running system */
};

/**
 * Work out what loading @name takes.
 *
 * @view: of the index of the kernel in question
 * @name: a module or a patch; dashes are taken for underscores
 * @flags: enum klpdep_plan_flags
 *
 * Returns 0; -EINVAL when @name is no module name; -ENOENT when the tree has no such
 * module; -ENOMEM.  Since 0.1.
 */
int klpdep_plan_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		    const char *name, unsigned int flags, struct klpdep_plan **plan);

/** Take a reference.  Returns @plan.  Since 0.1. */
struct klpdep_plan *klpdep_plan_ref(struct klpdep_plan *plan);

/** Drop a reference.  Returns NULL.  Since 0.1. */
struct klpdep_plan *klpdep_plan_unref(struct klpdep_plan *plan);

/** The number of steps.  Since 0.1. */
size_t klpdep_plan_count_steps(const struct klpdep_plan *plan);

/** The step number @i; what it points at belongs to the plan.  Returns 0, or -ENOENT
 *  beyond the last.  Since 0.1. */
int klpdep_plan_get_step(const struct klpdep_plan *plan, size_t i,
			 struct klpdep_step *step);

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
 * @ctx: of the running system, without another root
 * @view: of the index of the running kernel
 * @patch: a patch of the index; dashes are taken for underscores
 * @left: set to the number of superseded patches that stay; may be NULL
 *
 * Returns 0 when the patch is loaded and enabled, whatever is left; -EINVAL when @patch
 * is no module name, or @ctx or @view is not for the running kernel; -ENOENT when the
 * patch is not in the index; -ECANCELED when it is masked, cannot be loaded now, or all
 * is switched off (klpdep=off, a crash dump); -ETIMEDOUT when the kernel stayed busy;
 * -ENOMEM; or what the kernel said.  Since 0.1.
 */
int klpdep_load(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		const char *patch, size_t *left);

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
 * @ctx: of the running system, without another root
 * @view: of the index of the running kernel
 * @patches, @n: these patches alone; none: all
 * @flags: enum klpdep_sync_flags
 * @undone: set to the number of steps that are left to be done, having been tried in
 * vain; and of patches of which another build is loaded, which are left alone; 0 when all
 * is as the index says.  May be NULL.
 *
 * Returns 0, whatever is left undone; -EBUSY when something is because of a transition
 * that did not end, so that it is worth trying again later; -ENOENT when one of @patches
 * is not in the index; -EINVAL when @ctx or @view is not for the running kernel;
 * -ECANCELED when all is switched off (klpdep=off, a crash dump);
 * -ENOMEM.  Since 0.1.
 */
int klpdep_sync(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		const char *const *patches, size_t n, unsigned int flags, size_t *undone);

/**
 * Work out what klpdep_sync() would do now.  The parameters are the same.
 *
 * Returns 0; -ENOENT when one of @patches is not in the index; -EINVAL when @ctx or @view
 * is not for the running kernel; -ENOMEM.  Since 0.1.
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

/** One row, as klpdep_status_get_row() tells it. */
struct klpdep_status_row {
	const char *target;	/**< the object's name, "vmlinux" too; NULL where neither
				     index nor kernel shows objects of the patch */
	const char *patch;	/**< the patch's name */
	const char *set;	/**< the set that it belongs to, or NULL */
	enum klpdep_condition condition; /**< how things stand */
	const char *reason;	/**< why the condition is what it is, or NULL */
	bool target_loaded;	/**< the object is in the kernel; vmlinux always is */
	bool loaded;		/**< the patch's module is in the kernel, be it dead */
	bool enabled;		/**< and it is enabled, or going to be */
	bool transition;	/**< its transition is running */
	bool patched;		/**< it is applied to the object */
};

/** The transition that is running, as klpdep_status_get_transition() tells it. */
struct klpdep_transition {
	const char *patch;	/**< the patch's name */
	bool patching;		/**< true: it is being enabled; false: disabled */
	long seconds;		/**< how long it has been running, or -1: not known */
	long tasks;		/**< how many tasks hold it up, or -1: not known */
	const char *held_up_by;	/**< some: "foo[77], bar[78] and 3 more"; or NULL */
};

/**
 * Look at the running kernel.  There is a row for each object of each patch of the index,
 * and one for each of a livepatch that is loaded and that the index does not know.
 *
 * @ctx: of the running system, without another root
 * @view: of the index of the running kernel; NULL: every livepatch that is loaded is
 *        foreign
 *
 * Which tasks hold up a transition root alone can see.
 *
 * Returns 0; -EINVAL when @ctx or @view is not for the running kernel; -ENOMEM; or
 * -ENOENT or another errno when the kernel's state cannot be seen, as in a container
 * without /sys. Since 0.1.
 */
int klpdep_status_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		      struct klpdep_status **status);

/** Take a reference.  Returns @status.  Since 0.1. */
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

/** The row number @i, sorted by target, then by patch (version-aware); those without a
 *  target come last.  What it points at belongs to @status.  Returns 0, or -ENOENT beyond
 *  the last.  Since 0.1. */
int klpdep_status_get_row(const struct klpdep_status *status, size_t i,
			  struct klpdep_status_row *row);

/** The transition that is running, whosever.  What it points at belongs to @status.
 *  Returns 0, or -ENOENT when there is none.  Since 0.1. */
int klpdep_status_get_transition(const struct klpdep_status *status,
				 struct klpdep_transition *transition);

#ifdef __cplusplus
}
#endif

#endif /* KLPDEP_H */
