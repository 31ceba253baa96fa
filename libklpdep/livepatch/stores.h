/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a stretch of machine code may write, and where in its section it may continue. */
#ifndef KLP_STORES_H
#define KLP_STORES_H

#include "libklpdep/image/elf.h"

/* The width of a store whose address the instruction does not tell, as with an index
 * register. */
#define KLP_STORE_ANYWHERE UINT64_MAX

/* Call @store for each instruction that may write @width bytes at @offset from a register
 * other than the stack pointer, and @branch for each direct call or jump to an offset of
 * the same section.  For all machines but x86_64.  0, or an errno of reading the section. */
struct klp_code_scan {
	void (*store)(void *data, int64_t offset, uint64_t width);
	void (*branch)(void *data, uint64_t target);
	void *data;
};

int klp_scan_code(const struct klp_elf *elf, uint32_t section, uint64_t from, uint64_t to,
		  const struct klp_code_scan *scan);

#endif /* KLP_STORES_H */
