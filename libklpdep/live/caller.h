/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has a module loaded, and so waits for its helper. */
#ifndef KLP_CALLER_H
#define KLP_CALLER_H

#include <sys/types.h>

#include "libklpdep/base/whole-file.h"

enum klp_caller_kind {
	KLP_CALLER_OTHER,   /* a person, a script; or it cannot be told */
	KLP_CALLER_KERNEL,  /* request_module(), which runs modprobe */
	KLP_CALLER_UDEV,    /* a worker of udev's, or what one of its rules runs */
	KLP_CALLER_SERVICE, /* systemd-modules-load, or another service of systemd's */
};

struct klp_caller {
	enum klp_caller_kind kind;
	pid_t pid; /* of the process that the waiting is counted for; 0: not known */
	unsigned long long start; /* when that was started, in the kernel's clock ticks */
};

/* Who has run the rule, the shell of which has run this process. */
void klp_caller_find(struct klp_caller *caller);

/* The caller as text, for a rule within a rule: the outermost caller counts. */
#define KLP_CALLER_TEXT_SIZE 64
const char *klp_caller_text(const struct klp_caller *caller,
			    char text[KLP_CALLER_TEXT_SIZE]);
/* And back.  False when the text is none, or that process has gone. */
bool klp_caller_parse(const char *text, struct klp_caller *caller);

/* The process above that one, or 0. */
pid_t klp_caller_parent(pid_t pid);

/* Whether the process that was started then is still there. */
bool klp_caller_is_alive(pid_t pid, unsigned long long start);
/* For how long it has been there, in milliseconds. */
long long klp_caller_age(const struct klp_caller *caller);

#endif /* KLP_CALLER_H */
