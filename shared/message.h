/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages about loading and unloading: one line for each event,
 *
 *	IDENTIFIER: SUBJECT: TEXT
 *
 * The subject is the module.  The text may change from version to version, the identifier
 * does not.  The identifier is a part of the text, since neither syslog nor the kernel's
 * log has fields of its own.  It comes first, since long lines lose their ends there.
 */
#ifndef KLP_MESSAGE_H
#define KLP_MESSAGE_H

#include <syslog.h>

/*
 * X(NAME, IDENTIFIER, PRIORITY, meaning, what to do).  The man page klpdep(8) has these
 * texts; man/check-man compares.  An identifier never gets another meaning.
 */
#define KLP_MESSAGES(X)                                                                  \
	X(LOADED, "loaded", LOG_NOTICE,                                                  \
	  "The module is loaded, and these patches were inserted for it.",               \
	  "Nothing.")                                                                    \
	X(PATCH_LOADED, "patch-loaded", LOG_NOTICE,                                      \
	  "A patch, or a module that a patch depends on, was loaded for what is "        \
	  "named.",                                                                      \
	  "Nothing.")                                                                    \
	X(PATCH_LOST, "patch-lost", LOG_WARNING,                                         \
	  "A patch that klpdep sync has just loaded is no longer in effect.",            \
	  "Find out whether another patch replaces all others (klpdep verify), or who "  \
	  "has disabled it; then run klpdep sync.")                                      \
	X(OTHER_BUILD, "other-build", LOG_WARNING,                                       \
	  "Another build of the patch is loaded and in effect, and not the one of the "  \
	  "module tree. klpdep sync leaves it alone, since its targets would run "       \
	  "unpatched during the change.",                                                \
	  "Run klpdep sync --reload when a gap does no harm, or restart the machine. "   \
	  "If the patch came from the initrd, make that anew.")                          \
	X(INSERT_FAILED, "insert-failed", LOG_ERR,                                       \
	  "The kernel refused the module itself.",                                       \
	  "Its patches are not the reason: see the kernel's log.")                       \
	X(PATCH_FAILED, "patch-failed", LOG_WARNING,                                     \
	  "A patch was not loaded, for the given reason; the module is loaded without "  \
	  "it.",                                                                         \
	  "Nothing if it is left to klpdep sync. Otherwise run klpdep verify for the "   \
	  "patch; if a transition does not end, look at the named tasks. Then run "      \
	  "klpdep sync.")                                                                \
	X(PATCH_DEFERRED, "patch-deferred", LOG_NOTICE,                                  \
	  "A patch was left out: it depends on a module that is not loaded, or requires " \
	  "a patch that is not active.",                                                 \
	  "Nothing while the module is not used; otherwise run klpdep sync.")            \
	X(PATCH_BLOCKED, "patch-blocked", LOG_WARNING,                                   \
	  "A patch was left out because of something that is loaded: a foreign patch "   \
	  "that changes the same function, a klp_state, or another patch that "          \
	  "replaces all others.",                                                        \
	  "klpdep status says what it is. If it is a foreign patch, klpdep sync "        \
	  "--take-over puts the patch on top of it; otherwise mask or remove one of "    \
	  "the two.")                                                                    \
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
	  "A patch was left out because of a finding of klpdep depmod: it would crash "  \
	  "the kernel, make it refuse the module, or do harm; or its file cannot be "    \
	  "read. Under policy require the module is not loaded.",                        \
	  "Install the patch for this build of the module, and run klpdep depmod. "      \
	  "ignore in klpdep.d(5) overrides a finding.")                                  \
	X(FROZEN, "frozen", LOG_NOTICE,                                                  \
	  "Nothing is inserted or retired: klpdep.d(5) says freeze. Under policy "       \
	  "require the module is not loaded.",                                           \
	  "Remove the line if it is no longer wanted.")                                  \
	X(PATCH_MISFIT, "patch-misfit", LOG_WARNING,                                     \
	  "The kernel cannot apply a patch to the module: the patch was made for "       \
	  "another build, or its pre_patch callback refuses. The patch is taken out. "   \
	  "If it patches something else that is loaded, it stays, and the module is "    \
	  "not loaded.",                                                                 \
	  "Install the patch for this kernel; klpdep verify says what is wrong.")        \
	X(PATCH_RELOADED, "patch-reloaded", LOG_NOTICE,                                  \
	  "The module was loaded before, and the kernel (before Linux 6.3) cannot "      \
	  "apply a patch with klp relocations to it again. The patch is unloaded and "   \
	  "loaded again.",                                                               \
	  "Nothing. Its other targets are unpatched for a moment.")                      \
	X(RELOAD_NEEDED, "reload-needed", LOG_ERR,                                       \
	  "As for patch-reloaded, but the patch cannot be unloaded: another patch "      \
	  "requires it, or it patches something else that is loaded and policy "         \
	  "require holds. The module is not loaded.",                                    \
	  "Remove what is named; then load the module again.")                           \
	X(STALLED, "stalled", LOG_WARNING,                                               \
	  "The transition of a patch does not end, and would keep every other patch "    \
	  "out. The patch is taken out.",                                                \
	  "Look at the named tasks; load the module again when they are gone.")          \
	X(UNSETTLED, "unsettled", LOG_WARNING,                                           \
	  "The transition of a patch is still running. The module is loaded, and tasks " \
	  "may run its unpatched code until the transition ends.",                       \
	  "Wait; klpdep status says when it is over, and which tasks hold it up. "       \
	  "settle-timeout of klpdep.d(5) limits the wait before this message.")          \
	X(UNAPPLIED, "unapplied", LOG_WARNING,                                           \
	  "A patch is loaded, but not applied to the module, or somebody has taken it "  \
	  "out before the module was loaded.",                                           \
	  "Unload both, and load the module again.")                                     \
	X(DEPENDENCY_FAILED, "dependency-failed", LOG_ERR,                               \
	  "A module that this one depends on was not loaded, so this one is not "        \
	  "loaded.",                                                                     \
	  "Load the other module by name to see why.")                                   \
	X(SOFTDEP_FAILED, "softdep-failed", LOG_NOTICE,                                  \
	  "A softdep of the module was not loaded. The module is.",                      \
	  "Usually nothing: modprobe does not even report it.")                          \
	X(LEFT_UNPATCHED, "left-unpatched", LOG_ERR,                                     \
	  "The module is loaded without a patch that policy require asks for, and "      \
	  "cannot be removed again.",                                                    \
	  "Remove the module, or restart the machine, when the patch can be loaded.")    \
	X(NO_PLAN, "no-plan", LOG_ERR,                                                   \
	  "No plan could be made for the module. It is loaded without patches, unless "  \
	  "its policy is require.",                                                      \
	  "Run klpdep plan for the module.")                                             \
	X(NO_INDEX, "no-index", LOG_ERR,                                                 \
	  "There is no index, or it cannot be read, and policy require keeps the module " \
	  "out.",                                                                        \
	  "Run klpdep depmod.")                                                          \
	X(NO_TREE, "no-tree", LOG_ERR,                                                   \
	  "The modules of the running kernel cannot be read.",                           \
	  "Make sure that /lib/modules is there, and run depmod.")                       \
	X(BAD_NAME, "bad-name", LOG_ERR,                                                 \
	  "That is not the name of a module.",                                           \
	  "If somebody has written a rule of modprobe.d(5), correct it.")                \
	X(BAD_FILE, "bad-file", LOG_ERR,                                                 \
	  "There is an error in the index, or in a line of the configuration, which "    \
	  "gives a warning. The message names the file.",                                \
	  "Correct the line; for the index, run klpdep depmod.")                         \
	X(SWITCHED_OFF, "switched-off", LOG_NOTICE,                                      \
	  "A patch is not loaded: the kernel command line has klpdep=off, or this kernel " \
	  "was started to write a crash dump.",                                          \
	  "Start the machine without klpdep=off.")                                       \
	X(MASKED, "masked", LOG_NOTICE,                                                  \
	  "A patch is not loaded: the named line of klpdep.d(5), or the kernel "         \
	  "command line, masks it.",                                                     \
	  "Remove the line if it is no longer wanted.")                                  \
	X(NOT_INDEXED, "not-indexed", LOG_ERR,                                           \
	  "A program asked the library to load a patch that is not in the index, or "    \
	  "with the index of another kernel than the running one.",                      \
	  "Run klpdep depmod.")                                                          \
	X(REPLACED, "replaced", LOG_NOTICE,                                              \
	  "A patch has taken the place of an older one, which was unloaded.",            \
	  "Nothing.")                                                                    \
	X(EVICTED, "evicted", LOG_WARNING,                                               \
	  "A patch that replaces all others has evicted a foreign patch, as klpdep "     \
	  "sync --take-over allows.",                                                    \
	  "Tell those who have loaded the foreign patch.")                               \
	X(OLDER_STAYS, "older-stays", LOG_NOTICE,                                        \
	  "The older patch stays loaded beside the newer one, for the given reason.",    \
	  "Run klpdep sync when the reason is gone.")                                    \
	X(MASKED_STAYS, "masked-stays", LOG_WARNING,                                     \
	  "A masked patch stays loaded, for the given reason: the older release is "     \
	  "not in effect yet, or the patch's unpatch callbacks would clear what only "   \
	  "it has set.",                                                                 \
	  "Run klpdep sync --reload when a gap does no harm: it takes the patch out "    \
	  "first, and its targets run unpatched until the older release is in effect.")  \
	X(OLDER_FAILED, "older-failed", LOG_WARNING,                                     \
	  "The older patch could not be unloaded, for the given reason. The newer one "  \
	  "is in effect.",                                                               \
	  "Run klpdep sync when the reason is gone. If its disabling was forced, only "  \
	  "a restart of the machine helps.")                                             \
	X(IN_USE, "in-use", LOG_ERR,                                                     \
	  "The module is not removed, and its patches stay: it is in use.",              \
	  "lsmod shows by which modules; mounts and open devices count, too.")           \
	X(REMOVE_FAILED, "remove-failed", LOG_ERR,                                       \
	  "The kernel did not remove the module. Patches that had to go first are "      \
	  "loaded again.",                                                               \
	  "As for in-use.")                                                              \
	X(UNLOADED, "unloaded", LOG_NOTICE,                                              \
	  "A patch was taken out by klpdep unload, or by klpdep sync since it is "       \
	  "masked, or superseded and of no use.",                                        \
	  "Nothing. Loading its target, or klpdep sync, brings it back, unless it is "   \
	  "masked in klpdep.d(5).")                                                      \
	X(UNLOAD_FAILED, "unload-failed", LOG_WARNING,                                   \
	  "A patch could not be unloaded, for the given reason.",                        \
	  "If a transition does not end, look at the named tasks, then run klpdep "      \
	  "unload. If its disabling was forced, only a restart of the machine helps.")   \
	X(RULES_RENEWED, "rules-renewed", LOG_NOTICE,                                    \
	  "The install, remove, softdep or blacklist lines in modprobe.d(5) have "       \
	  "changed since the rules were made. The rules are made anew.",                 \
	  "Nothing. Until now a new install line did not keep out a module that has a "  \
	  "patch: klpdep-depmod(8).")                                                    \
	X(QUEUE_STUCK, "queue-stuck", LOG_WARNING,                                       \
	  "The named process holds the lock at which helpers queue, and has made no "    \
	  "progress for retry-timeout. This helper goes on without the lock.",           \
	  "Find out what has stopped that process.")

#define KLP_MESSAGE_NAME(name, id, priority, meaning, advice) KLP_SAY_##name,
enum klp_message { KLP_MESSAGES(KLP_MESSAGE_NAME) };

/* The identifier to put before a line that has none, as errors in files do; else "". */
const char *klp_message_prefix(const char *line);

const char *klp_message_id(enum klp_message message);
int klp_message_priority(enum klp_message message);

#endif /* KLP_MESSAGE_H */
