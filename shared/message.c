/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Log messages about the running kernel, each with its stable identifier. */
#include "config.h"

#include "shared/message.h"
#include "shared/util.h"

static const struct {
	const char *id;
	const char *prefix;
	int priority;
} messages[] = {
#define KLP_MESSAGE_ROW(name, id, priority) { id, id ": ", priority },
	KLP_MESSAGES(KLP_MESSAGE_ROW)
};

const char *klp_message_id(enum klp_message message)
{
	return messages[message].id;
}

const char *klp_message_prefix(const char *line)
{
	size_t len = strcspn(line, ":");

	for (size_t i = 0; i < KLP_ARRAY_SIZE(messages); i++) {
		if (len == strlen(messages[i].id) && !strncmp(line, messages[i].id, len))
			return "";
	}
	return messages[KLP_SAY_BAD_FILE].prefix;
}

int klp_message_priority(enum klp_message message)
{
	return messages[message].priority;
}
