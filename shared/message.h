/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said of loading and unloading: one line for an event,
 *
 *	IDENTIFIER: SUBJECT: TEXT
 *
 * The subject is the module that the event is about; the text may change from version to
 * version, the identifier does not.  It is in the text since neither syslog nor the
 * kernel's log has fields of its own, and in front since long lines lose their end there.
 */
#ifndef KLP_MESSAGE_H
#define KLP_MESSAGE_H

#include <syslog.h>

/*
 * X(NAME, IDENTIFIER, PRIORITY, what it means, what to do).  The man page klpdep(8) has
 * these texts; man/check-man compares.  An identifier is never given another meaning.
 */
#define KLP_MESSAGES(X)                                                                  \
	X(LOADED, "loaded", LOG_NOTICE,                                                  \
	  "The module is loaded, and these patches were inserted for it.",               \
	  "Nothing.")                                                                    \
	X(PATCH_LOADED, "patch-loaded", LOG_NOTICE,                                      \
	  "A patch was loaded, for what is named, or a module that a patch depends on.", \
	  "Nothing.")                                                                    \
	X(PATCH_LOST, "patch-lost", LOG_WARNING,                                         \
	  "A patch that klpdep sync has just loaded is not at work any more.",           \
	  "See whether another patch replaces all others (klpdep verify), or who has "   \
	  "disabled it; then klpdep sync.")                                              \
	X(OTHER_BUILD, "other-build", LOG_WARNING,                                       \
	  "A patch is loaded and at work that is not the one of the module tree, but "   \
	  "another build of it. klpdep sync leaves it alone, since its targets would be "\
	  "unpatched until the other one is in.",                                        \
	  "klpdep sync --reload, at a time that is good for it; or restart the machine. "\
	  "Where it came out of the initrd, make that again.")                           \
	X(INSERT_FAILED, "insert-failed", LOG_ERR,                                       \
	  "The kernel refused the module itself.",                                       \
	  "It is not a matter of its patches: see the kernel's log.")                    \
	X(PATCH_FAILED, "patch-failed", LOG_WARNING,                                     \
	  "A patch was not loaded, for the reason that is given; the module is loaded "  \
	  "without it.",                                                                 \
	  "Nothing where it is left to klpdep sync. Else run klpdep verify for the "      \
	  "patch; where a transition does not finish, look at the tasks that are named. "\
	  "Then klpdep sync.")                                 \
	X(PATCH_DEFERRED, "patch-deferred", LOG_NOTICE,                                  \
	  "A patch was left out: it depends on a module that is not loaded, or requires "\
	  "a patch that is not active.",                                                 \
	  "Nothing, if the module is not used; klpdep sync once it is.")                 \
	X(PATCH_BLOCKED, "patch-blocked", LOG_WARNING,                                   \
	  "A patch was left out for something that is loaded: a foreign patch that "     \
	  "changes the same, a klp_state, another patch that replaces all others.",      \
	  "klpdep status tells what. Where it is a foreign patch, klpdep sync "          \
	  "--take-over goes on top of it; else mask or remove one of the two.")          \
	X(UNPROVEN, "unproven", LOG_NOTICE,                                              \
	  "A patch was left out under guard of klpdep.d(5): it has not been in this "    \
	  "kernel before, or a boot with it has not come to its end.",                   \
	  "Nothing: klpdep sync inserts it, or klpdep-guard.service when the machine "   \
	  "is up.")                                                                      \
	X(QUARANTINED, "quarantined", LOG_WARNING,                                       \
	  "A patch was left out: it has taken the machine down, as it seems.",           \
	  "See what the kernel said then. klpdep reset-failed lets the patch in again.") \
	X(UNGUARDED, "unguarded", LOG_WARNING,                                           \
	  "What guard of klpdep.d(5) has to remember about a patch cannot be written, "  \
	  "for the reason that is given.",                                               \
	  "See that /var/lib/klpdep/guard can be written, and lasts.")                   \
	X(PROVEN, "proven", LOG_NOTICE,                                                  \
	  "A patch that was unproven under guard of klpdep.d(5) is proven on this "      \
	  "kernel.",                                                                     \
	  "Nothing. klpdep status says where an image for booting is due for it.")       \
	X(PATCH_INCOMPATIBLE, "patch-incompatible", LOG_WARNING,                         \
	  "A patch was left out for what klpdep depmod has found: it would crash the "   \
	  "kernel, make it refuse the module, or do harm; or its file cannot be read. "  \
	  "Under policy require the module is not loaded.",                              \
	  "Get the patch that belongs to the module, and run klpdep depmod. ignore in "  \
	  "klpdep.d(5) overrides a finding.")                                            \
	X(FROZEN, "frozen", LOG_NOTICE,                                                  \
	  "Nothing is inserted or retired: klpdep.d(5) says freeze. Under policy "       \
	  "require the module is not loaded.",                                           \
	  "Take the line away if it is not meant any more.")                             \
	X(PATCH_MISFIT, "patch-misfit", LOG_WARNING,                                     \
	  "The kernel cannot apply a patch to the module: it was made for another "      \
	  "build, or its pre_patch callback says no. The patch is taken out, unless it " \
	  "serves something else that is loaded: then the module is not loaded.",        \
	  "Get the patch that belongs to this kernel; klpdep verify says what is wrong.")\
	X(PATCH_RELOADED, "patch-reloaded", LOG_NOTICE,                                  \
	  "The module was loaded before, and the kernel (before Linux 6.3) cannot apply "\
	  "a patch with klp relocations to it again. The patch is taken out and put in " \
	  "again.",                                                                      \
	  "Nothing. What else it patches is unpatched for a moment.")                    \
	X(RELOAD_NEEDED, "reload-needed", LOG_ERR,                                       \
	  "The same, where the patch is not taken out: another patch requires it, or "   \
	  "policy require holds and it patches something else that is loaded. The "      \
	  "module is not loaded.",                                                       \
	  "Remove what is named, then load the module again.")                           \
	X(STALLED, "stalled", LOG_WARNING,                                               \
	  "The transition of a patch does not finish, and would keep every other patch " \
	  "out. The patch is taken out.",                                                \
	  "Look at the tasks that are named; load the module again when they are gone.") \
	X(UNSETTLED, "unsettled", LOG_WARNING,                                           \
	  "The transition of a patch is still running. The module is loaded, and tasks " \
	  "may run its unpatched code until the transition ends.",                       \
	  "Wait; klpdep status tells when it is over, and the tasks that hold it up. "   \
	  "settle-timeout of klpdep.d(5) is how long is waited before this is said.")    \
	X(UNAPPLIED, "unapplied", LOG_WARNING,                                           \
	  "A patch is loaded, but not applied to the module, or somebody has taken it "  \
	  "out again before the module was there.",                                      \
	  "Unload both, and load the module again.")                                     \
	X(DEPENDENCY_FAILED, "dependency-failed", LOG_ERR,                               \
	  "A module that this one depends on was not loaded, and so it is not either.",  \
	  "Load the other module by name to see why.")                                   \
	X(SOFTDEP_FAILED, "softdep-failed", LOG_NOTICE,                                  \
	  "A softdep of the module was not loaded. The module is.",                      \
	  "Nothing, as a rule: modprobe does not even say it.")                          \
	X(LEFT_UNPATCHED, "left-unpatched", LOG_ERR,                                     \
	  "The module is loaded without a patch that policy require asks for, and "      \
	  "cannot be removed again.",                                                    \
	  "Remove the module, or restart the machine, when the patch can be loaded.")    \
	X(NO_PLAN, "no-plan", LOG_ERR,                                                   \
	  "It could not be found out what belongs to the module. But for policy require "\
	  "it is loaded without patches.",                                               \
	  "Run klpdep plan for the module.")                                             \
	X(NO_INDEX, "no-index", LOG_ERR,                                                 \
	  "There is no index, or it cannot be read, and policy require keeps the module "\
	  "out.",                                                                        \
	  "Run klpdep depmod.")                                                          \
	X(NO_TREE, "no-tree", LOG_ERR,                                                   \
	  "The modules of the running kernel cannot be read.",                           \
	  "See that /lib/modules is there, and run depmod.")                             \
	X(BAD_NAME, "bad-name", LOG_ERR,                                                 \
	  "That is not the name of a module.",                                           \
	  "Where a rule of modprobe.d(5) was written by hand, correct it.")              \
	X(BAD_FILE, "bad-file", LOG_ERR,                                                 \
	  "Something is wrong with the index, or with a line of the configuration, for " \
	  "which it is a warning. The file is named.",                                   \
	  "Correct the line; for the index, run klpdep depmod.")                         \
	X(SWITCHED_OFF, "switched-off", LOG_NOTICE,                                      \
	  "A patch is not loaded: the kernel command line has klpdep=off, or this kernel "\
	  "was started to write a crash dump.",                                          \
	  "Start the machine without klpdep=off.")                                               \
	X(MASKED, "masked", LOG_NOTICE,                                                  \
	  "A patch is not loaded: the line of klpdep.d(5) that is named masks it, or the "\
	  "kernel command line does.",                                                   \
	  "Take the line away if it is not meant any more.")                             \
	X(NOT_INDEXED, "not-indexed", LOG_ERR,                                           \
	  "A patch was to be loaded by the library that is not in the index, or with "   \
	  "the index of another kernel than the running one.",                           \
	  "Run klpdep depmod.")                                                          \
	X(REPLACED, "replaced", LOG_NOTICE,                                              \
	  "A patch has taken the place of an older one, which was unloaded.",            \
	  "Nothing.")                                                                    \
	X(EVICTED, "evicted", LOG_WARNING,                                               \
	  "A patch that replaces all others has taken a foreign patch out, as klpdep "   \
	  "sync --take-over was to have it.",                                            \
	  "Whoever has loaded the foreign patch has to know.")                           \
	X(OLDER_STAYS, "older-stays", LOG_NOTICE,                                        \
	  "The older patch stays loaded beside the newer one, for the reason that is "   \
	  "given.",                                                                      \
	  "Run klpdep sync when the reason is gone.")                                    \
	X(MASKED_STAYS, "masked-stays", LOG_WARNING,                                     \
	  "A masked patch stays loaded, for the reason that is given: what is to come "  \
	  "back is not in effect, or its unpatch callbacks would clear what only it "    \
	  "has set.",                                                                    \
	  "klpdep sync --reload takes it out first, at a time that is good for it: its " \
	  "targets are unpatched until the other one is in.")                            \
	X(OLDER_FAILED, "older-failed", LOG_WARNING,                                     \
	  "The older patch could not be unloaded, for the reason that is given. The "    \
	  "newer one is at work.",                                                       \
	  "Run klpdep sync when the reason is gone; where its disabling was forced, "    \
	  "only a restart of the machine helps.")                                        \
	X(IN_USE, "in-use", LOG_ERR,                                                     \
	  "The module is not removed, and its patches stay: it is in use.",              \
	  "lsmod shows by which modules; mounts and open devices count, too.")           \
	X(REMOVE_FAILED, "remove-failed", LOG_ERR,                                       \
	  "The kernel did not remove the module. Patches that had to go first are put "  \
	  "in again.",                                                                   \
	  "As for in-use.")                                                              \
	X(UNLOADED, "unloaded", LOG_NOTICE,                                              \
	  "A patch was taken out by klpdep unload, or by klpdep sync: it is masked, or " \
	  "superseded and of no use.",                                                   \
	  "Nothing. What loads its target, or klpdep sync, brings it back, unless it is "\
	  "masked in klpdep.d.")                                                         \
	X(UNLOAD_FAILED, "unload-failed", LOG_WARNING,                                   \
	  "A patch could not be unloaded, for the reason that is given.",                \
	  "Where a transition does not finish, look at the tasks that are named, then "  \
	  "run klpdep unload. Where its disabling was forced, only a restart of the "    \
	  "machine helps.")                                                              \
	X(RULES_RENEWED, "rules-renewed", LOG_NOTICE,                                    \
	  "The install, remove, softdep or blacklist lines in modprobe.d(5) are others " \
	  "than those that the rules were made from: they are made anew.",               \
	  "Nothing. Until then a block that was new did not hold for a module that has " \
	  "a patch: klpdep-depmod(8).")                                                  \
	X(QUEUE_STUCK, "queue-stuck", LOG_WARNING,                                       \
	  "The process that is named holds the lock at which helpers queue, and has not "\
	  "got on for retry-timeout. This helper goes on without the lock.",             \
	  "See what has stopped that process.")

#define KLP_MESSAGE_NAME(name, id, priority, meaning, advice) KLP_SAY_##name,
enum klp_message { KLP_MESSAGES(KLP_MESSAGE_NAME) };

/* What a line that was logged lacks of an identifier: what is wrong with files has
 * none. */
const char *klp_message_prefix(const char *line);

const char *klp_message_id(enum klp_message message);
int klp_message_priority(enum klp_message message);

#endif /* KLP_MESSAGE_H */
