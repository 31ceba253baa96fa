/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a patch was built against: vermagic, builds of its targets, CRCs. */
#include "config.h"

#include "libklpdep/fit/fit.h"
#include "libklpdep/fit/object-file.h"

/* ---- vermagic ---------------------------------------------------------------------- */

/* Like the kernel's same_magic(): if CRCs are checked, the version, which is the first
 * word, is not. */
static bool same_magic(const char *a, const char *b, bool has_versions)
{
	if (has_versions) {
		a += strcspn(a, " ");
		b += strcspn(b, " ");
	}
	return klp_streq(a, b);
}

int klp_fit_vermagic(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	const struct klp_object_file *model, *image;
	int err = klp_object_files_get_model(fit->files, &model);

	fit->is_other_vermagic = false;
	if (err == 0)
		err = klp_object_files_get_patch(fit->files, patch, &image);
	if (err < 0)
		return err;
	if (!model)
		klp_fit_say(fit, KLPDEP_NOTE, "not-checked", patch, NULL, NULL,
			    "its vermagic is not checked, for lack of a module of %s "
			    "to compare it with",
			    fit->kernel);
	else if (image->err < 0)
		klp_fit_say_unreadable(fit, patch, NULL, patch->file, image,
				       "its vermagic and the CRCs of what it imports are");
	else if (!patch->vermagic)
		klp_fit_say(fit, KLPDEP_ERROR, "vermagic", patch, NULL, NULL,
			    "it has no vermagic, and no kernel accepts it without");
	else
		fit->is_other_vermagic = !same_magic(patch->vermagic, model->vermagic,
						     image->has_versions);
	if (fit->is_other_vermagic)
		klp_fit_say(fit, KLPDEP_ERROR, "vermagic", patch, NULL, NULL,
			    "it is built for '%s', and the modules of %s for '%s': "
			    "build it against that kernel",
			    patch->vermagic, fit->kernel, model->vermagic);
	return 0;
}

/* ---- release ----------------------------------------------------------------------- */

static size_t release_length(const char *vermagic)
{
	return strcspn(vermagic, " ");
}

/* With CRCs the kernel ignores the release.  For a livepatch it matters, since the patch
 * was made from that release's source.  A module in weak-updates, which was built for
 * another release than the tree's, and its patch have the same release. */
static int check_release(struct klp_fit *fit, const struct klpdep_patch *patch,
			 const struct klpdep_object *object)
{
	bool is_vmlinux = klp_streq(object->name, "vmlinux");
	const struct klp_object_file *file;
	size_t length, own = release_length(patch->vermagic);
	int err = is_vmlinux ? klp_object_files_get_model(fit->files, &file) :
			       klp_object_files_get(fit->files, object->name, &file);

	if (err < 0 || !file || !file->vermagic)
		return err == -ENOENT ? 0 : err;
	length = release_length(file->vermagic);
	if (length != own || memcmp(file->vermagic, patch->vermagic, own) != 0)
		klp_fit_say(fit, KLPDEP_ERROR, "release", patch, object->name, NULL,
			    "it is built for release %.*s, and %s for %.*s: get the patch "
			    "that belongs to that",
			    (int)own, patch->vermagic,
			    is_vmlinux ? "the kernel's own modules" : object->name,
			    (int)length, file->vermagic);
	return 0;
}

static int check_releases(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	int err = 0;

	/* Another vermagic has been reported already. */
	if (!patch->vermagic || fit->is_other_vermagic)
		return 0;
	for (size_t i = 0; i < patch->n_objects && err == 0; i++)
		err = check_release(fit, patch, &patch->objects[i]);
	return err;
}

/* ---- klp_target_srcversion, klp_target_buildid -------------------------------------- */

/* The tags name vmlinux by its build-id at most.  That is not compared, since there may be
 * no file of the kernel. */
static void say_vmlinux_target(struct klp_fit *fit, const struct klpdep_patch *patch,
			       const char *object, bool is_build_id)
{
	if (is_build_id)
		klp_fit_say(fit, KLPDEP_NOTE, "not-checked", patch, object, NULL,
			    "its build-id is not checked: that of vmlinux is not known");
	else
		klp_fit_say(fit, KLPDEP_WARNING, "target-build", patch, object, NULL,
			    "klp_target_srcversion names vmlinux, which has no "
			    "srcversion: leave it out");
}

/* The build that the patch names of a target, by one of the two tags. */
static int check_target(struct klp_fit *fit, const struct klpdep_patch *patch,
			const struct klpdep_object *object, bool is_build_id)
{
	const char *wanted = is_build_id ? object->target_build_id : object->target_srcversion;
	const char *found;
	const struct klp_object_file *file;
	int err;

	if (!wanted)
		return 0;
	if (klp_streq(object->name, "vmlinux")) {
		say_vmlinux_target(fit, patch, object->name, is_build_id);
		return 0;
	}
	err = klp_object_files_get(fit->files, object->name, &file);
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	found = is_build_id ? file->build_id : file->srcversion;
	if (file->err < 0)
		klp_fit_say_unreadable(fit, patch, object->name, object->name, file,
				       is_build_id ? "its build-id is" :
						     "its srcversion is");
	else if (!found || !klp_streq(found, wanted))
		klp_fit_say(fit, KLPDEP_ERROR, "target-build", patch, object->name, NULL,
			    "it is for the %s of %s %s, and depmod has selected "
			    "%s, which has %s: build it against that one, or make depmod "
			    "select the other one",
			    object->name, is_build_id ? "build-id" : "srcversion", wanted,
			    klp_moddep_find(fit->moddep, object->name)->path,
			    found ? found : "none");
	return 0;
}

int klp_fit_build(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	int err = check_releases(fit, patch);

	for (size_t i = 0; i < patch->n_objects && err == 0; i++) {
		err = check_target(fit, patch, &patch->objects[i], false);
		if (err == 0)
			err = check_target(fit, patch, &patch->objects[i], true);
	}
	return err;
}

/* ---- CRCs -------------------------------------------------------------------------- */

/* The differences from one provider: a rebuilt kernel differs in many symbols. */
struct differences {
	const char *provider;
	bool is_user; /* not the provider, but another module that imports it */
	const struct klp_crc *import;
	uint32_t crc;
	size_t n;
};

static int add_difference(struct differences **differences, size_t *n, const char *provider,
			  bool is_user, const struct klp_crc *import, uint32_t crc)
{
	struct differences *slot = NULL;

	for (size_t i = 0; i < *n && !slot; i++) {
		if (klp_streq((*differences)[i].provider, provider) &&
		    (*differences)[i].is_user == is_user)
			slot = &(*differences)[i];
	}
	if (!slot) {
		slot = klp_append(*differences, *n);
		if (!slot)
			return -ENOMEM;
		*slot = (struct differences){ provider, is_user, import, crc, 0 };
	}
	slot->n++;
	return 0;
}

static void say_difference(struct klp_fit *fit, const struct klpdep_patch *patch,
			   const struct differences *d)
{
	_cleanup_free_ char *more = NULL;

	if (d->n > 1)
		more = klp_format(" (and so have %zu more symbols)", d->n - 1);
	if (d->is_user)
		klp_fit_say(fit, KLPDEP_ERROR, "crc", patch, NULL, d->import->symbol,
			    "it is built against a kernel where "
			    "this has the CRC 0x%08x, and the tree's %s against one "
			    "where it has 0x%08x%s: build it against that kernel",
			    d->import->crc, d->provider, d->crc, more ? more : "");
	else
		klp_fit_say(fit, KLPDEP_ERROR, "crc", patch, d->provider, d->import->symbol,
			    "it is built against a %s where this "
			    "has the CRC 0x%08x, and in this one it has 0x%08x%s: "
			    "build it against this one",
			    d->provider, d->import->crc, d->crc, more ? more : "");
}

struct imports {
	const struct klpdep_patch *patch;
	struct differences *differences;
	size_t n_differences;
	size_t unknown;	 /* imports without anything to compare with */
	size_t compared; /* compared with what other modules were built against */
};

/* Compare with the CRC of a module's export: 0; 1: no such export. */
static int compare_with(struct klp_fit *fit, struct imports *imports,
			const struct klp_crc *import, const char *provider)
{
	const struct klp_object_file *image;
	const struct klp_crc *export;
	int err = klp_object_files_get(fit->files, provider, &image);

	if (err < 0)
		return err == -ENOENT ? 1 : err;
	export = klp_crc_find(&image->exports, import->symbol);
	if (!export)
		return 1;
	if (export->crc == import->crc)
		return 0;
	return add_difference(&imports->differences, &imports->n_differences, provider, false,
			      import, export->crc);
}

/* The patch depends on the modules that export a symbol. */
static int compare_with_modules(struct klp_fit *fit, struct imports *imports,
				const struct klp_crc *import)
{
	const struct klp_module *module = klp_moddep_find(fit->moddep, imports->patch->name);
	int err = 1;

	for (size_t i = 0; module && i < module->n_deps && err == 1; i++)
		err = compare_with(fit, imports, import,
				   fit->moddep->modules[module->deps[i]].name);
	return err;
}

/* Compare with what another module was built against: 0; 1: no such import. */
static int compare_with_user(struct imports *imports, const struct klp_crc *import,
			     const struct klp_object_file *user)
{
	const struct klp_crc *other = klp_crc_find(&user->imports, import->symbol);

	if (!other)
		return 1;
	imports->compared++;
	return other->crc == import->crc ?
		       0 :
		       add_difference(&imports->differences, &imports->n_differences,
				      user->name, true, import, other->crc);
}

/* Without a Module.symvers, compare with what the tree's modules were built against.  The
 * targets come first, since they have been read already.  That is enough to recognize
 * another build of the kernel: each module imports module_layout. */
static int compare_with_users(struct klp_fit *fit, struct imports *imports,
			      const struct klp_crc *import)
{
	const struct klpdep_patch *patch = imports->patch;
	const struct klp_object_file *user;
	int err = 1;

	for (size_t i = 0; i < patch->n_objects && err == 1; i++) {
		err = klp_object_files_get(fit->files, patch->objects[i].name, &user);
		err = err == -ENOENT ? 1 :
		      err < 0	     ? err :
				       compare_with_user(imports, import, user);
	}
	if (err == 1) {
		err = klp_object_files_get_model(fit->files, &user);
		if (err == 0)
			err = user ? compare_with_user(imports, import, user) : 1;
	}
	return err;
}

static int compare(struct klp_fit *fit, struct imports *imports, const struct klp_crc *import,
		   const struct klp_object_file *vmlinux)
{
	int err = compare_with(fit, imports, import, "vmlinux");

	if (err == 1)
		err = compare_with_modules(fit, imports, import);
	if (err == 1 && !vmlinux->has_exports) {
		err = compare_with_users(fit, imports, import);
		imports->unknown += err == 1;
	}
	return err < 0 ? err : 0;
}

/* Like the kernel's check_version(): if the kernel was built with CRCs, importers need
 * them. */
static int check_presence(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	const struct klp_object_file *model;
	int err = klp_object_files_get_model(fit->files, &model);

	if (err == 0 && model && strstr(model->vermagic, " modversions"))
		klp_fit_say(fit, KLPDEP_ERROR, "crc", patch, NULL, NULL,
			    "it has no CRCs of its imports (__versions), and %s accepts "
			    "no module without them: build it with CONFIG_MODVERSIONS, "
			    "like that kernel",
			    fit->kernel);
	return err;
}

static int check_imports(struct klp_fit *fit, struct imports *imports,
			 const struct klp_object_file *image)
{
	const struct klp_object_file *vmlinux;
	int err = klp_object_files_get(fit->files, "vmlinux", &vmlinux);

	for (size_t i = 0; i < image->imports.n && err == 0; i++)
		err = compare(fit, imports, &image->imports.v[i], vmlinux);
	for (size_t i = 0; i < imports->n_differences && err == 0; i++)
		say_difference(fit, imports->patch, &imports->differences[i]);
	if (err == 0 && imports->unknown && !imports->compared)
		klp_fit_say(fit, KLPDEP_NOTE, "not-checked", imports->patch, "vmlinux", NULL,
			    "the CRCs of imported symbols are not "
			    "checked, for lack of a Module.symvers of %s",
			    fit->kernel);
	return err;
}

int klp_fit_imports(struct klp_fit *fit, const struct klpdep_patch *patch)
{
	struct imports imports = { .patch = patch };
	const struct klp_object_file *image;
	int err = klp_object_files_get_patch(fit->files, patch, &image);

	/* An unreadable image is reported with its vermagic. */
	if (err == 0 && image->err == 0)
		err = image->has_versions ? check_imports(fit, &imports, image) :
					    check_presence(fit, patch);
	free(imports.differences);
	return err;
}
