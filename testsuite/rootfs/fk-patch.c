// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Livepatches: enabling, disabling, transitions, and what patches do to a module
 * that loads.  The messages are those of kernel/livepatch/ in Linux 6.1.
 */
#include "fk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* fk_callback=OBJECT WHICH: of the object that is loading or going, or of all (NULL)
 * that are loaded. */
static void callbacks(const struct fk_module *patch, const char *only, const char *which)
{
	const char *p = patch->info.callbacks;
	char object[FK_NAME_LEN], name[32];

	for (; *p; p += strcspn(p, "\n") + 1)
		if (sscanf(p, "%55s %31s", object, name) == 2 && !strcmp(name, which) &&
		    (only ? !strcmp(object, only) : fk_object_loaded(object)))
			fk_journal("callback %s %s %s", patch->info.name, object, which);
}

static void update_deadline(void)
{
	uint64_t deadline = fk->transition < 0 ? FK_NEVER : fk->transition_end;

	for (size_t i = 0; i < FK_MODULES; i++) {
		const struct fk_module *mod = &fk->modules[i];

		if (mod->state != FK_UNUSED && mod->put_at && mod->put_at < deadline)
			deadline = mod->put_at;
	}
	fk->deadline = deadline == FK_NEVER ? 0 : deadline;
}

static void set_end(const struct fk_module *patch)
{
	if (patch->info.stall > (patch->enabled ? 0 : 1))
		fk->transition_end = FK_NEVER;
	else
		fk->transition_end = fk_after_ms(patch->enabled ?
							 patch->info.transition_ms :
							 patch->info.unpatch_ms);
	update_deadline();
}

static void start_transition(struct fk_module *patch)
{
	/* also of one that is reversed, which the kernel does not call so at this
	 * level */
	fk->transition = (int)(patch - fk->modules);
	fk_log(5, "livepatch: '%s': starting %s transition", patch->info.name,
	       patch->enabled ? "patching" : "unpatching");
	set_end(patch);
}

/* The directory goes, and only a moment later the patch's reference to itself. */
static void unregister(struct fk_module *patch)
{
	patch->registered = false;
	patch->enabled = false;
	fk_sysfs_del_patch(patch);
	fk_sysfs_update_order();
	/* from when the transition ended, not from when somebody looked */
	if (!patch->forced)
		patch->put_at = fk->transition_end +
				(uint64_t)patch->info.put_ms * 1000000;
}

/* Its callbacks do not run: klp_unpatch_replaced_patches(). */
static void replace_others(struct fk_module *patch)
{
	for (size_t i = 0; i < FK_MODULES; i++) {
		struct fk_module *other = &fk->modules[i];

		if (other != patch && other->state != FK_UNUSED && other->registered) {
			fk_journal("replaced %s", other->info.name);
			unregister(other);
		}
	}
}

static void complete_transition(struct fk_module *patch)
{
	fk->transition = -1;
	fk_sysfs_del_nops(patch);
	patch->nops[0] = '\0';
	callbacks(patch, NULL, patch->enabled ? "post_patch" : "post_unpatch");
	fk_log(5, "livepatch: '%s': %s complete", patch->info.name,
	       patch->enabled ? "patching" : "unpatching");
	if (patch->enabled) {
		fk_journal("settled %s", patch->info.name);
		fk_sysfs_patch_attr(patch, "transition", false);
		if (patch->info.replace)
			replace_others(patch);
	} else {
		fk_journal("unpatched %s", patch->info.name);
		unregister(patch);
	}
	fk_effect_update();
}

void fk_advance_locked(void)
{
	struct fk_module *patch = fk_in_transition();
	uint64_t now = fk_now();

	if (patch && fk->transition_end <= now)
		complete_transition(patch);
	for (size_t i = 0; i < FK_MODULES; i++) {
		struct fk_module *mod = &fk->modules[i];

		if (mod->state == FK_UNUSED || !mod->put_at || mod->put_at > now)
			continue;
		mod->put_at = 0;
		mod->pins--;
		fk_sysfs_update_modules();
	}
	update_deadline();
}

/* Do what is due by now.  Called, without the lock, before whatever could show it. */
void fk_advance(void)
{
	uint64_t deadline = fk->deadline;

	if (!deadline || fk_now() < deadline)
		return;
	fk_lock();
	fk_advance_locked();
	fk_unlock();
}

/* fk_refuse=TARGET:ERRNO: the errno (positive), or 0 where the patch fits. */
static int refuses(const struct fk_module *patch, const char *target)
{
	const char *p = patch->info.refuse;
	size_t len = strlen(target);
	char name[32];

	for (; *p; p += strcspn(p, ","), p += *p == ',') {
		if (strncmp(p, target, len) || p[len] != ':')
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(p + len + 1, ","),
			 p + len + 1);
		return fk_errno(name);
	}
	return 0;
}

static void log_refusal(const struct fk_module *patch, const char *target, int err)
{
	if (err == EINVAL || err == ENOEXEC) {
		if (err == EINVAL)
			fk_log(3, "livepatch: symbol 'fk_missing' not found in symbol "
				  "table");
		fk_log(4,
		       "livepatch: failed to initialize patch '%s' for module '%s' (-%d)",
		       patch->info.name, target, err);
	} else {
		fk_log(5, "livepatch: applying patch '%s' to loading module '%s'",
		       patch->info.name, target);
		fk_log(4, "livepatch: pre-patch callback failed for object '%s'", target);
	}
	fk_log(4,
	       "livepatch: patch '%s' failed for module '%s', refusing to load module "
	       "'%s'",
	       patch->info.name, target, target);
}

/* The version of a state in "ID:VERSION,...", or -1. */
static long state_version(const char *states, unsigned long id)
{
	unsigned long i, version;

	for (; sscanf(states, "%lu:%lu", &i, &version) == 2; states += *states == ',') {
		if (i == id)
			return (long)version;
		states += strcspn(states, ",");
	}
	return -1;
}

/* klp_is_patch_compatible(): no state goes down, and who replaces all others has all
 * states that are there. */
static bool compatible(const struct fk_module *patch)
{
	for (struct fk_module *old = fk_next_patch(0); old;
	     old = fk_next_patch(old->order)) {
		const char *p = old->info.states;
		unsigned long id;
		long version;

		for (; sscanf(p, "%lu:%ld", &id, &version) == 2; p += *p == ',') {
			long mine = state_version(patch->info.states, id);

			if (mine < 0 ? patch->info.replace : mine < version)
				return false;
			p += strcspn(p, ",");
		}
	}
	return true;
}

/* The first of the lines that stands there twice, or NULL. */
static const char *find_duplicate(const char *lines)
{
	for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n") + 1;

		for (const char *p = line + len; *p; p = strchr(p, '\n') + 1)
			if (!strncmp(p, line, len))
				return line;
	}
	return NULL;
}

/* klp_init_patch(): each function has its directory. */
static int add_directories(const struct fk_module *patch)
{
	const char *line = find_duplicate(patch->info.funcs);
	int len = line ? (int)strcspn(line, "\n") : 0;
	int object = line ? (int)strcspn(line, " ") : 0;

	if (!line)
		return 0;
	fk_log(4,
	       "sysfs: cannot create duplicate filename '/kernel/livepatch/%s/%.*s/%.*s'",
	       patch->info.name, object, line, len - object - 1, line + object + 1);
	return -EEXIST;
}

/* klp_enable_patch(), called by a livepatch's own init. */
int fk_patch_enable(struct fk_module *patch)
{
	int twice = add_directories(patch);

	if (twice < 0)
		return twice;
	if (!compatible(patch)) {
		fk_log(3,
		       "livepatch: Livepatch patch (%s) is not compatible with the "
		       "already installed livepatches.",
		       patch->info.name);
		return -EINVAL;
	}
	for (size_t i = 0; i < FK_MODULES; i++) {
		const struct fk_module *mod = &fk->modules[i];
		int err;

		if (mod->state == FK_UNUSED ||
		    !fk_in_list(patch->info.objects, mod->info.name))
			continue;
		err = refuses(patch, mod->info.name);
		if (err) {
			fk_log(3, "livepatch: symbol 'fk_missing' not found in symbol "
				  "table");
			return -err;
		}
		patch->applied |= !strcmp(patch->info.once, mod->info.name);
	}
	if (fk_in_transition())
		return -EBUSY;
	if (fk->busy_count < patch->info.busy) {
		fk->busy_count++;
		return -EBUSY;
	}
	fk_log(5, "livepatch: enabling patch '%s'", patch->info.name);
	callbacks(patch, NULL, "pre_patch");
	if (patch->info.replace)
		fk_add_nops(patch);
	patch->order = ++fk->order;
	patch->enabled = true;
	patch->registered = true;
	patch->pins++;
	fk_sysfs_add_patch(patch);
	start_transition(patch);
	fk_effect_update();
	return 0;
}

/* A write to /sys/kernel/livepatch/PATCH/enabled. */
int fk_patch_enabled_store(struct fk_module *patch, bool value)
{
	if (patch->enabled == value)
		return -EINVAL;
	if (patch == fk_in_transition()) {
		patch->enabled = value;
		start_transition(patch);
	} else if (value) {
		return -EINVAL; /* a disabled patch cannot be enabled again */
	} else if (fk_in_transition()) {
		return -EBUSY;
	} else {
		callbacks(patch, NULL, "pre_unpatch");
		patch->enabled = false;
		start_transition(patch);
		fk_sysfs_patch_attr(patch, "transition", true);
	}
	fk_sysfs_patch_attr(patch, "enabled", patch->enabled);
	fk_effect_update();
	return 0;
}

/* A write to /sys/kernel/livepatch/PATCH/force. */
int fk_patch_force_store(struct fk_module *patch, bool value)
{
	if (!value)
		return 0;
	if (patch != fk_in_transition())
		return -EINVAL;
	/* in both directions */
	fk_log(4, "livepatch: forcing remaining tasks to the patched state");
	patch->forced = !patch->enabled;
	/* klp_force_transition(): what is replaced so is never unloaded either */
	for (size_t i = 0; patch->enabled && patch->info.replace && i < FK_MODULES; i++)
		if (&fk->modules[i] != patch && fk->modules[i].registered)
			fk->modules[i].forced = true;
	fk->transition_end = fk_now();
	update_deadline();
	return 0;
}

/* klp_cleanup_module_patches_limited(): of all patches, or those before @limit. */
static void revert(const char *target, const struct fk_module *limit)
{
	for (struct fk_module *p = fk_next_patch(0); p && p != limit;
	     p = fk_next_patch(p->order)) {
		if (!fk_patch_has(p, target))
			continue;
		if (p != fk_in_transition())
			callbacks(p, target, "pre_unpatch");
		fk_log(5, "livepatch: reverting patch '%s' on unloading module '%s'",
		       p->info.name, target);
		callbacks(p, target, "post_unpatch");
	}
}

/* klp_module_coming(): a patch that does not fit keeps its target from loading. */
int fk_patch_module_coming(struct fk_module *target)
{
	const char *name = target->info.name;

	for (struct fk_module *p = fk_next_patch(0); p; p = fk_next_patch(p->order)) {
		int err;

		if (!fk_patch_has(p, name))
			continue;
		err = refuses(p, name);
		/* Before 6.3 the kernel does not take klp relocations back when the
		 * target goes, and does not write them twice. */
		if (!err && !strcmp(p->info.once, name) && p->applied)
			err = ENOEXEC;
		if (err) {
			log_refusal(p, name, err);
			revert(name, p);
			return -err;
		}
		p->applied |= !strcmp(p->info.once, name);
		fk_log(5, "livepatch: applying patch '%s' to loading module '%s'",
		       p->info.name, name);
		callbacks(p, name, "pre_patch");
		if (p != fk_in_transition())
			callbacks(p, name, "post_patch");
	}
	for (struct fk_module *p = fk_next_patch(0); p; p = fk_next_patch(p->order))
		fk_sysfs_update_patched(p);
	fk_effect_update();
	return 0;
}

/* Called when the target is in the table no more. */
void fk_patch_module_going(struct fk_module *target)
{
	revert(target->info.name, NULL);
	for (struct fk_module *p = fk_next_patch(0); p; p = fk_next_patch(p->order))
		fk_sysfs_update_patched(p);
	fk_effect_update();
}
