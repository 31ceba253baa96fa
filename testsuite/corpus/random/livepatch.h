/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a livepatch's source sees of the kernel: the structures of
 * include/linux/livepatch.h with the fields that are initialised where they are, and the
 * rest as so many bytes.
 *
 * LAYOUT: 404 for kernels before 4.15 (no callbacks), 419 for those before 5.1 (no
 * replace), 501 for 5.1 to 5.4 (replace, and no states in front of it), 601 for what came
 * after.  KOBJECT: sizeof(struct kobject), 64 unless the kernel debugs something.
 */
typedef unsigned char bool;
#define true 1
#define false 0
#define NULL ((void *)0)
#define noinline __attribute__((noinline))
#define used __attribute__((used))
#define __init __attribute__((section(".init.text")))

struct module {
	long state[8];
	int (*init)(void);
	void (*exit)(void);
	long rest[64];
};
extern struct module __this_module;
#define THIS_MODULE (&__this_module)

struct list_head {
	struct list_head *next, *prev;
};

struct kobject {
	char bytes[KOBJECT];
} __attribute__((aligned(8)));

struct klp_func {
	const char *old_name;
	void *new_func;
	unsigned long old_sympos;
	void *old_func;
	struct kobject kobj;
#if LAYOUT >= 501
	struct list_head node;
#endif
	struct list_head stack_node;
	unsigned long old_size, new_size;
	bool nop, patched, transition;
} STRUCT_ATTRIBUTE;

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
#if LAYOUT >= 419
	struct klp_callbacks callbacks;
#endif
	struct kobject kobj;
#if LAYOUT >= 501
	struct list_head func_list, node;
#endif
	struct module *mod;
	bool dynamic, patched;
} STRUCT_ATTRIBUTE;

struct klp_state {
	unsigned long id;
	unsigned int version;
	void *data;
};

struct klp_patch {
	struct module *mod;
	struct klp_object *objs;
#if LAYOUT >= 601
	struct klp_state *states;
#endif
#if LAYOUT >= 501
	bool replace;
#endif
	struct list_head list;
	struct kobject kobj;
#if LAYOUT >= 501
	struct list_head obj_list;
#endif
	bool enabled, forced;
	long work[4], finish[4];
} STRUCT_ATTRIBUTE;

int klp_enable_patch(struct klp_patch *patch);
int klp_register_patch(struct klp_patch *patch);
int _printk(const char *format, ...);
int register_thing(void *thing);
int is_needed(void);
void *memcpy(void *to, const void *from, unsigned long n);

/* Something for replacement functions to write to. */
struct noise {
	char bytes[48];
	long words[8];
};

struct file_operations {
	struct module *owner;
	long (*llseek)(void);
	long (*read)(void);
	long rest[30];
};

struct notifier_block {
	int (*call)(void);
	struct notifier_block *next;
	int priority;
};

struct kernel_param {
	const char *name;
	struct module *mod;
	const void *ops;
	unsigned int bits;
	void *arg;
};
extern const long param_ops_bool[];

struct entry {
	const char *name;
	void *fn;
};

/* Looks much like a klp_patch: an owner, a table of names and tables of names. */
struct table {
	const char *name;
	struct entry *entries;
	long rest[TABLE_REST];
};

struct registry {
	struct module *owner;
	struct table *tables;
	long rest[22];
};
