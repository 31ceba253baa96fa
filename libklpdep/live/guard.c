/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guard's verdict on a patch.  If a file cannot be read, the patch is unproven, or
 * has no marks. */
#include "config.h"

#include <sys/stat.h>
#include <sys/utsname.h>

#include "libklpdep/image/elf.h"
#include "libklpdep/live/guard-internal.h"
#include "libklpdep/live/live.h"
#include "libklpdep/live/notes.h"

/* One bad boot may be a power cut, two are not. */
#define MARKS_MAX 2
#define PROVEN_MAX ((size_t)1 << 20)

void klp_guard_clear(struct klp_guard *guard)
{
	klp_strv_clear(&guard->proven);
}

/* ---- who we are -------------------------------------------------------------------- */

/* The first word of a file, or "". */
static void read_word(const char *path, char word[KLP_GUARD_ID_SIZE])
{
	_cleanup_free_ char *text = NULL;

	if (klp_read_text(path, KLP_GUARD_ID_SIZE - 1, &text) < 0)
		text = NULL;
	snprintf(word, KLP_GUARD_ID_SIZE, "%.*s", text ? (int)strcspn(text, " \n") : 0,
		 text ? text : "");
}

static bool find_build_id(const unsigned char *notes, size_t size, char id[KLP_BUILD_ID_SIZE])
{
	uint32_t head[3];
	size_t at = 0, len;

	/* Elf32_Nhdr, also in 64-bit kernels; /sys/kernel/notes has several notes. */
	while (size - at >= sizeof(head)) {
		if (klp_build_id_from_note(notes + at, size - at, BYTE_ORDER == BIG_ENDIAN, id))
			return true;
		memcpy(head, notes + at, sizeof(head));
		len = sizeof(head) + ((size_t)head[0] + 3) / 4 * 4 + ((size_t)head[1] + 3) / 4 * 4;
		if (len > size - at)
			break;
		at += len;
	}
	return false;
}

/* For a kernel without a build-id, the time of the build identifies it. */
static void identify_kernel(char kernel[KLP_GUARD_ID_SIZE])
{
	_cleanup_free_ char *notes = NULL;
	char id[KLP_BUILD_ID_SIZE];
	struct utsname uts;
	size_t size;

	if (klp_read_file("/sys/kernel/notes", 1 << 16, &notes, &size) == 0 &&
	    find_build_id((const unsigned char *)notes, size, id)) {
		snprintf(kernel, KLP_GUARD_ID_SIZE, "%s", id);
		return;
	}
	snprintf(kernel, KLP_GUARD_ID_SIZE, "%s", uname(&uts) == 0 ? uts.version : "-");
	for (char *p = kernel; (p = strpbrk(p, " \n"));)
		*p = '_';
}

/* A srcversion can be any text, but has to fit as a word of a line. */
const char *klp_guard_build(const struct klpdep_patch *patch)
{
	const char *build = patch->build_id ? patch->build_id : patch->srcversion;

	size_t len = build ? strcspn(build, " \n") : 0;

	return len && len < KLP_GUARD_ID_SIZE && !build[len] ? build : NULL;
}

/* ---- what is proven ---------------------------------------------------------------- */

char *klp_guard_proven_line(const struct klpdep_patch *patch)
{
	const char *build = klp_guard_build(patch);

	return build ? klp_format("%s %s", patch->name, build) : NULL;
}

static int read_proven(struct klp_guard *guard, const char *file)
{
	_cleanup_free_ char *text = NULL;
	char head[sizeof(KLP_PROVEN_HEAD) + KLP_GUARD_ID_SIZE];
	const char *lines;

	if (!file)
		return -ENOMEM;
	snprintf(head, sizeof(head), KLP_PROVEN_HEAD "%s\n", guard->kernel);
	if (klp_read_text(file, PROVEN_MAX, &text) < 0 || !(lines = klp_after_prefix(text, head)))
		return 0;
	return klp_strv_split(&guard->proven, lines, "\n");
}

bool klp_guard_has_proof(const struct klp_guard *guard, const struct klpdep_patch *patch)
{
	_cleanup_free_ char *line = klp_guard_proven_line(patch);

	return line && klp_strv_has_sorted(&guard->proven, line);
}

/* ---- reading ----------------------------------------------------------------------- */

/* Only systemd tells how a boot went.  If guard was configured while the machine was
 * running, it begins with the next boot. */
static bool can_guard(void)
{
	return klp_live_in_initrd() ||
	       (access("/run/systemd/system", F_OK) == 0 &&
		(access(KLP_SYNCED, F_OK) < 0 || access(KLP_GUARDED, F_OK) == 0));
}

int klp_guard_read(struct klpdep_ctx *ctx, const struct klpdep_config *config,
		   const struct klpdep_index *index, struct klp_guard *guard)
{
	_cleanup_free_ char *tree = NULL, *state = NULL;
	int err;

	if (!klp_config_guard(config) || !klpdep_is_running(ctx, index->kernel) || !can_guard())
		return 0;
	guard->on = true;
	guard->index = index;
	identify_kernel(guard->kernel);
	read_word("/proc/sys/kernel/random/boot_id", guard->boot);
	read_word("/etc/machine-id", guard->machine);
	tree = klp_module_path(ctx, index->kernel, KLP_PROVEN_FILE);
	state = klp_guard_state_file(ctx, index->kernel);
	err = read_proven(guard, tree);
	if (err == 0)
		err = read_proven(guard, state);
	klp_strv_sort_unique(&guard->proven);
	return err;
}

/* ---- the decision ------------------------------------------------------------------ */

/* Whether an earlier boot of this machine has written something that is still there.  On
 * a tmpfs, or an overlay over one, nothing is; a copy of another machine has that
 * machine's files. */
static bool is_lasting(const struct klp_guard *guard)
{
	_cleanup_free_ char *text = NULL;
	char machine[KLP_GUARD_ID_SIZE], boot[KLP_GUARD_ID_SIZE];

	return access(KLP_GUARD_DIR, W_OK) == 0 &&
	       klp_read_text(KLP_GUARD_LASTING, KLP_MARKS_MAX, &text) == 0 &&
	       sscanf(text, "%159s %159s", machine, boot) == 2 &&
	       klp_streq(machine, guard->machine) && !klp_streq(boot, guard->boot);
}

enum klp_verdict klp_guard_judge(const struct klp_guard *guard,
				 const struct klpdep_patch *patch, const char **why)
{
	struct timespec marked;
	size_t n;

	if (!guard->on || klp_guard_has_proof(guard, patch))
		return KLP_VERDICT_PROVEN;
	*why = "unproven: klpdep sync inserts it";
	if (klp_live_in_initrd())
		return KLP_VERDICT_UNPROVEN;
	n = klp_guard_count_marks(guard, patch, &marked);
	if (n >= MARKS_MAX) {
		*why = "two boots with it did not come to their end";
		return KLP_VERDICT_QUARANTINED;
	}
	if (n && klp_pstore_names(patch->name, &marked)) {
		*why = "the kernel named it when it died";
		return KLP_VERDICT_QUARANTINED;
	}
	if ((!n && is_lasting(guard)) || klp_mark_exists(KLP_MARK_ADMITTED, patch->name))
		return KLP_VERDICT_UNPROVEN;
	*why = n ? "late: a boot with it did not come to its end" :
		   "late: no earlier boot has left anything in " KLP_GUARD_DIR;
	return KLP_VERDICT_LATE;
}
