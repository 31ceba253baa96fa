/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * udev loads modules in its workers, of which there are ten on a small machine, and each
 * helper keeps one of them busy until it is its patch's turn.  With many patched modules
 * at boot, the devices of all others would have to wait as well.
 *
 * So only some of the workers may wait.  Helpers beyond these leave their modules to a
 * unit of systemd's.  Not all do so: "udevadm settle" does not wait for units, and there
 * are services that take what is there when it ends for all that there will be.
 */
#include "config.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "libklpdep/host/kmod.h"
#include "libklpdep/host/moddep.h"
#include "tools/hand-over.h"

/* The workers that may wait: half of the least number of them that udev has by itself. */
#define PLACES 5

#define PROC_MAX 4096

/* The process above that one, or 0. */
static pid_t parent_of(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[64], *end;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (klp_read_file(path, PROC_MAX, &text, NULL) < 0)
		return 0;
	/* The name is in brackets, and may have some itself. */
	end = strrchr(text, ')');
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* Whether it is a worker that loads the module itself, with the rule's shell between it
 * and us.  Programs that udev rules run are another matter: what they do next may need
 * it. */
static bool is_below_udev(void)
{
	_cleanup_free_ char *name = NULL;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)parent_of(getppid()));
	if (klp_read_file(path, PROC_MAX, &name, NULL) < 0)
		return false;
	name[strcspn(name, "\n")] = '\0';
	return klp_streq(name, "(udev-worker)") || klp_streq(name, "systemd-udevd");
}

/* Each patch that is loaded is one to wait for. */
static bool has_patches_to_load(const struct klp_job *job)
{
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	struct klpdep_step step;

	if (klpdep_plan_new(job->ctx, job->view, job->name,
			    KLPDEP_PLAN_LIVE, &plan) < 0)
		return false;
	for (size_t i = 0; klpdep_plan_get_step(plan, i, &step) == 0; i++) {
		if (step.patch && step.action != KLPDEP_ACTION_DEFER)
			return true;
	}
	return false;
}

/* A place is a byte of the file at which helpers queue.  The lock on it belongs to the
 * descriptor, which is left open: it goes with this process. */
static bool take_place(void)
{
	int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		      0600);

	for (off_t i = 0; i < PLACES; i++) {
		struct flock place = {
			.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = i, .l_len = 1
		};

		if (fcntl(fd, F_OFD_SETLK, &place) == 0 || errno != EAGAIN)
			return true;
	}
	close(fd);
	return false;
}

/* libkmod may be loading the module for another's sake, which it would insert next. */
static bool is_needed(const struct klp_job *job)
{
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	const struct klp_module *module;

	if (klp_moddep_read(job->ctx, job->view->index->kernel, &moddep) < 0)
		return true;
	module = klp_moddep_find(&moddep, job->name);
	for (size_t i = 0; i < moddep.n_modules; i++) {
		const struct klp_module *user = &moddep.modules[i];

		if (klp_index_find(job->view->index, user->name))
			continue; /* no device asks for a patch */
		for (size_t j = 0; j < user->n_deps; j++) {
			if (&moddep.modules[user->deps[j]] == module)
				return true;
		}
	}
	return klp_kmod_is_softdep(job->kmod, job->name);
}

static bool start_unit(const char *name)
{
	char unit[KLP_MODULE_NAME_LEN + 32];
	const char *const argv[] = { "systemctl", "--no-block", "start", unit, NULL };
	posix_spawn_file_actions_t actions;
	int err, status;
	pid_t pid;

	/* In a module's name there is nothing that would have to be escaped here. */
	snprintf(unit, sizeof(unit), "klpdep-load@%s.service", name);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	/* There need be neither systemd nor the unit: in an initrd, say. */
	err = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					       O_WRONLY, 0);
	if (err == 0)
		err = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv,
				   environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool hand_over(const struct klp_job *job)
{
	if (job->late || klp_index_find(job->view->index, job->name) || !is_below_udev() ||
	    !has_patches_to_load(job) || take_place() || is_needed(job) ||
	    !start_unit(job->name))
		return false;
	klp_say(job->ctx, KLP_SAY_HANDED_OVER, false, job->name,
		"udev does not wait for its patches: klpdep-load@%s.service loads it",
		job->name);
	return true;
}
