/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding instructions that write to memory, without a disassembler, on machines whose
 * instructions have a fixed length or tell it in their first bits.
 *
 * This does not follow registers: it reports an instruction that writes at some distance
 * from any register.  The kernel does not use vector registers.
 */
#include "config.h"

#include "libklpdep/livepatch/stores.h"

enum { ANYWHERE = 0xffff, LENGTH = 0xfffe, BRANCH = 0 };

struct pattern {
	uint64_t mask, value;
	/* How many bytes it writes, or one of the above; LENGTH: the instruction says so. */
	uint16_t width;
	bool is_unsigned;
	/* The bits of the displacement and their places; highest first. */
	struct {
		unsigned char low, bits, to;
	} parts[8];
};

#define NONE { { 0, 0, 0 } }
static const struct pattern aarch64[] = {
	{ 0xffc00000, 0x39000000, 1, true, { { 10, 12, 0 } } }, /* strb */
	{ 0xffc00000, 0x79000000, 2, true, { { 10, 12, 1 } } },
	{ 0xffc00000, 0xb9000000, 4, true, { { 10, 12, 2 } } },
	{ 0xffc00000, 0xf9000000, 8, true, { { 10, 12, 3 } } },
	{ 0xffe00c00, 0x38000000, 1, false, { { 12, 9, 0 } } }, /* sturb */
	{ 0x3fe00c00, 0x38000000, 8, false, { { 12, 9, 0 } } }, /* 8 at most */
	{ 0xffc00000, 0x29000000, 8, false, { { 15, 7, 2 } } }, /* stp */
	{ 0xffc00000, 0xa9000000, 16, false, { { 15, 7, 3 } } },
	{ 0x3fe00400, 0x38000400, ANYWHERE, false, NONE }, /* str post-, pre-indexed */
	{ 0x3fe00c00, 0x38200800, ANYWHERE, false, NONE }, /* str with an index */
	{ 0x7ec00000, 0x28800000, ANYWHERE, false, NONE }, /* stp post-, pre-indexed */
	{ 0x7c000000, 0x14000000, BRANCH, false, { { 0, 26, 2 } } }, /* b, bl */
	{ 0 }
};

static const struct pattern ppc64[] = {
	{ 0xf8000000, 0x98000000, 1, false, { { 0, 16, 0 } } }, /* stb, stbu */
	{ 0xf8000000, 0xb0000000, 2, false, { { 0, 16, 0 } } },
	{ 0xf8000000, 0x90000000, 4, false, { { 0, 16, 0 } } },
	{ 0xfc000003, 0xf8000000, 8, false, { { 0, 16, 0 } } }, /* std */
	{ 0xfc000003, 0xf8000001, ANYWHERE, false, NONE }, /* stdu: copying in a loop */
	{ 0xfc00077e, 0x7c00012e, ANYWHERE, false, NONE }, /* stwx, stbx */
	{ 0xfc0007fe, 0x7c00032e, ANYWHERE, false, NONE }, /* sthx */
	{ 0xfc0007fe, 0x7c00012a, ANYWHERE, false, NONE }, /* stdx */
	{ 0xfc000002, 0x48000000, BRANCH, false, { { 2, 24, 2 } } }, /* b, bl */
	{ 0 }
};

static const struct pattern riscv[] = {
	{ 0x707f, 0x0023, 1, false, { { 25, 7, 5 }, { 7, 5, 0 } } }, /* sb */
	{ 0x407f, 0x0023, 8, false, { { 25, 7, 5 }, { 7, 5, 0 } } }, /* sd at most */
	/* c.sw, c.sd: of 16 bits */
	{ 0xe003, 0xc000, 4, true, { { 5, 1, 6 }, { 10, 3, 3 }, { 6, 1, 2 } } },
	{ 0xe003, 0xe000, 8, true, { { 5, 2, 6 }, { 10, 3, 3 } } },
	{ 0x7f, 0x6f, BRANCH, false, /* jal */
	  { { 31, 1, 20 }, { 12, 8, 12 }, { 20, 1, 11 }, { 21, 10, 1 } } },
	{ 0xe003, 0xa001, BRANCH, false, /* c.j */
	  { { 12, 1, 11 }, { 8, 1, 10 }, { 9, 2, 8 }, { 6, 1, 7 }, { 7, 1, 6 }, { 2, 1, 5 },
	    { 11, 1, 4 }, { 3, 3, 1 } } },
	{ 0 }
};

static const struct pattern loongarch[] = {
	{ 0xffc00000, 0x29000000, 1, false, { { 10, 12, 0 } } }, /* st.b */
	{ 0xff000000, 0x29000000, 8, false, { { 10, 12, 0 } } }, /* st.d at most */
	{ 0xfd000000, 0x25000000, 8, false, { { 10, 14, 2 } } }, /* stptr.w, stptr.d */
	{ 0xfff38000, 0x38100000, ANYWHERE, false, NONE }, /* stx */
	{ 0xf8000000, 0x50000000, BRANCH, false, { { 0, 10, 18 }, { 10, 16, 2 } } },
	{ 0 }
};

/* Those of s390x are left-aligned in 48 bits; the forms with an index register come
 * second. */
#define SHORT { { 16, 12, 0 } }
#define LONG { { 8, 8, 12 }, { 16, 12, 0 } }
static const struct pattern s390[] = {
	{ 0xff0f00000000, 0x420000000000, 1, true, SHORT }, /* stc */
	{ 0xff0f00000000, 0x400000000000, 2, true, SHORT },
	{ 0xff0f00000000, 0x500000000000, 4, true, SHORT },
	{ 0xfd0000000000, 0x400000000000, ANYWHERE, false, NONE },
	{ 0xff0000000000, 0x500000000000, ANYWHERE, false, NONE },
	{ 0xff0f000000ff, 0xe30000000072, 1, false, LONG }, /* stcy */
	{ 0xff0f000000ff, 0xe30000000070, 2, false, LONG },
	{ 0xff0f000000ff, 0xe30000000050, 4, false, LONG },
	{ 0xff0f000000ff, 0xe30000000024, 8, false, LONG },
	{ 0xff00000000fd, 0xe30000000070, ANYWHERE, false, NONE },
	{ 0xff00000000ff, 0xe30000000050, ANYWHERE, false, NONE },
	{ 0xff00000000ff, 0xe30000000024, ANYWHERE, false, NONE },
	{ 0xff0000000000, 0x920000000000, 1, true, SHORT }, /* mvi */
	{ 0xff0000000000, 0x940000000000, 1, true, SHORT }, /* ni */
	{ 0xfe0000000000, 0x960000000000, 1, true, SHORT }, /* oi, xi */
	{ 0xffff00000000, 0xe54400000000, 2, true, SHORT }, /* mvhhi */
	{ 0xffff00000000, 0xe54c00000000, 4, true, SHORT },
	{ 0xffff00000000, 0xe54800000000, 8, true, SHORT },
	{ 0xff00000000ff, 0xeb0000000024, 128, false, LONG }, /* stmg */
	{ 0xff00000000ff, 0xeb0000000052, 1, false, LONG },   /* mviy */
	{ 0xff00000000ff, 0xeb0000000054, 1, false, LONG },
	{ 0xff00000000fe, 0xeb0000000056, 1, false, LONG },
	{ 0xff0000000000, 0xd20000000000, LENGTH, true, SHORT }, /* mvc, nc, oc, xc */
	{ 0xff0000000000, 0xd40000000000, LENGTH, true, SHORT },
	{ 0xfe0000000000, 0xd60000000000, LENGTH, true, SHORT },
	{ 0xff0e00000000, 0xa70400000000, BRANCH, false, { { 16, 16, 1 } } }, /* brc */
	{ 0xff0e00000000, 0xc00400000000, BRANCH, false, { { 0, 32, 1 } } }, /* brcl */
	{ 0 }
};

/* The place of the base register's number, and the number of the stack pointer. */
static const struct machine {
	uint16_t machine;
	const struct pattern *patterns;
	unsigned int low, bits, stack;
} machines[] = {
	{ EM_AARCH64, aarch64, 5, 5, 31 },
	{ EM_PPC64, ppc64, 16, 5, 1 },
	{ EM_RISCV, riscv, 15, 5, 2 },
	{ EM_S390, s390, 28, 4, 15 },
	{ 0 /* LoongArch */, loongarch, 5, 5, 3 },
};

static uint64_t field(uint64_t insn, unsigned int low, unsigned int bits)
{
	return insn >> low & ((1ULL << bits) - 1);
}

static int64_t displacement(const struct pattern *pattern, uint64_t insn)
{
	unsigned int unused = 64U - pattern->parts[0].to - pattern->parts[0].bits;
	uint64_t value = 0;

	for (size_t i = 0; i < KLP_ARRAY_SIZE(pattern->parts); i++)
		value |= field(insn, pattern->parts[i].low, pattern->parts[i].bits)
			 << pattern->parts[i].to;
	if (pattern->is_unsigned || unused == 64)
		return (int64_t)value;
	return (int64_t)(value << unused) >> unused;
}

static void found(const struct klp_code_scan *scan, const struct machine *machine,
		  const struct pattern *pattern, uint64_t at, uint64_t insn)
{
	int64_t offset = displacement(pattern, insn);
	uint64_t width = pattern->width;

	if (width == BRANCH)
		return scan->branch(scan->data, at + (uint64_t)offset);
	if (width == LENGTH)
		width = field(insn, 32, 8) + 1;
	else if (width == ANYWHERE)
		width = KLP_STORE_ANYWHERE;
	if (field(insn, machine->low, machine->bits) != machine->stack)
		scan->store(scan->data, offset, width);
}

/* The instruction at @p, with @left bytes left; returns its length, 0 at the end. */
static unsigned int fetch(const struct klp_elf *elf, const unsigned char *p,
			  uint64_t left, uint64_t *insn)
{
	static const unsigned char s390_lengths[] = { 2, 4, 4, 6 };
	unsigned int length = 4;

	if (left < 2)
		return 0;
	if (elf->machine == EM_S390)
		length = s390_lengths[p[0] >> 6];
	else if (elf->machine == EM_RISCV && (p[0] & 3) != 3)
		length = 2;
	if (left < length)
		return 0;
	*insn = length == 4 && elf->machine != EM_S390 ? klp_elf_u32(elf, p) :
							 klp_elf_u16(elf, p);
	if (elf->machine == EM_S390) {
		*insn <<= 32;
		for (unsigned int i = 2; i < length; i++)
			*insn |= (uint64_t)p[i] << (40 - 8 * i);
	}
	return length;
}

int klp_scan_code(const struct klp_elf *elf, uint32_t section, uint64_t from, uint64_t to,
		  const struct klp_code_scan *scan)
{
	const struct machine *machine = machines;
	const unsigned char *p;
	uint64_t insn = 0;
	unsigned int length;
	int err = -EBADMSG;

	if (from >= to || elf->sections[section].type == SHT_NOBITS)
		return 0;
	p = klp_elf_data(elf, section, from, to - from, &err);
	if (!p)
		return err;
	while (machine->machine && machine->machine != elf->machine)
		machine++;
	for (uint64_t at = from;
	     (length = fetch(elf, p + (at - from), to - at, &insn)) != 0; at += length) {
		for (const struct pattern *pattern = machine->patterns; pattern->mask;
		     pattern++) {
			if ((insn & pattern->mask) == pattern->value) {
				found(scan, machine, pattern, at, insn);
				break;
			}
		}
	}
	return 0;
}
