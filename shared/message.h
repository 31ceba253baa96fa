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
 * X(NAME, IDENTIFIER, PRIORITY).  klpdep(8) has the meaning of each, and what to do, in
 * the same order; man/check-man compares.  An identifier never gets another meaning.
 */
#define KLP_MESSAGES(X)                                                                  \
	X(LOADED, "loaded", LOG_NOTICE)                                                  \
	X(PATCH_LOADED, "patch-loaded", LOG_NOTICE)                                      \
	X(PATCH_LOST, "patch-lost", LOG_WARNING)                                         \
	X(OTHER_BUILD, "other-build", LOG_WARNING)                                       \
	X(INSERT_FAILED, "insert-failed", LOG_ERR)                                       \
	X(PATCH_FAILED, "patch-failed", LOG_WARNING)                                     \
	X(PATCH_DEFERRED, "patch-deferred", LOG_NOTICE)                                  \
	X(PATCH_BLOCKED, "patch-blocked", LOG_WARNING)                                   \
	X(UNPROVEN, "unproven", LOG_NOTICE)                                              \
	X(QUARANTINED, "quarantined", LOG_WARNING)                                       \
	X(UNGUARDED, "unguarded", LOG_WARNING)                                           \
	X(PROVEN, "proven", LOG_NOTICE)                                                  \
	X(PATCH_INCOMPATIBLE, "patch-incompatible", LOG_WARNING)                         \
	X(FROZEN, "frozen", LOG_NOTICE)                                                  \
	X(PATCH_MISFIT, "patch-misfit", LOG_WARNING)                                     \
	X(PATCH_RELOADED, "patch-reloaded", LOG_NOTICE)                                  \
	X(RELOAD_NEEDED, "reload-needed", LOG_ERR)                                       \
	X(STALLED, "stalled", LOG_WARNING)                                               \
	X(UNSETTLED, "unsettled", LOG_WARNING)                                           \
	X(UNAPPLIED, "unapplied", LOG_WARNING)                                           \
	X(DEPENDENCY_FAILED, "dependency-failed", LOG_ERR)                               \
	X(SOFTDEP_FAILED, "softdep-failed", LOG_NOTICE)                                  \
	X(LEFT_UNPATCHED, "left-unpatched", LOG_ERR)                                     \
	X(NO_PLAN, "no-plan", LOG_ERR)                                                   \
	X(NO_INDEX, "no-index", LOG_ERR)                                                 \
	X(NO_TREE, "no-tree", LOG_ERR)                                                   \
	X(BAD_NAME, "bad-name", LOG_ERR)                                                 \
	X(BAD_FILE, "bad-file", LOG_ERR)                                                 \
	X(SWITCHED_OFF, "switched-off", LOG_NOTICE)                                      \
	X(MASKED, "masked", LOG_NOTICE)                                                  \
	X(NOT_INDEXED, "not-indexed", LOG_ERR)                                           \
	X(REPLACED, "replaced", LOG_NOTICE)                                              \
	X(EVICTED, "evicted", LOG_WARNING)                                               \
	X(OLDER_STAYS, "older-stays", LOG_NOTICE)                                        \
	X(MASKED_STAYS, "masked-stays", LOG_WARNING)                                     \
	X(OLDER_FAILED, "older-failed", LOG_WARNING)                                     \
	X(IN_USE, "in-use", LOG_ERR)                                                     \
	X(REMOVE_FAILED, "remove-failed", LOG_ERR)                                       \
	X(UNLOADED, "unloaded", LOG_NOTICE)                                              \
	X(UNLOAD_FAILED, "unload-failed", LOG_WARNING)                                   \
	X(RULES_RENEWED, "rules-renewed", LOG_NOTICE)                                    \
	X(QUEUE_STUCK, "queue-stuck", LOG_WARNING)

#define KLP_MESSAGE_NAME(name, id, priority) KLP_SAY_##name,
enum klp_message { KLP_MESSAGES(KLP_MESSAGE_NAME) };

/* The identifier to put before a line that has none, as errors in files do; else "". */
const char *klp_message_prefix(const char *line);

const char *klp_message_id(enum klp_message message);
int klp_message_priority(enum klp_message message);

#endif /* KLP_MESSAGE_H */
