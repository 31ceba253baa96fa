/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * If a module is requested in a loop while its patch fails, many helpers log the same
 * line.  Each of them lives only for a moment, so the counts are in a file.  It has a
 * fixed size: a table of the last lines, by their hash.  There is no lock.  If two
 * helpers write at the same moment, one may overwrite the other's count, and a line is
 * logged once too often.
 */
#include "config.h"

#include <fcntl.h>
#include <time.h>

#include "tools/log-limit.h"

#define SLOTS 256
/* The number of equal lines in a period, which begins with the first. */
#define BURST 5
#define PERIOD 600

struct slot {
	uint64_t hash;
	uint32_t start; /* of the period's beginning, in seconds since boot, like /run */
	uint32_t count; /* 0: the slot is free */
};

/* FNV-1a with 64 bits.  Two different lines with one hash would suppress each other; that
 * does not happen in practice. */
static uint64_t hash_of(const char *line)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *line; line++)
		hash = (hash ^ (unsigned char)*line) * 0x100000001b3;
	return hash;
}

static uint32_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint32_t)now.tv_sec;
}

static bool is_over(const struct slot *slot, uint32_t now)
{
	return !slot->count || now - slot->start >= PERIOD;
}

/* The loss if a slot is reused: many new lines must not push out a repeated one. */
static uint32_t worth(const struct slot *slot, uint32_t now)
{
	return is_over(slot, now) ? 0 : slot->count;
}

/* The line's own slot, or the one to reuse. */
static struct slot *find_slot(struct slot slots[SLOTS], uint64_t hash, uint32_t now)
{
	struct slot *least = &slots[0];

	for (size_t i = 0; i < SLOTS; i++) {
		if (slots[i].count && slots[i].hash == hash)
			return &slots[i];
		if (worth(&slots[i], now) < worth(least, now))
			least = &slots[i];
	}
	*least = (struct slot){ .hash = hash };
	return least;
}

static bool count_line(struct slot *slot, uint32_t now, unsigned int *left_out)
{
	if (is_over(slot, now)) {
		*left_out = slot->count > BURST ? slot->count - BURST : 0;
		slot->start = now;
		slot->count = 0;
	}
	if (slot->count < UINT32_MAX)
		slot->count++;
	return slot->count <= BURST;
}

bool log_limit_passes(const char *line, unsigned int *left_out)
{
	_cleanup_close_ int fd =
		open(LOG_LIMIT_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		     0600);
	struct slot slots[SLOTS] = { 0 }, *slot;
	uint32_t now = seconds_now();
	bool passes;

	*left_out = 0;
	if (fd < 0 || pread(fd, slots, sizeof(slots), 0) < 0)
		return true;
	slot = find_slot(slots, hash_of(line), now);
	passes = count_line(slot, now, left_out);
	/* Without a count, the line is logged. */
	return pwrite(fd, slot, sizeof(*slot),
		      (slot - slots) * (off_t)sizeof(*slot)) < 0 ||
	       passes;
}
