/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: patches that the running kernel would refuse now. */
#include "config.h"

#include "libklpdep/image/file.h"
#include "libklpdep/live/policy.h"
#include "libklpdep/verify/verify.h"

int klp_verify_look_at_kernel(struct klp_verification *verify)
{
	_cleanup_stack_ struct klp_stack stack = { 0 };
	int err;

	if (!klpdep_is_running(verify->ctx, verify->kernel))
		return 0;
	verify->wants_signatures = klp_live_wants_signatures();
	err = klp_stack_read(&stack);
	return err < 0 ? err : klp_live_taken_entries(&stack, &verify->taken);
}

static char *file_of(const struct klp_verification *verify, const struct klpdep_patch *patch)
{
	const struct klp_module *module = klp_moddep_find(&verify->moddep, patch->name);

	return module && klp_streq(module->path, patch->file) ?
		       klp_moddep_file(verify->ctx, verify->kernel, module) :
		       strdup(patch->file);
}

/* A signed module ends with MODULE_SIG_STRING: include/linux/module_signature.h.  User
 * space cannot know whether the kernel has the key. */
static bool is_unsigned(const char *path)
{
	static const char mark[] = "~Module signature appended~\n";
	const size_t size = sizeof(mark) - 1;
	_cleanup_file_ struct klp_file *file = NULL;
	const unsigned char *end;
	int err = klp_file_open(path, &file);

	if (err < 0 || file->size < size)
		return false;
	end = klp_file_at(file, file->size - size, size, &err);
	return end && memcmp(end, mark, size) != 0;
}

static void check_entries(struct klp_verification *verify, const struct klpdep_patch *patch,
			  const struct klpdep_object *object)
{
	for (size_t i = 0; i < object->n_funcs; i++) {
		const char *function = object->funcs[i].name;
		char entry[KLP_ENTRY_SIZE];

		snprintf(entry, sizeof(entry), "%s %s", object->name, function);
		if (klp_strv_has_sorted(&verify->taken, entry))
			klp_fit_say(&verify->fit, KLPDEP_WARNING, "ftrace-busy", patch,
				    object->name, function,
				    "somebody else has its entry in the running kernel, such as a "
				    "kprobe with a post handler: until that is gone, the kernel "
				    "refuses the patch");
	}
}

int klp_verify_running(struct klp_verification *verify, const struct klpdep_patch *patch)
{
	_cleanup_free_ char *file = verify->wants_signatures ? file_of(verify, patch) : NULL;

	if (verify->wants_signatures && !file)
		return -ENOMEM;
	if (file && is_unsigned(file))
		klp_fit_say(&verify->fit, KLPDEP_ERROR, "unsigned", patch, NULL, NULL,
			    "it has no signature, and the running kernel takes only "
			    "signed modules (%s): sign it", verify->wants_signatures);
	for (size_t i = 0; i < patch->n_objects; i++)
		check_entries(verify, patch, &patch->objects[i]);
	return 0;
}
