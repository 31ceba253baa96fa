// SPDX-License-Identifier: LGPL-2.1-or-later
/* What code of x86_64 does with a klp_patch, and what it stores in one that it allocates.
 * Relocated fields are zero; the places of relocations are counted by hand. */
#include "config.h"

#include <elf.h>

#include "libklpdep/livepatch/format.h"
#include "libklpdep/livepatch/klp-patch-layout.h"
#include "libklpdep/livepatch/stores.h"
#include "testsuite/unit/fixture.h"

static const unsigned char *text_section;
static size_t text_size;

/* Section 1 is the code. */
static const unsigned char *code_at(uint64_t offset, uint64_t size)
{
	ck_assert_uint_le(offset, text_size);
	ck_assert_uint_le(size, text_size - offset);
	return text_section + offset;
}
#define klp_elf_data(elf, section, offset, size, err)                                    \
	((void)(elf), (void)(section), (void)(err), code_at(offset, size))
#include "libklpdep/livepatch/klp-patch-replace.c"
#undef klp_elf_data

enum { TEXT = 1, DATA = 2, TAG = 0x20, PATCH = 0x40, WHOLE = 0x100, WITHIN = 0x120 };

#define ANY KLP_CALLEE_ANY
#define ENABLE KLP_CALLEE_ENABLE
#define LEAVES KLP_CALLEE_KERNEL
#define COPY KLP_CALLEE_COPY

static const struct {
	const char *what, *code;
	size_t size;
	struct {
		uint64_t from, to;
		uint8_t callee;
	} refs[4];
	bool may_write;
	uint64_t patch; /* PATCH, where it is 0 */
} cases[] = {
#define CODE(code) code, sizeof(code) - 1
#define MOV "\x48\xc7\xc7\0\0\0\0"
#define CALL "\xe8\0\0\0\0"
#define JMP "\xe9\0\0\0\0"
	{ "mov $patch,%rdi; call klp_enable_patch", CODE(MOV CALL),
	  { { 3, PATCH }, { 8, 0, ENABLE } }, false },
	{ "lea patch(%rip),%rdi; jmp", CODE("\x48\x8d\x3d\0\0\0\0" JMP),
	  { { 3, PATCH }, { 8, 0, ENABLE } }, false },
	{ "pop %rbx; pop %r12", CODE(MOV "\x5b\x41\x5c" JMP),
	  { { 3, PATCH }, { 11, 0, ENABLE } }, false },
	{ "add $0x18,%rsp; leave", CODE(MOV "\x48\x83\xc4\x18\xc9" JMP),
	  { { 3, PATCH }, { 13, 0, ENABLE } }, false },
	/* test_klp_syscall of 6.12 */
	{ "pop %rbx; mov %eax,X(%rip)", CODE(MOV "\x5b\x89\x05\0\0\0\0" JMP),
	  { { 3, PATCH }, { 10, 0x400 }, { 15, 0, ENABLE } }, false },
	/* test_klp_state */
	{ "mov $1,%esi; call klp_get_state", CODE(MOV "\xbe\1\0\0\0" CALL MOV CALL),
	  { { 3, PATCH }, { 13, 0, LEAVES }, { 20, PATCH }, { 25, 0, ENABLE } }, false },
	{ "a function that is not known", CODE(MOV CALL),
	  { { 3, PATCH }, { 8, 0, ANY } }, true },
	{ "one of its own, without a relocation", CODE(MOV "\xe8\x10\0\0\0" MOV CALL),
	  { { 3, PATCH }, { 15, PATCH }, { 20, 0, ENABLE } }, true },
	{ "mov $patch,%rsi", CODE("\x48\xc7\xc6\0\0\0\0" CALL),
	  { { 3, PATCH }, { 8, 0, ENABLE } }, true },
	{ "no call at all", CODE(MOV), { { 3, PATCH } }, true },
	{ "je klp_enable_patch", CODE(MOV "\x0f\x84\0\0\0\0"),
	  { { 3, PATCH }, { 9, 0, ENABLE } }, true },
	{ "movb $1,0x18(%rdi)", CODE(MOV "\xc6\x47\x18\x01" CALL),
	  { { 3, PATCH }, { 12, 0, ENABLE } }, true },
	{ "mov %rdi,%rbx", CODE(MOV "\x48\x89\xfb" CALL),
	  { { 3, PATCH }, { 11, 0, ENABLE } }, true },
	{ "mov %rdi,X(%rip)", CODE(MOV "\x48\x89\x3d\0\0\0\0" CALL),
	  { { 3, PATCH }, { 10, 0x400 }, { 15, 0, ENABLE } }, true },
	{ "rep movsq", CODE(MOV "\xf3\x48\xa5" CALL),
	  { { 3, PATCH }, { 11, 0, ENABLE } }, true },
	{ "half of an add", CODE(MOV "\x48\x83\xc4" CALL),
	  { { 3, PATCH }, { 11, 0, ENABLE } }, true },
	{ "where the section begins", CODE("\x3d\0\0\0\0" CALL),
	  { { 1, PATCH }, { 6, 0, ENABLE } }, true },
	{ "relocations that overlap", CODE(MOV CALL),
	  { { 3, PATCH }, { 4, 0, ENABLE } }, true },
	{ "memcpy over it", CODE(MOV CALL), { { 3, PATCH }, { 8, 0, COPY } }, true },
	/* SUSE's uname_patch */
	{ "memcpy to what stands before it", CODE(MOV CALL),
	  { { 3, TAG }, { 8, 0, COPY } }, false },
	{ "memcpy to what it is in", CODE(MOV CALL),
	  { { 3, WHOLE }, { 8, 0, COPY } }, true, WITHIN },
	{ "klp_enable_patch of what it is in", CODE(MOV CALL),
	  { { 3, WITHIN }, { 8, 0, ENABLE } }, false, WITHIN },
	{ "movb $1,patch+24(%rip)", CODE("\xc6\x05\0\0\0\0\x01"), { { 2, PATCH + 23 } },
	  true },
	{ "orb %al,patch+24(%rip)", CODE("\x08\x05\0\0\0\0"), { { 2, PATCH + 24 } }, true },
	{ "movb $1,patch+16(%rip), of 5.1", CODE("\xc6\x05\0\0\0\0\x01"),
	  { { 2, PATCH + 15 } }, true },
	{ "mov $patch+8,%rdi", CODE(MOV CALL), { { 3, PATCH + 8 }, { 8, 0, ENABLE } }, true },
	{ "mov $patch+0x60,%rdi", CODE(MOV CALL), { { 3, PATCH + 0x60 }, { 8, 0, ANY } },
	  true },
	{ "mov $whole+8,%rdi", CODE(MOV CALL), { { 3, WHOLE + 8 }, { 8, 0, ANY } }, true,
	  WITHIN },
	{ "movl $1,X(%rip), of what stands behind it",
	  CODE("\xc7\x05\0\0\0\0\1\0\0\0"), { { 2, PATCH + 0xc0 - 4 } }, false },
};

START_TEST(x86_64)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(cases); i++) {
		struct klp_section sections[] = { { .flags = 0 },
						  { .flags = SHF_EXECINSTR },
						  { .flags = SHF_WRITE } };
		struct klp_extent extents[] = { { { DATA, TAG }, 0x20 },
						{ { DATA, PATCH }, 0xc0 },
						{ { DATA, WHOLE }, 0x100 } };
		struct klp_elf elf = { .machine = EM_X86_64, .sections = sections,
				       .n_sections = KLP_ARRAY_SIZE(sections) };
		struct klp_pointers pointers = { .elf = &elf, .extents = extents,
						 .n_extents = KLP_ARRAY_SIZE(extents) };
		struct klp_ref refs[4] = { 0 };
		struct klp_code seen = { .pointers = &pointers, .refs = refs };
		struct klp_place patch = { DATA, cases[i].patch ? cases[i].patch : PATCH };

		for (; seen.n_refs < 4 && cases[i].refs[seen.n_refs].from; seen.n_refs++) {
			uint64_t to = cases[i].refs[seen.n_refs].to;

			refs[seen.n_refs] = (struct klp_ref){
				.from = { TEXT, cases[i].refs[seen.n_refs].from },
				.to = { to ? DATA : 0, to },
				.callee = cases[i].refs[seen.n_refs].callee,
			};
		}
		for (size_t j = seen.n_refs; j-- > 1;)
			refs[j - 1].call = refs[j].callee ? &refs[j] : refs[j].call;
		text_section = (const unsigned char *)cases[i].code;
		text_size = cases[i].size;
		ck_assert_msg(klp_code_may_write(&seen, patch) == cases[i].may_write, "%s",
			      cases[i].what);
	}
}
END_TEST

static const struct {
	const char *what, *code;
	size_t size;
	bool zero, one;
} constants[] = {
	{ "movb $0,0x18(%rax)", CODE("\xc6\x40\x18\0"), true, false },
	{ "movb $1,0x18(%rdi)", CODE("\x90\xc6\x47\x18\1"), false, true },
	{ "movb $1,0x18(%r12)", CODE("\x41\xc6\x44\x24\x18\1"), false, true },
	{ "both", CODE("\xc6\x40\x18\1\xc6\x40\x18\0"), true, true },
	{ "movb $1,0x18(%rsp)", CODE("\x90\xc6\x44\x24\x18\1"), false, false },
	{ "movb $1,0x18(%rax,%rcx)", CODE("\x41\xc6\x44\x08\x18\1"), false, false },
	{ "movb $2,0x18(%rax)", CODE("\xc6\x40\x18\2"), false, false },
	{ "movb $1,0x10(%rax)", CODE("\xc6\x40\x10\1"), false, false },
	{ "cut off", CODE("\xc6\x40\x18"), false, false },
	{ "cut off, of %r12", CODE("\x41\xc6\x44\x24\x18"), false, false },
	{ "nothing", CODE(""), false, false },
};

START_TEST(constant)
{
	for (size_t i = 0; i < KLP_ARRAY_SIZE(constants); i++) {
		bool seen[2] = { false, false };

		find_constants((const unsigned char *)constants[i].code, constants[i].size,
			       seen);
		ck_assert_msg(seen[0] == constants[i].zero && seen[1] == constants[i].one,
			      "%s", constants[i].what);
	}
}
END_TEST

UNIT_MAIN("replace", x86_64, constant)
