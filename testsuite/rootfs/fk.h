/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fake kernel: a preloaded library that answers the module system calls of
 * every process in a fake root directory.  See README.md.
 *
 * Its state is one file, mapped shared by all processes of the fake root, and
 * changed only under a lock on that file.  What user space may read of it (/sys,
 * /proc/modules, /dev/kmsg) are plain files, kept up to date by fk-sysfs.c.
 */
#ifndef FK_H
#define FK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FK_DIR "/fake"
#define FK_STATE FK_DIR "/state"
#define FK_JOURNAL FK_DIR "/journal"
#define FK_RELEASE FK_DIR "/release"
#define FK_KILLED "/fake/killed"
#define FK_EFFECT FK_DIR "/effect"
#define FK_EFFECTS FK_DIR "/effects"
#define FK_ATTRIBUTES FK_DIR "/attributes"
#define FK_HASTE FK_DIR "/haste"
#define FK_MEANWHILE FK_DIR "/meanwhile"
#define FK_ALONE "FK_ALONE" /* in the environment: without that */
#define FK_KMSG "/dev/kmsg"

#define FK_NAME_LEN 56
#define FK_LIST_LEN 512
#define FK_FUNCS_LEN 2048
#define FK_NOTE_LEN 64
#define FK_TEXT_LEN 32768 /* of what the fake kernel shows in one file */
#define FK_MODULES 128

/* How long things take where the module's .modinfo does not say: short, so that
 * the cases are quick, and long enough that not waiting for them shows. */
#define FK_TRANSITION_MS 30
#define FK_PUT_MS 10

enum fk_mod_state { FK_UNUSED, FK_COMING, FK_LIVE };

/* What the strings in .modinfo say about a module; see README.md. */
struct fk_info {
	char name[FK_NAME_LEN];
	char depends[FK_LIST_LEN];
	char objects[FK_LIST_LEN];
	char funcs[FK_FUNCS_LEN]; /* lines "OBJECT FUNCTION,SYMPOS", sympos from 1 on */
	char callbacks[FK_LIST_LEN]; /* lines "OBJECT WHICH" */
	char states[FK_LIST_LEN];    /* "ID:VERSION,..." */
	char refuse[FK_LIST_LEN];
	char once[FK_NAME_LEN];
	char srcversion[FK_NAME_LEN];
	unsigned char note[FK_NOTE_LEN]; /* its .note.gnu.build-id */
	size_t note_len;
	bool livepatch;
	bool replace;
	int stall; /* 2: in both directions */
	int error;
	int busy;
	int pins;
	int keep;
	int init_ms;
	int transition_ms;
	int unpatch_ms;
	int put_ms;
};

struct fk_module {
	struct fk_info info;
	enum fk_mod_state state;
	uint64_t serial;
	/* references that are not another module's: an enabled patch's to itself */
	int pins;
	/* only for a livepatch */
	bool registered; /* has its directory in /sys/kernel/livepatch */
	bool enabled;
	uint64_t order; /* of enabling: the greatest is on top */
	/* While one with replace is in transition: what others patch and it does not, in
	 * lines as in funcs. The original function runs there. */
	char nops[FK_FUNCS_LEN];
	uint64_t put_at; /* when the reference to itself goes; 0: not pending */
	bool forced;	 /* the reference to itself never goes */
	bool applied;	 /* has had its klp relocations written, see fk_once */
	int n_deletes;	 /* refusals because of fk_keep= so far */
	ino_t enabled_ino, force_ino;
};

struct fk_state {
	/* The earliest moment at which something changes by itself, 0 for none: may
	 * be read without the lock, which makes a look at every open(2) cheap. */
	_Atomic uint64_t deadline;
	uint64_t serial;
	uint64_t kmsg_seq;
	uint64_t order; /* of the patch enabled last */
	ino_t kmsg_ino;
	dev_t dev;
	bool haste;
	int transition; /* index of the patch in transition, -1 for none */
	uint64_t transition_end;
	int busy_count;	       /* refusals because of fk_busy= so far */
	uint64_t journal_hash; /* of the last line, to write a repeated failure once */
	struct fk_module modules[FK_MODULES];
};

#define FK_NEVER UINT64_MAX

/* fk-state.c */
extern struct fk_state *fk;
extern __thread int fk_inside; /* hooks pass through while the fake kernel works */
bool fk_attach(void);
void fk_lock(void);
void fk_unlock(void);
uint64_t fk_now(void);
uint64_t fk_after_ms(int ms);
struct fk_module *fk_find(const char *name);
struct fk_module *fk_alloc(void);
bool fk_in_list(const char *list, const char *name);
int fk_refcount(const struct fk_module *mod);
void fk_journal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fk_journal_result(int err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* fk-modinfo.c */
int fk_modinfo(const void *image, size_t len, struct fk_info *info);
int fk_errno(const char *name);

/* fk-module.c: 0 or a negative errno, as in the kernel */
int fk_init_module(const void *image, size_t len, const char *args);
int fk_finit_module(int fd, const char *args, int flags);
int fk_delete_module(const char *name, unsigned int flags);

/* fk-stack.c: the stack on each function, and so which patch's code runs */
struct fk_module *fk_in_transition(void);
struct fk_module *fk_next_patch(uint64_t after); /* by order, the oldest first */
bool fk_object_loaded(const char *object);
bool fk_patch_has(const struct fk_module *patch, const char *object);
bool fk_has_line(const char *lines, const char *line, size_t len);
void fk_add_nops(struct fk_module *patch);
void fk_effect_update(void);

/* fk-patch.c */
int fk_patch_enable(struct fk_module *patch);
int fk_patch_enabled_store(struct fk_module *patch, bool value);
int fk_patch_force_store(struct fk_module *patch, bool value);
int fk_patch_module_coming(struct fk_module *target);
void fk_patch_module_going(struct fk_module *target);
void fk_advance(void);
void fk_advance_locked(void);

/* fk-sysfs.c */
void fk_put(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fk_sysfs_boot(void);
bool fk_sysfs_has(const char *name);
void fk_sysfs_add_module(struct fk_module *mod);
void fk_sysfs_del_module(const struct fk_module *mod);
void fk_sysfs_update_modules(void);
void fk_sysfs_add_patch(struct fk_module *patch);
void fk_sysfs_del_patch(const struct fk_module *patch);
/* Before the nops go. */
void fk_sysfs_del_nops(const struct fk_module *patch);
void fk_sysfs_update_order(void);
void fk_sysfs_patch_attr(const struct fk_module *patch, const char *attr, bool value);
void fk_sysfs_update_patched(const struct fk_module *patch);

/* fk-meanwhile.c: @call as README.md has it, or NULL */
void fk_read_meanwhile(void);
/* What /proc has of this process. */
void fk_put_process(int argc, char **argv);
void fk_let_others(const char *call);

/* fk-log.c */
void fk_log(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
ssize_t fk_kmsg_write(const char *buf, size_t len);
ssize_t fk_kmsg_read(int fd, char *buf, size_t len);
int fk_klogctl(int type, char *buf, int len);

#endif
