// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stores and branches in machine code.  The bytes are what GNU as makes of the line beside
 * them; LoongArch's, for which Debian 12 has none, are from its manual. */
#include "config.h"

#include <elf.h>

#include "libklpdep/livepatch/stores.h"
#include "testsuite/unit/fixture.h"

static const unsigned char *code;

/* The section is nothing but the code. */
#define klp_elf_data(elf, section, offset, size, err)                                    \
	((void)(section), (void)(size), (void)(err), code + (offset))
#include "libklpdep/livepatch/stores.c"
#undef klp_elf_data

static char *seen;

static void see_store(void *data, int64_t offset, uint64_t width)
{
	(void)data;
	if (width == KLP_STORE_ANYWHERE)
		seen = append(seen, "anywhere ");
	else
		seen = append(seen, "%lld:%llu ", (long long)offset,
			      (unsigned long long)width);
}

static void see_branch(void *data, uint64_t target)
{
	(void)data;
	seen = append(seen, "to %lld ", (long long)target);
}

static const struct {
	const char *what;
	uint16_t machine;
	const char *code;
	size_t size;
	const char *seen;
} cases[] = {
#define A64(what, code, seen)                                                            \
	{ what, EM_AARCH64, code, sizeof(code) - 1, seen }
	A64("sturb w1, [x2, #-3]", "\x41\xd0\x1f\x38", "-3:1 "),
	A64("stur x1, [x2, #-16]", "\x41\x00\x1f\xf8", "-16:8 "),
	A64("strb w1, [x2, #4095]", "\x41\xfc\x3f\x39", "4095:1 "),
	A64("str x1, [x2, #32760]", "\x41\xfc\x3f\xf9", "32760:8 "),
	A64("ldrb w1, [x2, #24]", "\x41\x60\x40\x39", ""),
	A64("stp x1, x2, [x3, #-16]", "\x61\x08\x3f\xa9", "-16:16 "),
	A64("str x1, [x2], #8", "\x41\x84\x00\xf8", "anywhere "),
	A64("str x1, [x2, x3]", "\x41\x68\x23\xf8", "anywhere "),
	A64("stur x1, [sp, #-3]", "\xe1\xd3\x1f\xf8", ""),
	A64("b .-8", "\xfe\xff\xff\x17", "to -8 "),
#define RISCV(what, code, seen)                                                          \
	{ what, EM_RISCV, code, sizeof(code) - 1, seen }
	RISCV("c.sw a0, 68(a1)", "\xe8\xc1", "68:4 "),
	RISCV("c.sd a0, 200(a1)", "\xe8\xe5", "200:8 "),
	RISCV("sd a0, -5(a1)", "\xa3\xbd\xa5\xfe", "-5:8 "),
	RISCV("sb a0, -5(a1)", "\xa3\x8d\xa5\xfe", "-5:1 "),
	RISCV("c.j .-6", "\xed\xbf", "to -6 "),
	RISCV("jal .+2052", "\xef\x00\x50\x00", "to 2052 "),
	RISCV("half of an instruction", "\xa3\x8d", ""),
#define PPC(what, code, seen)                                                            \
	{ what, EM_PPC64, code, sizeof(code) - 1, seen }
	PPC("stb r4, -24(r3)", "\xe8\xff\x83\x98", "-24:1 "),
	PPC("std r4, 24(r3)", "\x18\x00\x83\xf8", "24:8 "),
	PPC("stdu r4, 8(r3)", "\x09\x00\x83\xf8", "anywhere "),
	PPC("stbx r4, r3, r5", "\xae\x29\x83\x7c", "anywhere "),
	PPC("stwx r4, r3, r5", "\x2e\x29\x83\x7c", "anywhere "),
	PPC("lbzx r4, r3, r5", "\xae\x28\x83\x7c", ""),
	PPC("stb r4, 24(r1)", "\x18\x00\x81\x98", ""),
	PPC("bl .-8", "\xf9\xff\xff\x4b", "to -8 "),
#define S390(what, code, seen)                                                           \
	{ what, EM_S390, code, sizeof(code) - 1, seen }
	S390("stc %r1, 24(%r2)", "\x42\x10\x20\x18", "24:1 "),
	S390("stc %r1, 24(%r3,%r2)", "\x42\x13\x20\x18", "anywhere "),
	S390("sth %r1, 24(%r3,%r2)", "\x40\x13\x20\x18", "anywhere "),
	S390("stcy %r1, -1(%r2)", "\xe3\x10\x2f\xff\xff\x72", "-1:1 "),
	S390("stg %r1, 4096(%r2)", "\xe3\x10\x20\x00\x01\x24", "4096:8 "),
	S390("mvi 24(%r2), 1", "\x92\x01\x20\x18", "24:1 "),
	S390("mvi 24(%r15), 1", "\x92\x01\xf0\x18", ""),
	S390("mvc 8(200,%r2), 0(%r3)", "\xd2\xc7\x20\x08\x30\x00", "8:200 "),
	S390("brasl %r14, .-8", "\xc0\xe5\xff\xff\xff\xfc", "to -8 "),
#define LOONG(what, code, seen)                                                          \
	{ what, 258 /* EM_LOONGARCH */, code, sizeof(code) - 1, seen }
	LOONG("stptr.d $a0, $a1, -8", "\xa4\xf8\xff\x27", "-8:8 "),
	LOONG("stx.d $a0, $a1, $a2", "\xa4\x18\x1c\x38", "anywhere "),
	LOONG("b .-4", "\xff\xff\xff\x53", "to -4 "),
};

START_TEST(instructions)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct klp_section section = { .type = SHT_PROGBITS };
		struct klp_elf elf = { .machine = cases[i].machine, .sections = &section,
				       .big_endian = cases[i].machine == EM_S390 };
		struct klp_code_scan scan = { see_store, see_branch, NULL };
		char *wanted = text("%s: %s", cases[i].what, cases[i].seen);

		code = (const unsigned char *)cases[i].code;
		seen = text("%s: ", cases[i].what);
		ck_assert_int_eq(klp_scan_code(&elf, 0, 0, cases[i].size, &scan), 0);
		expect_text(seen, wanted);
	}
}
END_TEST

UNIT_MAIN("stores", instructions)
