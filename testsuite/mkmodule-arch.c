// SPDX-License-Identifier: LGPL-2.1-or-later
/* What differs between architectures: numbers, and pieces of code. */
#include "mkmodule-internal.h"

/* What an older <elf.h>, or musl's, does not have. */
#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#define R_LARCH_64 2
#endif
#ifndef EF_RISCV_RVC
#define EF_RISCV_RVC 1
#endif
#ifndef R_LARCH_B26
#define R_LARCH_B26 66
#define R_LARCH_PCALA_HI20 71
#define R_LARCH_PCALA_LO12 72
#endif
#ifndef R_LARCH_32_PCREL
#define R_LARCH_32_PCREL 99
#endif

#define CODE(s, ...) { s, sizeof(s) - 1, { __VA_ARGS__ } }

const struct arch mk_arches[] = {
	{
		.name = "x86_64", .machine = EM_X86_64,
		.abs64 = R_X86_64_64, .rel32 = R_X86_64_PC32,
		.ftrace = "__mcount_loc",
		.load = CODE("\x48\xc7\xc7\0\0\0\0", { 3, 0, R_X86_64_32S, 0 }),
		.call = CODE("\xe8\0\0\0\0", { 1, 0, R_X86_64_PLT32, -4 }),
		.set = CODE("\xc6\x05\0\0\0\0\x01", { 2, 0, R_X86_64_PC32, -5 }),
		.ret = CODE("\xc3", { 0 }),
		.nop = CODE("\x0f\x1f\x44\0\0", { 0 }),
	}, {
		.name = "aarch64", .machine = EM_AARCH64,
		.abs64 = R_AARCH64_ABS64, .rel32 = R_AARCH64_PREL32,
		.ftrace = "__patchable_function_entries",
		.load = CODE("\0\0\0\x90\0\0\0\x91", /* adrp x0; add x0, x0 */
			     { 0, 0, R_AARCH64_ADR_PREL_PG_HI21, 0 },
			     { 4, 0, R_AARCH64_ADD_ABS_LO12_NC, 0 }),
		.call = CODE("\0\0\0\x94", { 0, 0, R_AARCH64_CALL26, 0 }),
		.set = CODE("\x22\0\x80\x52\x01\0\0\x90\x22\0\0\x39", /* ...; strb */
			    { 4, 0, R_AARCH64_ADR_PREL_PG_HI21, 0 },
			    { 8, 0, R_AARCH64_LDST8_ABS_LO12_NC, 0 }),
		.ret = CODE("\xc0\x03\x5f\xd6", { 0 }),
		.nop = CODE("\x1f\x20\x03\xd5\x1f\x20\x03\xd5", { 0 }),
	}, {
		.name = "ppc64le", .machine = EM_PPC64, .flags = 2 /* ELFv2 */,
		.abs64 = R_PPC64_ADDR64, .rel32 = R_PPC64_REL32,
		.ftrace = "__mcount_loc",
		.load = CODE("\0\0\x62\x3c\0\0\x63\x38", /* addis r3, r2; addi r3, r3 */
			     { 0, 0, R_PPC64_TOC16_HA, 0 },
			     { 4, 0, R_PPC64_TOC16_LO, 0 }),
		.call = CODE("\x01\0\0\x48\0\0\0\x60", { 0, 0, R_PPC64_REL24, 0 }),
		.set = CODE("\x01\0\x80\x38\0\0\xa2\x3c\0\0\x85\x98", /* li; addis; stb */
			    { 4, 0, R_PPC64_TOC16_HA, 0 },
			    { 8, 0, R_PPC64_TOC16_LO, 0 }),
		.ret = CODE("\x20\0\x80\x4e", { 0 }),
		.nop = CODE("\0\0\0\x60", { 0 }),
	}, {
		.name = "s390x", .big = true, .machine = EM_S390,
		.abs64 = R_390_64, .rel32 = R_390_PC32,
		.ftrace = "__mcount_loc",
		.load = CODE("\xc0\x20\0\0\0\0", { 2, 0, R_390_PC32DBL, 2 }),
		.call = CODE("\xc0\xe5\0\0\0\0", { 2, 0, R_390_PLT32DBL, 2 }),
		.set = CODE("\xc0\x10\0\0\0\0\x92\x01\x10\0", /* larl; mvi */
			    { 2, 0, R_390_PC32DBL, 2 }),
		.ret = CODE("\x07\xfe", { 0 }),
		.nop = CODE("\xc0\x04\0\0\0\0", { 0 }),
	}, {
		.name = "loongarch64", .machine = EM_LOONGARCH, .flags = 0x41,
		.abs64 = R_LARCH_64, .rel32 = R_LARCH_32_PCREL,
		.ftrace = "__patchable_function_entries",
		.load = CODE("\x04\0\0\x1a\x84\0\xc0\x02", /* pcalau12i $a0; addi.d */
			     { 0, 0, R_LARCH_PCALA_HI20, 0 },
			     { 4, 0, R_LARCH_PCALA_LO12, 0 }),
		.call = CODE("\0\0\0\x54", { 0, 0, R_LARCH_B26, 0 }),
		.set = CODE("\x0c\x04\x80\x03\x0d\0\0\x1a\xac\x01\0\x29", /* ...; st.b */
			    { 4, 0, R_LARCH_PCALA_HI20, 0 },
			    { 8, 0, R_LARCH_PCALA_LO12, 0 }),
		.ret = CODE("\x20\0\0\x4c", { 0 }),
		.nop = CODE("\0\0\x40\x03\0\0\x40\x03", { 0 }),
	}, {
		.name = "riscv64", .machine = EM_RISCV, .flags = EF_RISCV_RVC,
		.abs64 = R_RISCV_64, .rel32 = R_RISCV_32_PCREL,
		.ftrace = "__patchable_function_entries",
		.load = CODE("\x17\x05\0\0\x13\x05\x05\0", /* auipc a0; addi a0, a0 */
			     { 0, 0, R_RISCV_PCREL_HI20, 0 },
			     { 4, 1, R_RISCV_PCREL_LO12_I, 0 }),
		.call = CODE("\x97\0\0\0\xe7\x80\0\0", { 0, 0, R_RISCV_CALL_PLT, 0 }),
		.set = CODE("\x93\x02\x10\0\x17\x03\0\0\x23\0\x53\0", /* li; auipc; sb */
			    { 4, 0, R_RISCV_PCREL_HI20, 0 },
			    { 8, 1, R_RISCV_PCREL_LO12_S, 0 }),
		.ret = CODE("\x67\x80\0\0", { 0 }),
		.nop = CODE("\x13\0\0\0\x13\0\0\0", { 0 }),
	},
};

const size_t mk_n_arches = ARRAY_SIZE(mk_arches);
