# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What recipes are written in.  A recipe is sourced by bash, and makes the one file $out:
# its first command makes it, the others change it.  $builddir is where mkmodule and poke
# are, $tree a directory for what stands beside it.

# says NAME: what is expected is what NAME.expected says, since it is the same livepatch in
# another form.  (The runner looks for this line.)
says() {
	:
}

# Livepatches of kvm that stand in the tree beside this one when the edges are made.
beside() {
	local patch
	for patch; do
		printf '%s\n' "name $patch" 'livepatch klp-patch' 'object kvm' "func f_$patch 0" |
			"$builddir/testsuite/mkmodule" -o "$tree/$patch.ko" -
	done
}

# The module of a description, read from standard input: testsuite/mkmodule.h has the
# grammar.
module() {
	"$builddir/testsuite/mkmodule" -o "$out" -
}

# The livepatch that most recipes change: a function of vmlinux, two of kvm and callbacks,
# klp relocations.  Further lines of a description may be given.
plain_patch() {
	plain klp-patch "$@"
}

plain_kpatch() {
	plain kpatch "$@"
}

plain_klp_build() {
	plain klp-build "$@"
}

plain() {
	printf '%s\n' \
		'name klp_plain' \
		"livepatch $1" \
		'object vmlinux' \
		'func do_thing 0' \
		'object kvm' \
		'func kvm_one 0' \
		'func kvm_two 2' \
		'callback pre_patch' \
		'callback post_unpatch' \
		'reloc kvm kvm kvm_static 0' \
		'reloc kvm irqbypass irq_bypass_one 1' \
		'reloc vmlinux vmlinux do_static 0' \
		"${@:2}" |
		module
}

# Numbers as they stand in a little-endian file.
u16() {
	local n
	for n; do
		# shellcheck disable=SC2059
		printf "\\$(printf %03o $((n & 255)))\\$(printf %03o $((n >> 8 & 255)))"
	done
}

u32() {
	local n
	for n; do
		u16 $((n & 65535)) $((n >> 16))
	done
}

# A module for a 32-bit machine with these entries of .modinfo and nothing else.
module_of_32_bits() {
	local size
	size=$(printf '%s\0' "$@" | wc -c)
	{
		printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0'
		# ET_REL, EM_386; then e_version, e_entry, e_phoff, e_shoff, e_flags
		u16 1 3
		u32 1 0 0 $((72 + size)) 0
		# e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
		u16 52 0 0 40 3 2
		printf '\0.modinfo\0.strings\0\0'
		printf '%s\0' "$@"
		# sh_name, sh_type, sh_flags, sh_addr, sh_offset, sh_size, sh_link, sh_info,
		# sh_addralign, sh_entsize
		u32 0 0 0 0 0 0 0 0 0 0
		u32 1 1 2 0 72 "$size" 0 0 1 0
		u32 10 3 0 0 52 20 0 0 1 0
	} >"$out"
}

# Changes of fields and bytes, read from standard input: poke.c has the grammar.
poke() {
	"$builddir/testsuite/corpus/poke" "$out"
}

# Without that program the module cannot be made, and its test is skipped.
needs() {
	command -v "$1" >/dev/null || { echo "there is no $1"; exit 77; }
}

# compress PROGRAM [ARGUMENT...]: gzip, xz or zstd
compress() {
	local program=$1
	needs "$program"
	shift
	# gzip writes the time and the name otherwise
	[ "$program" != gzip ] || set -- -n "$@"
	"$program" -q -c "$@" <"$out" >"$out.packed" && mv "$out.packed" "$out"
}

# Only the first N bytes, or all but the last N.
first_bytes() {
	head -c "$1" "$out" >"$out.cut" && mv "$out.cut" "$out"
}

all_but_last_bytes() {
	first_bytes "-$1"
}

# Bytes that stand behind what is there, in the notation of printf(1).
append() {
	# shellcheck disable=SC2059 # that is what it is for
	printf "$1" >>"$out"
}

# N bytes of a file that can be told from zeros.
append_garbage() {
	head -c "$1" /dev/zero | tr '\0' 'G' >>"$out"
}

# What stands behind a signed module (include/linux/module_signature.h).
append_signature() {
	append_garbage 256
	append '\0\0\2\0\0\0\0\0\0\0\1\0~Module signature appended~\n'
}

# flip OFFSET: turns a byte over; from the end where it is negative.
flip() {
	local offset=$1 size byte
	size=$(stat -c %s "$out")
	[ "$offset" -ge 0 ] || offset=$((size + offset))
	byte=$(od -An -tu1 -j "$offset" -N 1 "$out")
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $((byte ^ 255)))" |
		dd of="$out" bs=1 seek="$offset" conv=notrunc status=none
}

# poke_bytes OFFSET BYTES: in the notation of printf(1), over those that stand there.
poke_bytes() {
	# shellcheck disable=SC2059
	printf "$2" | dd of="$out" bs=1 seek="$1" conv=notrunc status=none
}

# The same N times, one behind the other.
repeat() {
	local n
	for ((n = 0; n < $1; n++)); do
		cat "$out"
	done >"$out.many" && mv "$out.many" "$out"
}

# Compressed in two parts, one behind the other.
in_two_parts() {
	needs "$1"
	{
		head -c 1000 "$out" | "$1" -q -c
		tail -c +1001 "$out" | "$1" -q -c
	} >"$out.packed" && mv "$out.packed" "$out"
}
