/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context: messages go through it, and it has the root of all paths. */
#include "config.h"

#include <dirent.h>
#include <sys/utsname.h>

#include "libklpdep/base/context.h"

int klpdep_new(struct klpdep_ctx **out)
{
	_cleanup_free_ struct klpdep_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx || !(ctx->root = strdup("")))
		return -ENOMEM;
	ctx->refs = 1;
	ctx->usr = "";
	ctx->log_priority = LOG_WARNING;
	*out = klp_take(ctx);
	return 0;
}

static void ctx_destroy(struct klpdep_ctx *ctx)
{
	free(ctx->root);
	free(ctx);
}

KLP_REFCOUNTED(klpdep_ctx, klpdep, ctx_destroy)

void klpdep_set_log_fn(struct klpdep_ctx *ctx, klpdep_log_fn fn, void *data)
{
	ctx->log = fn;
	ctx->log_data = data;
}

void klpdep_set_log_priority(struct klpdep_ctx *ctx, int priority)
{
	ctx->log_priority = priority;
}

static bool has_directory(const struct klpdep_ctx *ctx, const char *absolute)
{
	_cleanup_free_ char *path = klp_path(ctx, absolute);

	return path && access(path, F_OK) == 0;
}

int klpdep_set_root(struct klpdep_ctx *ctx, const char *root)
{
	int err = klp_set_string(&ctx->root, root ? root : "");

	if (err < 0)
		return klp_said(ctx, err);
	for (size_t len = strlen(ctx->root); len && ctx->root[len - 1] == '/'; len--)
		ctx->root[len - 1] = '\0';
	ctx->usr = "";
	if (*ctx->root && !has_directory(ctx, "/lib/") && has_directory(ctx, "/usr/lib/"))
		ctx->usr = "/usr";
	return 0;
}

const char *klpdep_get_version(void)
{
	return PACKAGE_VERSION;
}

const char *klpdep_strerror(int error)
{
	switch (error < 0 ? -error : error) {
	case ENODATA:
		return "not a livepatch";
	case EBADMSG:
		return "malformed";
	case ENOTSUP:
		return "not supported";
	case EILSEQ:
		return "there is a NUL byte in it";
	case ESPIPE:
		return "not a regular file";
	default:
		return strerror(error < 0 ? -error : error);
	}
}

void klp_log(struct klpdep_ctx *ctx, int priority, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list args;

	if (priority > ctx->log_priority)
		return;
	ctx->n_errors += priority <= LOG_ERR;
	if (!ctx->log)
		return;
	va_start(args, format);
	message = klp_vformat(format, args);
	va_end(args);
	if (message)
		klp_clean_text(message);
	ctx->log(ctx->log_data, priority, message ? message : "out of memory");
}

void klp_say(struct klpdep_ctx *ctx, enum klp_message message, bool fatal,
	     const char *subject, const char *format, ...)
{
	int priority = klp_message_priority(message);
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	text = klp_vformat(format, args);
	va_end(args);
	klp_log(ctx, fatal && priority > LOG_ERR ? LOG_ERR : priority, "%s: %s: %s",
		klp_message_id(message), subject, text ? text : "out of memory");
}

int klp_ended(struct klpdep_ctx *ctx, unsigned int before, int err, const char *about)
{
	if (err < 0 && ctx->n_errors == before)
		klp_err(ctx, "%s: %s", about, klpdep_strerror(err));
	/* Users know -EBADMSG alone for a file that is no text. */
	return err == -EILSEQ ? -EBADMSG : err;
}

int klp_said(struct klpdep_ctx *ctx, int err)
{
	if (err == -ENOMEM)
		klp_err(ctx, "out of memory");
	return err;
}

static const char *usr_of(const struct klpdep_ctx *ctx, const char *absolute)
{
	return klp_after_prefix(absolute, "/lib/") ? ctx->usr : "";
}

char *klp_path(const struct klpdep_ctx *ctx, const char *absolute)
{
	return klp_format("%s%s%s", ctx->root, usr_of(ctx, absolute), absolute);
}

/* The kernel whose modules the root has, if there is only one; or NULL.  The caller
 * frees. */
static char *only_kernel(const struct klpdep_ctx *ctx)
{
	_cleanup_free_ char *path = klp_path(ctx, MODULES_DIR), *only = NULL;
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir))) {
		if (klp_kernel_valid(entry->d_name) && n++ == 0)
			only = strdup(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return n == 1 ? klp_take(only) : NULL;
}

char *klp_module_path(const struct klpdep_ctx *ctx, const char *kernel, const char *file)
{
	return klp_format("%s%s" MODULES_DIR "/%s%s%s", ctx->root, usr_of(ctx, MODULES_DIR),
			  kernel, *file ? "/" : "", file);
}

void klp_say_missing(struct klpdep_ctx *ctx, const char *kernel, const char *what,
		     const char *maker)
{
	_cleanup_free_ char *tree = klp_module_path(ctx, kernel, "");
	_cleanup_free_ char *only = *ctx->root ? only_kernel(ctx) : NULL;
	/* depmod knows only one place. */
	const char *usr = klp_streq(maker, "depmod") ? ctx->usr : "";

	if (!tree || access(tree, F_OK) == 0)
		klp_err(ctx, "there is no %s for kernel %s; run '%s%s%s%s %s'", what, kernel,
			maker, *ctx->root ? " -b " : "", ctx->root, usr, kernel);
	else if (klpdep_is_running(ctx, kernel))
		klp_err(ctx, "there is no %s: the running kernel's modules are not here; in a "
			"container, they are on its host", tree);
	else if (only)
		klp_err(ctx, "there is no %s: the kernel installed there is %s; use -k %s", tree,
			only, only);
	else
		klp_err(ctx, "there is no %s: kernel %s is not installed here", tree, kernel);
}

int klp_check_kernel(struct klpdep_ctx *ctx, const char *kernel)
{
	if (klp_kernel_valid(kernel))
		return 0;
	klp_err(ctx, "'%s' is not a kernel version", kernel);
	return -EINVAL;
}

int klp_check_flags(struct klpdep_ctx *ctx, unsigned int flags, unsigned int known)
{
	if (!(flags & ~known))
		return 0;
	klp_err(ctx, "unknown flags: 0x%x", flags & ~known);
	return -EINVAL;
}

int klp_check_name(struct klpdep_ctx *ctx, const char *name, char out[KLP_MODULE_NAME_LEN])
{
	int err = klp_name_normalize(name, out);

	if (err < 0)
		klp_err(ctx, "'%s' is not the name of a module", name);
	return err;
}

bool klpdep_is_running(const struct klpdep_ctx *ctx, const char *kernel)
{
	struct utsname uts;

	return !*ctx->root && uname(&uts) == 0 && klp_streq(uts.release, kernel);
}
