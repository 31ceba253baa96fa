/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As much of a kernel as the corpus's modules need: the structures of livepatches with
 * the layouts that Linux 6.1 has (include/linux/livepatch.h), stand-ins of the same size
 * for what they hold, and the macros that put things into a module's sections.
 *
 *	DEBUG_KERNEL	sizes as with lock, object and kobject debugging
 *	LOCAL=		nothing is static
 *	PLAIN_SYMBOLS	no klp relocations: the loader has to find those symbols, too
 */
#ifndef KERNEL_H
#define KERNEL_H

typedef _Bool bool;
typedef unsigned int u32;
typedef unsigned long u64;

#define NULL ((void *)0)
#define true 1
#define false 0

#ifndef LOCAL
#define LOCAL static
#endif

#define __section(name) __attribute__((__section__(name)))
#define __used __attribute__((__used__))
#define __init __section(".init.text")
#define __exit __section(".exit.text")
#define noinline __attribute__((__noinline__))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#ifdef DEBUG_KERNEL
#define DEBUG_LOCK u64 owner, dep_map[6];
#define DEBUG_WORK u64 dep_map[6], timer[8];
#else
#define DEBUG_LOCK
#define DEBUG_WORK
#endif

struct list_head {
	struct list_head *next, *prev;
};

struct raw_spinlock {
	u32 lock;
	DEBUG_LOCK
};

struct work_struct {
	u64 data;
	struct list_head entry;
	void *func;
	DEBUG_WORK
};

struct kobject {
	const char *name;
	struct list_head entry;
	void *parent, *kset, *ktype, *sd;
	u32 kref, state;
#ifdef DEBUG_KERNEL
	struct work_struct release;
#endif
};

struct completion {
	u32 done;
	struct {
		struct raw_spinlock lock;
		struct list_head task_list;
	} wait;
};

/* The real one is larger and has more; neither matters to who reads the file. */
struct module {
	u32 state;
	struct list_head list;
	char name[64 - sizeof(long)];
	u64 mkobj[24];
	int (*init)(void);
	u64 core_layout[40];
	void (*exit)(void);
	u64 refcnt;
} __attribute__((__aligned__(64)));

/* ---- livepatches ----------------------------------------------------------------- */

struct klp_func {
	const char *old_name;
	void *new_func;
	unsigned long old_sympos;
	void *old_func;
	struct kobject kobj;
	struct list_head node;
	struct list_head stack_node;
	unsigned long old_size, new_size;
	bool nop, patched, transition;
};

struct klp_object;

struct klp_callbacks {
	int (*pre_patch)(struct klp_object *obj);
	void (*post_patch)(struct klp_object *obj);
	void (*pre_unpatch)(struct klp_object *obj);
	void (*post_unpatch)(struct klp_object *obj);
	bool post_unpatch_enabled;
};

struct klp_object {
	const char *name;
	struct klp_func *funcs;
	struct klp_callbacks callbacks;
	struct kobject kobj;
	struct list_head func_list;
	struct list_head node;
	struct module *mod;
	bool dynamic, patched;
};

struct klp_state {
	unsigned long id;
	unsigned int version;
	void *data;
};

struct klp_patch {
	struct module *mod;
	struct klp_object *objs;
	struct klp_state *states;
	bool replace;
	struct list_head list;
	struct kobject kobj;
	struct list_head obj_list;
	bool enabled, forced;
	struct work_struct free_work;
	struct completion finish;
};

#ifndef DEBUG_KERNEL
_Static_assert(sizeof(struct klp_patch) == 200, "struct klp_patch");
_Static_assert(sizeof(struct klp_object) == 168, "struct klp_object");
_Static_assert(sizeof(struct klp_func) == 152, "struct klp_func");
#else
_Static_assert(sizeof(struct klp_patch) > 200, "struct klp_patch");
_Static_assert(sizeof(struct klp_object) > 168, "struct klp_object");
_Static_assert(sizeof(struct klp_func) > 152, "struct klp_func");
#endif

int klp_enable_patch(struct klp_patch *patch);
void *kzalloc(unsigned long size);
int strcmp(const char *a, const char *b);
void *memcpy(void *to, const void *from, unsigned long size);
int register_chrdev(const char *name, const void *fops);
int configfs_register_subsystem(const void *subsystem);

/* ---- modules --------------------------------------------------------------------- */

extern struct module __this_module;
#define THIS_MODULE (&__this_module)

#define MODULE_INFO(tag, value) \
	static const char modinfo_##tag[] __used __section(".modinfo") \
		__attribute__((__aligned__(1))) = #tag "=" value

int init_module(void);
void cleanup_module(void);
#define module_init(fn) int init_module(void) __attribute__((__alias__(#fn)))
#define module_exit(fn) void cleanup_module(void) __attribute__((__alias__(#fn)))

/*
 * A symbol that the kernel's livepatch core has to resolve, when SECOBJ is patched.
 * klp-convert finds it by this name.  No assembler takes the comma of the final name, and
 * one for ppc64 has its own idea of names that begin with a dot.
 */
#ifdef PLAIN_SYMBOLS
#define KLP_SYMBOL(secobj, symobj, name, sympos)
#else
#define KLP_SYMBOL(secobj, symobj, name, sympos) \
	__asm__("klp.sym.rela." secobj "." symobj "." name "." #sympos)
#endif

#endif /* KERNEL_H */
