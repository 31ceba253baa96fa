/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who loads a module, and so waits for its helper. */
#ifndef KLP_CALLER_H
#define KLP_CALLER_H

#include <sys/types.h>

#include "libklpdep/base/whole-file.h"

enum klp_caller_kind {
	KLP_CALLER_OTHER,   /* a person or a script; or unknown */
	KLP_CALLER_KERNEL,  /* request_module(), which runs modprobe */
	KLP_CALLER_UDEV,    /* a worker of udev, or a process of one of its rules */
	KLP_CALLER_SERVICE, /* systemd-modules-load, or another service of systemd */
};

struct klp_caller {
	enum klp_caller_kind kind;
	pid_t pid; /* the process for which waiting counts; 0: not known */
	unsigned long long start; /* its start, in the kernel's clock ticks */
};

/* Who has run the rule whose shell runs this process. */
void klp_caller_find(struct klp_caller *caller);

/* The caller as text, for a rule inside a rule: the outermost caller counts. */
#define KLP_CALLER_TEXT_SIZE 64
const char *klp_caller_text(const struct klp_caller *caller,
			    char text[KLP_CALLER_TEXT_SIZE]);
/* The inverse.  False if the text is invalid, or that process is gone. */
bool klp_caller_parse(const char *text, struct klp_caller *caller);

/* The process above that one, or 0. */
pid_t klp_caller_parent(pid_t pid);

/* Whether the process with that start time still exists. */
bool klp_caller_is_alive(pid_t pid, unsigned long long start);
/* Its age in milliseconds. */
long long klp_caller_age(const struct klp_caller *caller);

#endif /* KLP_CALLER_H */
