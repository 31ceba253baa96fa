# shellcheck shell=bash
#
# Targets and livepatches, built for the kernel that prepare_kernel() has set up.
#
# Sets MODDIR, the directory of the .ko files.

build_modules() {
	MODDIR=$WORK/modules
	mkdir -p "$MODDIR"
	# Objects that were built before are kept: kbuild knows what has changed.
	rm -f "$MODDIR"/*.ko
	cp -u --no-preserve=mode "$SRCDIR"/modules/* "$MODDIR"
	# Nothing here reads debugging information, which takes time and, for BTF, pahole.
	build_with_headers "$MODDIR" CONFIG_DEBUG_INFO= CONFIG_DEBUG_INFO_BTF_MODULES= \
		>"$WORK/modules.log" 2>&1 || {
		tail -n 30 "$WORK/modules.log"
		return 1
	}
	spoil_modules && number_modules && name_builds
}

# Two builds of one patch, klp_rebuilt.
name_builds() {
	sed -i 's/klp_build_[ab]/klp_rebuilt/g' "$MODDIR"/klp_build_[ab].ko
}

# Many modules of a kind: each is the first with another number in its names.
number_modules() {
	local n
	for n in {01..20}; do
		renumber_module cold "$n" || return
	done
	for n in {01..05}; do
		renumber_module other "$n" || return
	done
	for n in {11..30}; do
		renumber_module many "$n" || return
	done
	rm "$MODDIR"/klp*_{cold,other,many}00.ko "$MODDIR"/klp_many{11..26}.ko
}

renumber_module() {
	local file
	for file in "$MODDIR"/klp*_"$1"00.ko; do
		sed "s/_${1}00/_$1$2/g" "$file" >"${file%00.ko}$2.ko" || return
	done
}

# What no compiler makes: klp relocations, and modules that were built for other kernels.
spoil_modules() {
	local convert=$LIVEDIR/klp-convert module
	gcc -Wall -O1 -o "$convert" "$SRCDIR/../corpus/matrix/klp-convert.c" || return
	for module in "$MODDIR"/klp_{predict,kvm}_rela*.ko; do
		"$convert" "$module" || return
	done
	spoil_vermagic release "vermagic=${KVER%%.*}" vermagic=0 &&
		spoil_vermagic flags ' mod_unload ' ' mod_unlOAD ' || return
	if grep -qaF ' modversions ' "$MODDIR/klp_predict_crc_module.ko"; then
		spoil_crc module predhelp_answer && spoil_crc vmlinux module_layout
	else
		rm "$MODDIR"/klp_predict_crc_*.ko
	fi
}

# Put $3 in the place of $2, of the same length, in klp_predict_vermagic_$1.
spoil_vermagic() {
	local module=$MODDIR/klp_predict_vermagic_$1.ko
	grep -qaF "$2" "$module" && sed -i "s/$2/$3/" "$module"
}

# Give klp_predict_crc_$1 another CRC of the symbol $2 that it imports.
spoil_crc() {
	local module=$MODDIR/klp_predict_crc_$1.ko at
	objcopy --dump-section __versions="$WORK/versions" "$module" &&
		at=$(grep -abo "$2" "$WORK/versions") &&
		printf '\1\2\3\4' |
			dd of="$WORK/versions" bs=1 seek=$((${at%%:*} - 8)) conv=notrunc status=none &&
		objcopy --update-section __versions="$WORK/versions" "$module"
}
