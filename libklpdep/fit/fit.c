/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One patch against the files of its objects: the order of the checks, and what they
 * share. */
#include "config.h"

#include <stdarg.h>

#include "libklpdep/fit/fit.h"
#include "libklpdep/fit/object-file.h"

#define MODULES_BUILTIN_MAX ((size_t)16 << 20)

static const struct {
	int (*check)(struct klp_fit *fit, const struct klpdep_patch *patch);
	bool finds_misfits; /* the others say why the kernel refuses the patch itself */
} checks[] = {
	{ klp_fit_names, false },    { klp_fit_objects, true }, { klp_fit_functions, true },
	{ klp_fit_relocs, true },    { klp_fit_vermagic, false }, { klp_fit_build, true },
	{ klp_fit_imports, false },
};

int klp_fit_check(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	int err = 0;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(checks) && err == 0 && fit->stop == 0; i++) {
		if (checks[i].finds_misfits || !fit->only_misfits)
			err = checks[i].check(fit, patch);
	}
	return err == 0 ? fit->stop : err;
}

void klp_fit_say(struct klp_fit *fit, enum klpdep_severity severity, const char *code,
		 const struct klpdep_patch *patch, const char *object, const char *subject,
		 const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	struct klpdep_finding finding = {
		.severity = severity,
		.code = code,
		.patch = patch ? patch->name : NULL,
		.file = patch ? patch->file : NULL,
		.object = object,
		.subject = subject,
	};
	va_list args;

	va_start(args, format);
	message = klp_vformat(format, args);
	va_end(args);
	if (!message)
		fit->stop = -ENOMEM;
	finding.message = message;
	if (fit->stop == 0)
		fit->stop = fit->fn(fit->data, &finding);
}

void klp_fit_say_unreadable(struct klp_fit *fit, const struct klpdep_patch *patch,
			    const char *object, const char *name,
			    const struct klp_object_file *image, const char *what)
{
	klp_fit_say(fit, KLPDEP_NOTE, "not-checked", patch, object, NULL,
		    "%s not checked, as %s cannot be read: %s", what, name,
		    image->why ? image->why : klpdep_strerror(image->err));
}

/* ---- modules.builtin --------------------------------------------------------------- */

static int cmp_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool klp_fit_is_builtin(const struct klp_fit *fit, const char *name)
{
	return fit->builtin.n &&
	       bsearch(&name, fit->builtin.v, fit->builtin.n, sizeof(char *), cmp_strings);
}

/* Without modules.builtin we know of no built-in modules. */
static int read_builtin(struct klp_fit *fit)
{
	_cleanup_free_ char *file = klp_module_path(fit->ctx, fit->kernel, "modules.builtin");
	_cleanup_free_ char *text = NULL;
	int err = file ? klp_read_file(file, MODULES_BUILTIN_MAX, &text, NULL) : -ENOMEM;
	char *rest = text, *line;

	if (err == -ENOMEM)
		return err;
	while (err == 0 && (line = strsep(&rest, "\n"))) {
		char name[KLP_MODULE_NAME_LEN];

		if (klp_name_from_path(line, name) == 0 &&
		    klp_strv_add(&fit->builtin, name) < 0)
			return -ENOMEM;
	}
	if (fit->builtin.n)
		qsort(fit->builtin.v, fit->builtin.n, sizeof(char *), cmp_strings);
	return 0;
}

int klp_fit_init(struct klp_fit *fit, const struct klp_moddep *moddep)
{
	int err;

	fit->moddep = moddep;
	err = read_builtin(fit);
	return err < 0 ? err :
			 klp_object_files_new(fit->ctx, fit->kernel, moddep, &fit->files);
}

void klp_fit_clear(struct klp_fit *fit)
{
	klp_object_files_free(fit->files);
	klp_strv_clear(&fit->builtin);
}
