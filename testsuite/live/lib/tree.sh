# shellcheck shell=bash
#
# The guest's module tree: some of the kernel's own modules with all that they depend
# on, and the test modules.
#
# Needs what prepare_kernel() and build_modules() set; makes $WORK/modules.cpio.

# The kernel's own modules that checks load.  8021q (with dependencies) and jbd2 (with a
# softdep) are loaded unpatched.
KERNEL_MODULES="zram kvm_amd ext4 binfmt_misc 8021q jbd2"

# The guests with systemd have e1000e as well, and its hardware; overlay is for systemd-sysext.
SYSTEMD_KERNEL_MODULES="e1000e overlay"

# Print the files, relative to the module directory, that loading module $@ takes.
# Softdeps and the modules behind them are among them.
needed_files() {
	modprobe -C /dev/null -d "$KDIR" -S "$KVER" -a --show-depends "$@" |
		awk -v dir="/lib/modules/$KVER/" '
			$1 == "insmod" { print substr($2, index($2, dir) + length(dir)) }' |
		sort -u
}

# Copy the kernel's own modules $@, with what they need, into the tree $tree.
add_kernel_modules() {
	local file files
	files=$(needed_files "$@") || return
	case $files in *.ko.xz*) COMPRESSED=yes;; *) COMPRESSED=no;; esac
	for file in $files; do
		mkdir -p "$tree/$(dirname "$file")"
		cp "$KDIR/lib/modules/$KVER/$file" "$tree/$file" || return
	done
}

# Copy test module $1 into directory $2, compressed as the kernel's own modules are.
add_test_module() {
	local name=$1 dir=$2
	mkdir -p "$dir"
	strip --strip-debug -o "$dir/$name.ko" "$MODDIR/$name.ko"
	if [ "$COMPRESSED" = yes ]; then
		xz --check=crc32 "$dir/$name.ko"
	fi
}

is_for_systemd() {
	case $1 in
	klptest_devices | klp*_cold* | klp*_other* | klp*_held* | klptest_holds | klp_e1000e) ;;
	klp*_initrd | klp*_listed | klp*_insmod | klp*_late | klp*_bundle) ;;
	*) return 1;;
	esac
}

build_tree() {
	local root=$WORK/tree systemd=$WORK/systemd-tree tree name file
	tree=$root/usr/lib/modules/$KVER
	rm -rf "$root" "$systemd"
	mkdir -p "$tree"
	cp "$KDIR/lib/modules/$KVER"/modules.{order,builtin,builtin.modinfo} "$tree"

	# shellcheck disable=SC2086
	add_kernel_modules $KERNEL_MODULES || return
	# klp_task is some other patch: the checks load it by hand, klpdep does not know it.
	# klp_forced is another patch of the same module, which other checks want unpatched, and
	# klp_kvm_rela another one of kvm.
	# klp_replacing would evict all others, as releases do, which come as the checks go on;
	# and of the prediction table, most do not fit.
	for file in "$MODDIR"/*.ko; do
		name=$(basename "$file" .ko)
		! is_for_systemd "$name" || continue
		case $name in
		klp_task)	add_test_module "$name" "$root/live/outside";;
		klp_forced)	add_test_module "$name" "$root/live/outside";;
		klp_replacing)	add_test_module "$name" "$root/live/outside";;
		klp_kvm_rela)	COMPRESSED=no add_test_module "$name" "$root/live/outside";;
		klp_year_* | klp_life?__* | klp_called_* | klp_stated_* | klp_build_? | \
		klp_foreign | klp_stranger | klp_hotfix_* | klp_refuses)
				COMPRESSED=no add_test_module "$name" "$root/live/releases";;
		klp_predict_*)	COMPRESSED=no add_test_module "$name" "$root/live/predict";;
		klp_*)		add_test_module "$name" "$tree/livepatch";;
		*)		add_test_module "$name" "$tree/updates";;
		esac || return
	done
	pack "$root" "$WORK/modules.cpio" && build_systemd_tree
}

# The guests with systemd have a tree of their own, with index and rules, as those have it
# who build images.
build_systemd_tree() {
	local tree=$systemd/usr/lib/modules/$KVER
	mkdir -p "$tree"
	ln -s usr/lib "$systemd/lib"
	cp "$KDIR/lib/modules/$KVER"/modules.{order,builtin,builtin.modinfo} "$tree"
	# shellcheck disable=SC2086
	add_kernel_modules $SYSTEMD_KERNEL_MODULES || return
	COMPRESSED=no
	for file in "$MODDIR"/*.ko; do
		name=$(basename "$file" .ko)
		case $name in
		klp_bundle | *_task)	add_test_module "$name" "$systemd/live/outside";;
		klp*_upgrade*)		add_test_module "$name" "$tree/updates";;
		*)
			is_for_systemd "$name" || continue
			add_test_module "$name" "$tree/updates";;
		esac || return
	done
	depmod -b "$systemd" "$KVER" &&
		"$BUILDDIR/tools/klpdep" depmod -b "$systemd" "$KVER" &&
		pack "$systemd" "$WORK/systemd.cpio"
}
