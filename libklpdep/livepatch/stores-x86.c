/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stores.c for x86_64, where any byte may be the first of an instruction. */
#include "config.h"

#include "libklpdep/livepatch/stores.h"

/* How many bytes are written by the instruction of an opcode whose operand is memory: 0,
 * none; @reg: the field of ModRM that goes on with the opcode in some. */
static unsigned int x86_width(unsigned int opcode, unsigned int reg)
{
	switch (opcode) {
	case 0x88: /* mov */
	case 0x86: /* xchg */
	case 0x08: /* or */
	case 0x20: /* and */
	case 0x30: /* xor */
		return 1;
	case 0x80: /* add ... xor, not cmp */
		return reg != 7;
	case 0xc6: /* mov */
		return reg == 0;
	case 0xfe: /* inc, dec */
		return reg < 2;
	case 0xf6: /* not, neg */
		return reg == 2 || reg == 3;
	case 0x89:
		return 8;
	case 0xc7:
		return reg == 0 ? 8 : 0;
	case 0x0f11: /* movups */
	case 0x0f29: /* movaps */
	case 0x0f7f: /* movdqa */
	case 0x0fd6: /* movq */
	case 0x0f17: /* movhps */
		return 16;
	}
	return opcode >= 0x0f90 && opcode <= 0x0f9f ? 1 : 0; /* setcc */
}

static int64_t x86_displacement(const unsigned char *p)
{
	return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			 (uint32_t)p[3] << 24);
}

static void scan_x86_store(const struct klp_code_scan *scan, const unsigned char *p,
			   size_t at, size_t size, unsigned int rex)
{
	unsigned int opcode = p[at++], modrm, mod, rm, width, sib;
	int64_t offset = 0;

	if (opcode == 0x0f && at < size)
		opcode = 0x0f00 | p[at++];
	if (at >= size)
		return;
	modrm = p[at++];
	mod = modrm >> 6;
	rm = modrm & 7;
	width = x86_width(opcode, modrm >> 3 & 7);
	if (width == 0 || mod == 3 || (mod == 0 && rm == 5))
		return;
	if (rm == 4) {
		if (at >= size)
			return;
		sib = p[at++];
		/* No index; then a base of 4 is the stack pointer, or r12. */
		if ((sib >> 3 & 7) != 4 || rex & 2)
			return scan->store(scan->data, 0, KLP_STORE_ANYWHERE);
		if ((sib & 7) == 4 && !(rex & 1))
			return;
	}
	if (mod == 1 && at < size)
		offset = (signed char)p[at];
	else if (mod == 2 && at + 4 <= size)
		offset = x86_displacement(p + at);
	scan->store(scan->data, offset, width);
}

void klp_scan_x86(const struct klp_code_scan *scan, uint64_t start,
		  const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned int rex = i && (p[i - 1] & 0xf0) == 0x40 ? p[i - 1] & 0xf : 0;
		int64_t distance;
		unsigned int string = i && (p[i - 1] & 0xf0) == 0x40 ? 2 : 1;

		/* rep movs, rep stos */
		if (i >= string && p[i - string] == 0xf3 &&
		    (p[i] == 0xa4 || p[i] == 0xa5 || p[i] == 0xaa || p[i] == 0xab))
			scan->store(scan->data, 0, KLP_STORE_ANYWHERE);
		/* call, jmp: where a relocation says what to, the distance is 0 */
		distance = (p[i] == 0xe8 || p[i] == 0xe9) && size - i >= 5 ?
				   x86_displacement(p + i + 1) : 0;
		if (distance)
			scan->branch(scan->data, start + i + 5 + (uint64_t)distance);
		scan_x86_store(scan, p, i, size, rex);
	}
}
