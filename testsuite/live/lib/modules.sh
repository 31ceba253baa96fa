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
	# BTF of modules is left out: it would take pahole, and nothing here reads it.
	make -C "$KSRC" M="$MODDIR" CONFIG_DEBUG_INFO_BTF_MODULES= modules \
		>"$WORK/modules.log" 2>&1 || {
		tail -n 30 "$WORK/modules.log"
		return 1
	}
}
