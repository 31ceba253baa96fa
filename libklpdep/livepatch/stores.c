/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding the instructions that write to memory, without a disassembler.
 *
 * Nothing here follows registers: what counts is that an instruction exists that writes
 * so and so far from some register.  Instructions of an architecture with a fixed length,
 * or with one that the first bits tell (s390x, riscv64), are told exactly.  On x86_64,
 * every byte is tried as the beginning of an instruction; so one too many may be seen,
 * never one too few of those that compilers emit.
 */
#include "config.h"

#include "libklpdep/livepatch/stores.h"

enum form {
	A64_UNSIGNED,	/* [rn, #imm12 * width] */
	A64_SIGNED,	/* [rn, #imm9] */
	A64_PAIR,	/* [rn, #imm7 * half of the width] */
	A64_INDEXED,	/* register offset, or the base register moves on */
	PPC_D, PPC_DS, PPC_X,
	RISCV_S, RISCV_CW, RISCV_CD,
	LOONG_SI12, LOONG_SI14, LOONG_X,
	/* s390x, whose instructions stand left-aligned in 48 bits */
	S390_RX, S390_RXY, S390_SI, S390_SIY, S390_SS,
	/* from here on: branches */
	BRANCH_A64, BRANCH_PPC, BRANCH_RISCV_J, BRANCH_RISCV_CJ, BRANCH_LOONG,
	BRANCH_S390_16, BRANCH_S390_32,
};

struct pattern {
	uint64_t mask, value;
	enum form form;
	unsigned int width;
};

static const struct pattern aarch64[] = {
	{ 0xffc00000, 0x39000000, A64_UNSIGNED, 1 }, /* strb */
	{ 0xffc00000, 0x79000000, A64_UNSIGNED, 2 },
	{ 0xffc00000, 0xb9000000, A64_UNSIGNED, 4 },
	{ 0xffc00000, 0xf9000000, A64_UNSIGNED, 8 },
	{ 0xffc00000, 0xfd000000, A64_UNSIGNED, 8 }, /* of vector registers */
	{ 0xffc00000, 0x3d800000, A64_UNSIGNED, 16 },
	{ 0xffe00c00, 0x38000000, A64_SIGNED, 1 }, /* sturb */
	{ 0xffe00c00, 0x78000000, A64_SIGNED, 2 },
	{ 0xffe00c00, 0xb8000000, A64_SIGNED, 4 },
	{ 0xffe00c00, 0xf8000000, A64_SIGNED, 8 },
	{ 0xffe00c00, 0x3c800000, A64_SIGNED, 16 },
	{ 0xffc00000, 0x29000000, A64_PAIR, 8 }, /* stp */
	{ 0xffc00000, 0xa9000000, A64_PAIR, 16 },
	{ 0xffc00000, 0xad000000, A64_PAIR, 32 },
	{ 0x3fe00400, 0x38000400, A64_INDEXED, 0 }, /* str post-, pre-indexed */
	{ 0x3fe00c00, 0x38200800, A64_INDEXED, 0 },
	{ 0x7ec00000, 0x28800000, A64_INDEXED, 0 }, /* stp post-, pre-indexed */
	{ 0x7fc00000, 0x2c800000, A64_INDEXED, 0 },
	{ 0x3fe00400, 0x3c800400, A64_INDEXED, 0 },
	{ 0x7c000000, 0x14000000, BRANCH_A64, 0 }, /* b, bl */
	{ 0 }
};

static const struct pattern ppc64[] = {
	{ 0xf8000000, 0x98000000, PPC_D, 1 }, /* stb, stbu */
	{ 0xf8000000, 0xb0000000, PPC_D, 2 },
	{ 0xf8000000, 0x90000000, PPC_D, 4 },
	{ 0xfc000003, 0xf8000000, PPC_DS, 8 }, /* std */
	{ 0xfc000003, 0xf8000001, PPC_X, 0 },  /* stdu: copying in a loop */
	{ 0xfc000007, 0xf4000005, PPC_DS, 16 }, /* stxv */
	{ 0xfc0007fe, 0x7c0001ae, PPC_X, 0 }, /* stbx */
	{ 0xfc0007fe, 0x7c00032e, PPC_X, 0 }, /* sthx */
	{ 0xfc0007fe, 0x7c00012e, PPC_X, 0 }, /* stwx */
	{ 0xfc0007fe, 0x7c00012a, PPC_X, 0 }, /* stdx */
	{ 0xfc0007fe, 0x7c0001ce, PPC_X, 0 }, /* stvx */
	{ 0xfc0007fe, 0x7c000798, PPC_X, 0 }, /* stxvd2x */
	{ 0xfc0007fe, 0x7c000718, PPC_X, 0 }, /* stxvw4x */
	{ 0xfc0007fe, 0x7c000318, PPC_X, 0 }, /* stxvx */
	{ 0xfc000002, 0x48000000, BRANCH_PPC, 0 }, /* b, bl */
	{ 0 }
};

static const struct pattern riscv[] = {
	{ 0x707f, 0x0023, RISCV_S, 1 }, /* sb */
	{ 0x707f, 0x1023, RISCV_S, 2 },
	{ 0x707f, 0x2023, RISCV_S, 4 },
	{ 0x707f, 0x3023, RISCV_S, 8 },
	{ 0xe003, 0xc000, RISCV_CW, 4 }, /* c.sw, c.sd: of 16 bits */
	{ 0xe003, 0xe000, RISCV_CD, 8 },
	{ 0x7f, 0x6f, BRANCH_RISCV_J, 0 }, /* jal */
	{ 0xe003, 0xa001, BRANCH_RISCV_CJ, 0 },
	{ 0 }
};

static const struct pattern loongarch[] = {
	{ 0xffc00000, 0x29000000, LOONG_SI12, 1 }, /* st.b */
	{ 0xffc00000, 0x29400000, LOONG_SI12, 2 },
	{ 0xffc00000, 0x29800000, LOONG_SI12, 4 },
	{ 0xffc00000, 0x29c00000, LOONG_SI12, 8 },
	{ 0xff000000, 0x25000000, LOONG_SI14, 4 }, /* stptr */
	{ 0xff000000, 0x27000000, LOONG_SI14, 8 },
	{ 0xfff38000, 0x38100000, LOONG_X, 0 },	   /* stx */
	{ 0xf8000000, 0x50000000, BRANCH_LOONG, 0 }, /* b, bl */
	{ 0 }
};

static const struct pattern s390[] = {
	{ 0xff0000000000, 0x420000000000, S390_RX, 1 }, /* stc */
	{ 0xff0000000000, 0x400000000000, S390_RX, 2 },
	{ 0xff0000000000, 0x500000000000, S390_RX, 4 },
	{ 0xff00000000ff, 0xe30000000072, S390_RXY, 1 }, /* stcy */
	{ 0xff00000000ff, 0xe30000000070, S390_RXY, 2 },
	{ 0xff00000000ff, 0xe30000000050, S390_RXY, 4 },
	{ 0xff00000000ff, 0xe30000000024, S390_RXY, 8 },
	{ 0xff00000000ff, 0xe7000000000e, S390_RX, 16 }, /* vst */
	{ 0xff0000000000, 0x920000000000, S390_SI, 1 },	 /* mvi */
	{ 0xff0000000000, 0x940000000000, S390_SI, 1 },	 /* ni */
	{ 0xfe0000000000, 0x960000000000, S390_SI, 1 },	 /* oi, xi */
	{ 0xffff00000000, 0xe54400000000, S390_SI, 2 },	 /* mvhhi */
	{ 0xffff00000000, 0xe54c00000000, S390_SI, 4 },
	{ 0xffff00000000, 0xe54800000000, S390_SI, 8 },
	{ 0xff00000000ff, 0xeb0000000024, S390_SIY, 128 }, /* stmg */
	{ 0xff00000000ff, 0xeb0000000052, S390_SIY, 1 },   /* mviy */
	{ 0xff00000000ff, 0xeb0000000054, S390_SIY, 1 },
	{ 0xff00000000fe, 0xeb0000000056, S390_SIY, 1 },
	{ 0xff0000000000, 0xd20000000000, S390_SS, 0 }, /* mvc, nc, oc, xc */
	{ 0xff0000000000, 0xd40000000000, S390_SS, 0 },
	{ 0xfe0000000000, 0xd60000000000, S390_SS, 0 },
	{ 0xff0e00000000, 0xa70400000000, BRANCH_S390_16, 0 }, /* brc, bras */
	{ 0xff0e00000000, 0xc00400000000, BRANCH_S390_32, 0 }, /* brcl, brasl */
	{ 0 }
};

/* The lowest @bits of a value, as a signed number. */
static int64_t sign_extend(uint64_t value, unsigned int bits)
{
	return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

static uint64_t field(uint64_t insn, unsigned int low, unsigned int bits)
{
	return insn >> low & ((1ULL << bits) - 1);
}

static void store(const struct klp_code_scan *scan, bool stack, int64_t offset,
		  uint64_t width)
{
	if (!stack)
		scan->store(scan->data, offset, width);
}

static void found_s390(const struct klp_code_scan *scan, const struct pattern *pattern,
		       uint64_t insn)
{
	unsigned int base = (unsigned int)field(insn, 28, 4);
	unsigned int index = (unsigned int)field(insn, 32, 4);
	int64_t offset = (int64_t)field(insn, 16, 12);
	uint64_t width = pattern->width;

	if (pattern->form == S390_RXY || pattern->form == S390_SIY)
		offset |= sign_extend(field(insn, 8, 8), 8) * 4096;
	if (pattern->form == S390_SS)
		width = field(insn, 32, 8) + 1;
	if (pattern->form != S390_RX && pattern->form != S390_RXY)
		index = 0;
	if (index && base)
		store(scan, base == 15 || index == 15, 0, KLP_STORE_ANYWHERE);
	else
		store(scan, base == 15 || index == 15, offset, width);
}

static void found_store(const struct klp_code_scan *scan, const struct pattern *pattern,
			uint64_t insn)
{
	unsigned int rn = (unsigned int)field(insn, 5, 5);
	unsigned int ra = (unsigned int)field(insn, 16, 5);
	/* x29 is nothing but the frame pointer. */
	bool a64_stack = rn == 31 || rn == 29;
	int64_t width = pattern->width;

	switch (pattern->form) {
	case A64_UNSIGNED:
		store(scan, a64_stack, (int64_t)field(insn, 10, 12) * width,
		      pattern->width);
		return;
	case A64_SIGNED:
		store(scan, a64_stack, sign_extend(insn >> 12, 9), pattern->width);
		return;
	case A64_PAIR:
		store(scan, a64_stack, sign_extend(insn >> 15, 7) * (width / 2),
		      pattern->width);
		return;
	case A64_INDEXED:
		store(scan, a64_stack, 0, KLP_STORE_ANYWHERE);
		return;
	case PPC_D:
		store(scan, ra == 1, sign_extend(insn, 16), pattern->width);
		return;
	case PPC_DS:
		store(scan, ra == 1, sign_extend(insn & ~3ULL, 16), pattern->width);
		return;
	case PPC_X:
		store(scan, ra == 1, 0, KLP_STORE_ANYWHERE);
		return;
	case RISCV_S:
		store(scan, field(insn, 15, 5) == 2,
		      sign_extend(field(insn, 25, 7) << 5 | field(insn, 7, 5), 12),
		      pattern->width);
		return;
	case RISCV_CW:
		store(scan, false,
		      (int64_t)(field(insn, 10, 3) << 3 | field(insn, 6, 1) << 2 |
				field(insn, 5, 1) << 6),
		      pattern->width);
		return;
	case RISCV_CD:
		store(scan, false,
		      (int64_t)(field(insn, 10, 3) << 3 | field(insn, 5, 2) << 6),
		      pattern->width);
		return;
	case LOONG_SI12:
		store(scan, rn == 3, sign_extend(insn >> 10, 12), pattern->width);
		return;
	case LOONG_SI14:
		store(scan, rn == 3, sign_extend(insn >> 10, 14) * 4, pattern->width);
		return;
	case LOONG_X:
		store(scan, rn == 3, 0, KLP_STORE_ANYWHERE);
		return;
	case S390_RX:
	case S390_RXY:
	case S390_SI:
	case S390_SIY:
	case S390_SS:
		found_s390(scan, pattern, insn);
		return;
	default:
		return;
	}
}

/* How far a branch jumps. */
static int64_t distance(const struct pattern *pattern, uint64_t insn)
{
	switch (pattern->form) {
	case BRANCH_A64:
		return sign_extend(insn, 26) * 4;
	case BRANCH_PPC:
		return sign_extend(insn & ~3ULL, 26);
	case BRANCH_RISCV_J:
		return sign_extend(field(insn, 31, 1) << 20 | field(insn, 12, 8) << 12 |
				   field(insn, 20, 1) << 11 |
				   field(insn, 21, 10) << 1, 21);
	case BRANCH_RISCV_CJ:
		return sign_extend(field(insn, 12, 1) << 11 | field(insn, 11, 1) << 4 |
				   field(insn, 9, 2) << 8 | field(insn, 8, 1) << 10 |
				   field(insn, 7, 1) << 6 | field(insn, 6, 1) << 7 |
				   field(insn, 3, 3) << 1 | field(insn, 2, 1) << 5, 12);
	case BRANCH_LOONG:
		return 4 * sign_extend(field(insn, 0, 10) << 16 | field(insn, 10, 16),
				       26);
	case BRANCH_S390_16:
		return sign_extend(insn >> 16, 16) * 2;
	case BRANCH_S390_32:
		return sign_extend(insn, 32) * 2;
	default:
		return 0;
	}
}

static void found(const struct klp_code_scan *scan, const struct pattern *pattern,
		  uint64_t at, uint64_t insn)
{
	if (pattern->form < BRANCH_A64)
		found_store(scan, pattern, insn);
	else
		scan->branch(scan->data, at + (uint64_t)distance(pattern, insn));
}

/* ---- all --------------------------------------------------------------------------- */

/* The instruction at @p of @left bytes; its length, 0 at the end. */
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
	const struct pattern *patterns = elf->machine == EM_AARCH64 ? aarch64 :
					 elf->machine == EM_PPC64   ? ppc64 :
					 elf->machine == EM_RISCV   ? riscv :
					 elf->machine == EM_S390    ? s390 : loongarch;
	const unsigned char *p;
	uint64_t insn = 0;
	unsigned int length;
	int err = -EBADMSG;

	if (from >= to || elf->sections[section].type == SHT_NOBITS)
		return 0;
	p = klp_elf_data(elf, section, from, to - from, &err);
	if (!p)
		return err;
	if (elf->machine == EM_X86_64) {
		klp_scan_x86(scan, from, p, (size_t)(to - from));
		return 0;
	}
	for (uint64_t at = from;
	     (length = fetch(elf, p + (at - from), to - at, &insn)) != 0; at += length) {
		for (const struct pattern *pattern = patterns; pattern->mask; pattern++) {
			if ((insn & pattern->mask) == pattern->value) {
				found(scan, pattern, at, insn);
				break;
			}
		}
	}
	return 0;
}
