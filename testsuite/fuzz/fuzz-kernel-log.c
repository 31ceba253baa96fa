/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's words: its log as /dev/kmsg gives it, each record behind a NUL, and what it has
 * left in pstore.  Modules and programs write into both.
 *
 * The sources are compiled in here, so that they read from memory.
 */
#include "config.h"

#include <sys/types.h>

#include "libklpdep/base/whole-file.h"

/* What is read: a record a time, as the kernel does, which cuts what the caller has no room
 * for; the descriptor is not looked at. */
static struct {
	const char *rest, *end;
} log_left;

static ssize_t next_of_log(int fd, char *record, size_t room)
{
	size_t n = (size_t)(log_left.end - log_left.rest), len;
	const char *end;

	(void)fd;
	if (n == 0)
		return 0;
	end = memchr(log_left.rest, '\0', n);
	len = end ? (size_t)(end - log_left.rest) : n;
	n = len < room ? len : room;
	memcpy(record, log_left.rest, n);
	log_left.rest += len + !!end;
	/* No record is empty: that would be the end. */
	if (n == 0)
		record[n++] = '\n';
	return (ssize_t)n;
}

#define KMSG_PATH "/dev/null"
#define read(fd, record, room) next_of_log(fd, record, room)
#include "libklpdep/live/kernel-log.c" // NOLINT(bugprone-suspicious-include)
#undef read
#undef RECORD_MAX
#include "libklpdep/live/pstore.c" // NOLINT(bugprone-suspicious-include)

#include "fuzz.h"

static void rewind_log(const uint8_t *data, size_t size)
{
	log_left.rest = (const char *)data;
	log_left.end = log_left.rest + size;
}

/* A reason goes to terminals, JSON and /run/klpdep: one line of printable text, and a class. */
static void check_reason(const struct klp_refusal *why)
{
	size_t len = strnlen(why->text, sizeof(why->text));

	FUZZ_CHECK(len < sizeof(why->text));
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK((unsigned char)why->text[i] >= ' ' && why->text[i] != 0x7f);
	FUZZ_CHECK(klpdep_refusal_name(why->class));
	FUZZ_CHECK(*why->text || !why->is_cause);
}

static void check_refusal(bool found, const char *patch, const struct klp_refusal *why)
{
	if (!found)
		return;
	FUZZ_CHECK(klp_name_valid(patch));
	check_reason(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int errors[] = { -ENOEXEC, -EKEYREJECTED, -EPERM, -EBUSY };
	static const char frame[] = " [klp_kvm";
	_cleanup_free_ char *text = strndup((const char *)data, size);
	char patch[KLP_MODULE_NAME_LEN];
	struct klp_refusal why;
	unsigned long long us = 0;

	FUZZ_CHECK(text);
	rewind_log(data, size);
	check_refusal(klp_kernel_log_find_refusal(0, "kvm", patch, &why), patch, &why);
	rewind_log(data, size);
	if (klp_kernel_log_find_last_refusal("kvm", patch, &why))
		check_refusal(true, patch, &why);
	for (size_t i = 0; i < KLP_ARRAY_SIZE(errors); i++) {
		rewind_log(data, size);
		klp_kernel_log_find_reason(0, "klp_kvm", errors[i], &why);
		check_reason(&why);
	}
	rewind_log(data, size);
	klp_kernel_log_was_forced("klp_kvm");
	rewind_log(data, size);
	klp_kernel_log_find_start("klp_kvm", &us);
	has_frame(text, frame, strlen(frame));
	return 0;
}
