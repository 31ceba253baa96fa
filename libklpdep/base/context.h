/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context: messages, and paths below its root. */
#ifndef KLP_CONTEXT_H
#define KLP_CONTEXT_H

#include "libklpdep/base/whole-file.h"
#include "shared/cleanup.h"
#include "shared/message.h"

struct klpdep_ctx {
	unsigned int refs;
	char *root; /* "" for the running system, else without a slash at the end */
	/* "/usr" if the root has that lib and no other, like an unpacked package of a
	 * system with merged /usr; else "". */
	const char *usr;
	klpdep_log_fn log;
	void *log_data;
	int log_priority;
	unsigned int n_errors; /* how many errors were logged: klp_ended() */
};

void klp_log(struct klpdep_ctx *ctx, int priority, const char *format, ...)
	KLP_PRINTF(3, 4);

#define klp_err(ctx, ...) klp_log(ctx, LOG_ERR, __VA_ARGS__)
#define klp_warn(ctx, ...) klp_log(ctx, LOG_WARNING, __VA_ARGS__)
#define klp_info(ctx, ...) klp_log(ctx, LOG_INFO, __VA_ARGS__)
#define klp_debug(ctx, ...) klp_log(ctx, LOG_DEBUG, __VA_ARGS__)

/* Log an event.  @fatal (policy require, or a user who asked for just this) makes it an
 * error, whatever its priority is. */
void klp_say(struct klpdep_ctx *ctx, enum klp_message message, bool fatal,
	     const char *subject, const char *format, ...) KLP_PRINTF(5, 6);

/* The end of a public function.  If it fails, and no error has been logged since its
 * beginning, when ctx->n_errors was @before, log one now, about @about.  Returns @err. */
int klp_ended(struct klpdep_ctx *ctx, unsigned int before, int err, const char *about);

/* The end of a function that logs its own errors: logs a lack of memory, too.  Returns
 * @err. */
int klp_said(struct klpdep_ctx *ctx, int err);

/* Paths below the context's root; NULL when there is no memory.  The caller frees. */
char *klp_path(const struct klpdep_ctx *ctx, const char *absolute);
/* @file in the module directory of @kernel; "": the directory itself. */
char *klp_module_path(const struct klpdep_ctx *ctx, const char *kernel, const char *file);

/* Log that @kernel has no @what, and that @maker makes one; @maker takes -b as we do.  If
 * the kernel has no modules at all, log that instead. */
void klp_say_missing(struct klpdep_ctx *ctx, const char *kernel, const char *what,
		     const char *maker);

/* Check an argument of a public function: 0, or -EINVAL, which has been logged. */
int klp_check_kernel(struct klpdep_ctx *ctx, const char *kernel);
int klp_check_flags(struct klpdep_ctx *ctx, unsigned int flags, unsigned int known);
/* The same for the name of a module, which is normalized in @out. */
int klp_check_name(struct klpdep_ctx *ctx, const char *name, char out[KLP_MODULE_NAME_LEN]);

/* The name of an enumeration's value, or NULL if the array @names has none. */
#define klp_name_of(names, value)                                                        \
	((size_t)(value) < KLP_ARRAY_SIZE(names) ? (names)[value] : NULL)

/* A public getter of a member. */
#define KLP_GETTER(result, getter, type, member)                                         \
	result getter(const struct type *p)                                              \
	{                                                                                \
		return p->member;                                                        \
	}

/* The body of every ..._ref() and ..._unref(); @destroy sees an object with no
 * references left. */
#define KLP_REFCOUNTED(type, prefix, destroy)                                            \
	struct type *prefix##_ref(struct type *p)                                        \
	{                                                                                \
		if (p)                                                                   \
			p->refs++;                                                       \
		return p;                                                                \
	}                                                                                \
	struct type *prefix##_unref(struct type *p)                                      \
	{                                                                                \
		if (p && --p->refs == 0)                                                 \
			destroy(p);                                                      \
		return NULL;                                                             \
	}

#endif /* KLP_CONTEXT_H */
