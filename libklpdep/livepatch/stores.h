/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stretch of machine code may write to, and where in its section it may go on. */
#ifndef KLP_STORES_H
#define KLP_STORES_H

#include "libklpdep/image/elf.h"

/* The width of a store whose place is not in the instruction: an index register, say. */
#define KLP_STORE_ANYWHERE UINT64_MAX

/* @store is called for each instruction that may write @width bytes at @offset from what
 * a register holds (but for the stack pointer), @branch for each direct call or jump to
 * an offset of the same section.  Of any machine but x86_64.  0, or what reading the section
 * said. */
struct klp_code_scan {
	void (*store)(void *data, int64_t offset, uint64_t width);
	void (*branch)(void *data, uint64_t target);
	void *data;
};

int klp_scan_code(const struct klp_elf *elf, uint32_t section, uint64_t from, uint64_t to,
		  const struct klp_code_scan *scan);

#endif /* KLP_STORES_H */
