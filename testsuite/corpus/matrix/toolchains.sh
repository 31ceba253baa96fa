# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What compiles, links and strips for an architecture, and with which flags: those that
# Kbuild has for modules, as far as they matter to what is in the file.  Sourced by run.

ALL_ARCHS="x86_64 aarch64 ppc64le s390x riscv64"
# gcc and clang with binutils; llvm: clang, lld and llvm-strip
ALL_COMPILERS="gcc clang llvm"

COMMON_FLAGS=(-std=gnu11 -nostdinc -ffreestanding -fno-strict-aliasing -fno-common
	-fshort-wchar -fno-delete-null-pointer-checks -fno-strict-overflow
	-fno-asynchronous-unwind-tables -fstack-protector-strong -Wall -Wextra -Werror)

arch_flags() {
	case $1 in
	x86_64)
		triplet=x86_64-linux-gnu emulation=elf_x86_64
		flags=(-fno-pic -fno-PIE -m64 -mno-sse -mno-80387 -mno-red-zone
			-mcmodel=kernel -fcf-protection=branch -pg -mfentry)
		gcc_flags=(-mpreferred-stack-boundary=3 -mindirect-branch=thunk-extern
			-mindirect-branch-register -mrecord-mcount)
		clang_flags=(-mstack-alignment=8 -mretpoline-external-thunk) ;;
	aarch64)
		triplet=aarch64-linux-gnu emulation=aarch64linux
		lld_emulation=aarch64elf
		flags=(-fno-pic -fno-PIE -mgeneral-regs-only -fno-unwind-tables
			-mbranch-protection=pac-ret+leaf+bti -fpatchable-function-entry=2)
		gcc_flags=(-mabi=lp64) ;;
	ppc64le)
		triplet=powerpc64le-linux-gnu emulation=elf64lppc
		flags=(-fno-pic -fno-PIE -m64 -mlittle-endian -mabi=elfv2
			-mcmodel=medium -mcpu=power8 -mno-altivec -mno-vsx -msoft-float)
		gcc_flags=(-mno-pointers-to-nested-functions -mtraceback=no -mno-string
			-pg -mprofile-kernel) ;;
	s390x)
		# whose modules are position-independent
		triplet=s390x-linux-gnu emulation=elf64_s390
		flags=(-fPIC -m64 -march=z13 -msoft-float -mbackchain -mpacked-stack
			-pg -mfentry)
		gcc_flags=(-mindirect-branch=thunk-extern -mrecord-mcount -mnop-mcount
			-mfunction-return=thunk-extern) ;;
	riscv64)
		triplet=riscv64-linux-gnu emulation=elf64lriscv
		flags=(-fno-pic -fno-PIE -mabi=lp64 -march=rv64imac -mcmodel=medany
			-mno-relax -mno-save-restore -fno-omit-frame-pointer
			-fpatchable-function-entry=8) ;;
	esac
}

# Set CC, LD and STRIP for architecture $1 and compiler $2; or say why there are none.
toolchain() {
	local triplet emulation lld_emulation='' program flags gcc_flags=() clang_flags=()
	arch_flags "$1"
	: "${lld_emulation:=$emulation}"
	LD=("$triplet-ld" -m "$emulation") STRIP=("$triplet-strip")
	CC=(clang "--target=$triplet" "${flags[@]}" "${clang_flags[@]}")
	case $2 in
	gcc)	CC=("$triplet-gcc" "${flags[@]}" "${gcc_flags[@]}") ;;
	llvm)	LD=(ld.lld -m "$lld_emulation") STRIP=(llvm-strip) ;;
	esac
	CC+=("${COMMON_FLAGS[@]}")
	LD+=(-r --build-id=sha1)
	for program in "${CC[0]}" "${LD[0]}" "${STRIP[0]}"; do
		command -v "$program" >/dev/null && continue
		echo "there is no $program"
		return 1
	done
	if [ "$2" = llvm ] && ! "${LD[@]}" --version >/dev/null 2>&1; then
		echo "this lld does not know $1"
		return 1
	fi
}
