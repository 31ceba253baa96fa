/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading sysfs and procfs. */
#include "config.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

#include "libklpdep/image/elf.h"
#include "libklpdep/live/live.h"

#define LIVEPATCH_DIR SYSFS_DIR "/kernel/livepatch"

/* A sysfs attribute in @value, without its newline; or an errno.  Allocates nothing: if
 * memory lacked, the attribute would seem not to exist. */
static int read_attribute(char *value, size_t size, const char *format, ...)
	KLP_PRINTF(3, 4);

static int read_attribute(char *value, size_t size, const char *format, ...)
{
	char path[256];
	va_list args;
	size_t len = 0;
	ssize_t n;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, value + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	value[len] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return 0;
}

static int read_flag(const char *patch, const char *attribute)
{
	char value[16];

	return read_attribute(value, sizeof(value), LIVEPATCH_DIR "/%s/%s", patch,
			      attribute) < 0 ? -1 : value[0] == '1';
}

int klp_live_visible(void)
{
	return access(SYSFS_DIR "/module", X_OK) < 0 ? -errno : 0;
}

bool klp_live_supported(void)
{
	return access(LIVEPATCH_DIR, F_OK) == 0;
}

enum klp_module_state klp_live_module(const char *name)
{
	char value[16];

	/* Built-in code also has a directory, but no initstate. */
	if (read_attribute(value, sizeof(value), SYSFS_DIR "/module/%s/initstate", name) < 0)
		return KLP_MODULE_ABSENT;
	return klp_streq(value, "live") ? KLP_MODULE_LIVE :
	       klp_streq(value, "going") ? KLP_MODULE_GOING : KLP_MODULE_COMING;
}

bool klp_live_has_object(const char *name)
{
	return klp_streq(name, "vmlinux") || klp_live_module(name) != KLP_MODULE_ABSENT;
}

enum klp_patch_state klp_live_patch(const char *name)
{
	enum klp_module_state state = klp_live_module(name);
	int enabled, transition;

	if (state == KLP_MODULE_ABSENT)
		return KLP_PATCH_ABSENT;
	enabled = read_flag(name, "enabled");
	transition = read_flag(name, "transition");
	/* The directory is removed when a patch was disabled or replaced.  It does not
	 * exist before the patch's init has enabled it. */
	if (enabled < 0 || transition < 0)
		return state == KLP_MODULE_COMING ? KLP_PATCH_COMING : KLP_PATCH_DEAD;
	/* kernel/livepatch/core.c, __klp_enable_patch(): `transition` reads 1 before `enabled`
	 * does. */
	if (state == KLP_MODULE_COMING && !enabled)
		return KLP_PATCH_COMING;
	if (transition)
		return enabled ? KLP_PATCH_ENABLING : KLP_PATCH_DISABLING;
	return enabled ? KLP_PATCH_ENABLED : KLP_PATCH_DISABLING;
}

static bool read_build_id(const char *name, char id[KLP_BUILD_ID_SIZE])
{
	_cleanup_free_ char *note = NULL;
	char path[256];
	size_t size;

	snprintf(path, sizeof(path), SYSFS_DIR "/module/%s/notes/.note.gnu.build-id",
		 name);
	return klp_read_file(path, 4096, &note, &size) == 0 &&
	       klp_build_id_from_note((const unsigned char *)note, size,
				      BYTE_ORDER == BIG_ENDIAN, id);
}

bool klp_live_other_build(const struct klpdep_patch *patch)
{
	char value[64], id[KLP_BUILD_ID_SIZE];

	if (patch->build_id && read_build_id(patch->name, id))
		return !klp_streq(id, patch->build_id);
	return patch->srcversion &&
	       read_attribute(value, sizeof(value), SYSFS_DIR "/module/%s/srcversion",
			      patch->name) == 0 &&
	       !klp_streq(value, patch->srcversion);
}

enum klpdep_replace klp_live_replace(const char *patch)
{
	int replace = read_flag(patch, "replace");

	return replace < 0 ? KLPDEP_REPLACE_UNKNOWN :
	       replace	   ? KLPDEP_REPLACE_YES :
			     KLPDEP_REPLACE_NO;
}

long klp_live_stack_order(const char *patch)
{
	char value[32];

	return read_attribute(value, sizeof(value), LIVEPATCH_DIR "/%s/stack_order", patch) < 0 ?
		       -1 : strtol(value, NULL, 10);
}

long klp_live_refcount(const char *name)
{
	char value[32];

	return read_attribute(value, sizeof(value), SYSFS_DIR "/module/%s/refcnt", name) < 0 ?
		       -1 : strtol(value, NULL, 10);
}

/* The entries of a directory that are valid module names. */
static int list_directory(const char *path, bool directories, struct klp_strv *names)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		int err;

		if (!klp_name_valid(entry->d_name) ||
		    (directories && entry->d_type != DT_DIR))
			continue;
		err = klp_strv_add(names, entry->d_name);
		if (err < 0)
			return err;
	}
	klp_strv_sort(names);
	return 0;
}

int klp_live_modules(struct klp_strv *names)
{
	return list_directory(SYSFS_DIR "/module", true, names);
}

bool klp_live_is_patch(const char *name)
{
	char value[64];

	/* TAINT_LIVEPATCH: the kernel sets it from the module's .modinfo. */
	return read_attribute(value, sizeof(value), SYSFS_DIR "/module/%s/taint", name) == 0 &&
	       strchr(value, 'K');
}

int klp_live_holders(const char *name, struct klp_strv *holders)
{
	char path[256];

	snprintf(path, sizeof(path), SYSFS_DIR "/module/%s/holders", name);
	return list_directory(path, false, holders);
}

int klp_live_objects(const char *patch, struct klp_strv *objects)
{
	char path[256];

	snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s", patch);
	return list_directory(path, true, objects);
}

/* The functions of the object that was added last: directories FUNCTION,SYMPOS. */
static int add_funcs(struct klpdep_patch *patch, const char *object)
{
	_cleanup_closedir_ DIR *dir = NULL;
	struct dirent *entry;
	char path[256];
	int err = 0;

	snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/%s", patch->name, object);
	dir = opendir(path);
	while (dir && err == 0 && (entry = readdir(dir))) {
		char *comma = strrchr(entry->d_name, ','), *end;
		uint64_t sympos;

		if (!comma || comma == entry->d_name || entry->d_type != DT_DIR)
			continue;
		*comma = '\0';
		sympos = strtoull(comma + 1, &end, 10);
		if (*end == '\0' && end != comma + 1)
			err = klp_patch_add_func(patch, entry->d_name, sympos);
	}
	return err;
}

int klp_live_read(const char *name, struct klpdep_patch **out)
{
	_cleanup_strv_ struct klp_strv objects = { 0 };
	_cleanup_patch_ struct klpdep_patch *patch = NULL;
	char version[256];
	int err = klp_live_objects(name, &objects);

	if (err == 0 && objects.n == 0 && read_flag(name, "enabled") < 0)
		err = -ENOENT;
	if (err == 0 && !(patch = klp_patch_new()))
		err = -ENOMEM;
	if (err == 0)
		err = klp_set_string(&patch->name, name);
	if (err == 0)
		patch->format = "sysfs";
	for (size_t i = 0; i < objects.n && err == 0; i++) {
		struct klpdep_object *object;

		err = klp_patch_add_object(patch, objects.v[i], &object);
		if (err == 0)
			err = add_funcs(patch, objects.v[i]);
	}
	if (err == 0 && read_attribute(version, sizeof(version),
				       SYSFS_DIR "/module/%s/version", name) == 0)
		err = klp_set_string(&patch->version, version);
	if (err == 0)
		err = klp_patch_finish(patch);
	if (err == 0)
		*out = klp_take(patch);
	return err;
}

int klp_live_patched(const char *patch, const char *object)
{
	char attribute[128];

	snprintf(attribute, sizeof(attribute), "%s/patched", object);
	return read_flag(patch, attribute);
}

int klp_live_disable(const char *patch)
{
	char path[256];

	snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/enabled", patch);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, "0", 1) < 0 ? -errno : 0;
}

bool klp_live_in_transition(const char *patch)
{
	return read_flag(patch, "transition") == 1;
}

void klp_live_transition(char name[KLP_MODULE_NAME_LEN])
{
	_cleanup_strv_ struct klp_strv patches = { 0 };

	name[0] = '\0';
	list_directory(LIVEPATCH_DIR, true, &patches);
	for (size_t i = 0; i < patches.n; i++) {
		if (klp_live_in_transition(patches.v[i])) {
			klp_name_normalize(patches.v[i], name);
			return;
		}
	}
}

/* fs/locks.c, lock_get_status(): "1: FLOCK  ADVISORY  WRITE 1234 00:17:56 0 EOF", and
 * with "->" after the number for a process that waits. */
pid_t klp_live_lock_holder(int fd)
{
	_cleanup_free_ char *text = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0 ||
	    klp_read_file(PROC_DIR "/locks", 1 << 20, &text, NULL) < 0)
		return 0;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		unsigned int major_number, minor_number;
		uint64_t inode;
		int pid;

		if (sscanf(line, "%*u: FLOCK ADVISORY WRITE %d %x:%x:%" SCNu64, &pid,
			   &major_number, &minor_number, &inode) == 4 &&
		    inode == st.st_ino &&
		    makedev(major_number, minor_number) == st.st_dev && pid > 0)
			return pid;
	}
	return 0;
}

/* kernel/livepatch/core.c: klp_unpatch_object() clears them since "livepatch: Clear
 * relocation targets on a module removal". */
bool klp_live_keeps_relocs(void)
{
	unsigned int major_version, minor_version;
	struct utsname uts;

	return uname(&uts) == 0 &&
	       sscanf(uts.release, "%u.%u", &major_version, &minor_version) == 2 &&
	       (major_version < 6 || (major_version == 6 && minor_version < 3));
}

bool klp_live_in_initrd(void)
{
	return access("/etc/initrd-release", F_OK) == 0 ||
	       access("/conf/initramfs.conf", F_OK) == 0;
}

/* ---- the kernel command line ------------------------------------------------------- */

/* Its words.  Spaces within quotes do not divide, and quotes are removed: lib/cmdline.c,
 * next_arg(). */
static int read_command_line(struct klp_strv *words)
{
	_cleanup_free_ char *text = NULL;
	bool quoted = false;
	char *to;
	int err = klp_read_file(PROC_DIR "/cmdline", 1 << 16, &text, NULL);

	if (err < 0)
		return err == -ENOMEM ? err : 0;
	to = text;
	for (const char *from = text; *from; from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = !quoted && strchr(" \t\r\v\f", *from) ? '\n' : *from;
	}
	*to = '\0';
	return klp_strv_split(words, text, "\n");
}

int klp_live_parameter(const char *parameter, struct klp_strv *values)
{
	_cleanup_strv_ struct klp_strv words = { 0 };
	int err = read_command_line(&words);

	for (size_t i = 0; i < words.n && err == 0; i++) {
		const char *value = klp_after_prefix(words.v[i], parameter);

		if (value && *value == '=')
			err = klp_strv_split(values, value + 1, ",");
	}
	return err;
}

const char *klp_live_switched_off(void)
{
	_cleanup_strv_ struct klp_strv words = { 0 };

	/* The machine has crashed, and this kernel has to save the dump: fs/proc/vmcore.c
	 * makes the file in such a kernel only. */
	if (access(PROC_DIR "/vmcore", F_OK) == 0)
		return "this kernel writes a crash dump";
	if (read_command_line(&words) == 0 && klp_strv_has(&words, "klpdep=off"))
		return "klpdep=off";
	return NULL;
}
