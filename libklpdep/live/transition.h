/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The running transition: how long it has been running, and which tasks hold it up. */
#ifndef KLP_TRANSITION_H
#define KLP_TRANSITION_H

#include <sys/types.h>

#include "libklpdep/base/whole-file.h"

/* How many tasks are named; the others are only counted. */
#define KLP_TRANSITION_TASKS 5
/* The longest name of a kernel thread, with its NUL: fs/proc/array.c, proc_task_name(). */
#define KLP_COMM_LEN 64

struct klp_task {
	pid_t tid;
	char comm[KLP_COMM_LEN]; /* printable ASCII, '?' for all other characters */
};

struct klp_transition_info {
	char patch[KLP_MODULE_NAME_LEN]; /* "": none is running, and the rest is nothing
					  */
	bool patching;			 /* its direction */
	long seconds;			 /* how long; -1: not known */
	long n_tasks;			 /* how many have not switched; -1: not known */
	struct klp_task tasks[KLP_TRANSITION_TASKS]; /* the first of them, by number */
};

/* Examine the running transition.  Only root can see which tasks a transition waits for.
 * Its start is in the kernel log. */
void klp_transition_look(struct klp_transition_info *transition);

#define KLP_TRANSITION_TEXT_SIZE (KLP_TRANSITION_TASKS * (KLP_COMM_LEN + 16) + 64)

/* The tasks as text, in @text: "kvm-vcpu[1234], foo[77] and 3 more"; "" if there are none,
 * or they are not known. */
const char *klp_transition_tasks(const struct klp_transition_info *transition,
				 char text[KLP_TRANSITION_TEXT_SIZE]);
/* The same for a sentence: "held up by foo[77]", "held up by no task that can be seen"; ""
 * if not known. */
const char *klp_transition_held_up(const struct klp_transition_info *transition,
				   char text[KLP_TRANSITION_TEXT_SIZE]);

#endif /* KLP_TRANSITION_H */
