# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the scenarios share: contents of packages, and steps that are compared with what is
# to be seen after them.  They are run in /files, which has the packages and mkmodule.

# ---- packages that are not klpdep's

# module KERNEL FILE STATEMENT...: into pkg, which is the package that is being made
module() {
	local file=$PWD/pkg/lib/modules/$1/$2 name
	shift
	name=$(basename "$1" .ko)
	shift
	mkdir -p "$(dirname "$file")"
	printf '%s\n' "name $name" "$@" | ./mkmodule -o "$file" -
}

# livepatch KERNEL FILE OBJECT STATEMENT...
livepatch() {
	module "$1" "$2" "livepatch klp-patch" "object $3" "func f 0" "${@:4}"
}

# kernel_files KERNEL: module b, which needs a
kernel_files() {
	module "$1" kernel/a.ko "export a_symbol" "local f" \
		"modinfo version=1" "modinfo srcversion=KERNEL"
	module "$1" kernel/b.ko "import a_symbol" "modinfo depends=a" "local f"
	touch "pkg/lib/modules/$1/modules.order" "pkg/lib/modules/$1/modules.builtin"
	mkdir -p "pkg/usr/src/headers-$1/include"
	ln -s "/usr/src/headers-$1" "pkg/lib/modules/$1/build"
}

# real_kernel_files KERNEL: zram of a real kernel and what it needs, and headers to build with.
real_kernel_files() {
	local tree=pkg/lib/modules/$1 real=$KDIR/lib/modules/$KVER file
	mkdir -p "$tree"
	cp "$real"/modules.{order,builtin,builtin.modinfo} "$tree" || exit 1
	for file in $(sed -n '/\/zram\.ko[^:]*:/{s/://;p}' "$real/modules.dep"); do
		install -D -m 644 "$real/$file" "$tree/$file" || exit 1
	done
	ln -s "$KSRC" "$tree/build"
}

# patches_files 1|2: of two versions of a package with livepatches
patches_files() {
	case $1 in
	1)
		livepatch 6.1.0-1 updates/klp_a_1.ko a ;;
	2)
		livepatch 6.1.0-1 updates/klp_a_2.ko a \
			"modinfo klp_target_srcversion=a:KERNEL"
		livepatch 6.1.0-1 updates/klp_b.ko b
		livepatch 6.1.0-2 updates/klp_a_2.ko a ;;
	esac
}

# The sources of a DKMS package: a livepatch of b, and another a, which dkms takes for
# newer by its version.  It asks for headers of the kernel, and runs whatever it is told
# to.
dkms_files() {
	local dir=pkg/usr/src/test-1
	mkdir -p $dir
	cat >$dir/build <<-'EOT'
		#!/bin/sh -e
		printf '%s\n' "name klp_dkms" "livepatch klp-patch" "object b" "func g 0" |
			/files/mkmodule -o klp_dkms.ko -
		printf '%s\n' "name a" "export a_symbol" "local f" \
			"modinfo version=2" "modinfo srcversion=DKMS" |
			/files/mkmodule -o a.ko -
	EOT
	chmod 755 $dir/build
	cat >$dir/dkms.conf <<-'EOT'
		PACKAGE_NAME=test
		PACKAGE_VERSION=1
		MAKE[0]="./build"
		CLEAN="rm -f *.ko"
		BUILT_MODULE_NAME[0]=klp_dkms
		DEST_MODULE_LOCATION[0]=/updates/dkms
		BUILT_MODULE_NAME[1]=a
		DEST_MODULE_LOCATION[1]=/updates/dkms
		AUTOINSTALL=yes
	EOT
}

# document_files: what the document has, into the directory document.
document_files() {
	mkdir -p document/debian/source
	awk '/^<!-- file / { file = "document/" $3; next }
		/^```/ && file { if (inside) { close(file); file = "" } inside = !inside; next }
		inside { print >file }' packaging-patches.md
	chmod 755 document/debian/rules
	# with what the modules are signed
	openssl req -new -x509 -newkey rsa:2048 -nodes -batch -subj /CN=klpdep-test -days 2 \
		-outform DER -out key.der -keyout key.pem 2>/dev/null
}

# block_files: an administrator's way of keeping a from being loaded
block_files() {
	mkdir -p pkg/etc/modprobe.d
	echo 'install a /bin/false' >pkg/etc/modprobe.d/block.conf
}

# ---- the machine

# Take away what would take part in a scenario beside klpdep, dpkg, rpm and dkms: the triggers
# of other packages, what the configuration of dpkg and dkms adds, that of depmod, modprobe
# and klpdep, and the machine's own kernels and their hooks.
machine() {
	dpkg --purge klpdep libklpdep-dev libklpdep1 >/dev/null 2>&1
	rm -rf /lib/modules/* /usr/src/* /var/lib/dkms/* /var/cache/klpdep
	rm -f /var/lib/dpkg/triggers/* /var/lib/dpkg/info/*.triggers
	rm -rf /etc/dpkg/dpkg.cfg{,.d} /etc/dkms/framework.conf{,.d}
	rm -rf /{etc,run,usr/local/lib,usr/lib}/{depmod,modprobe,klpdep}.d/*
	# Of the kernels' hooks, dkms' own is there.
	find /etc/kernel ! -type d ! -path /etc/kernel/postinst.d/dkms -delete
	mkdir -p /lib/modules
	# What makes an initrd says what it finds.
	initrd_stub /usr/sbin/update-initramfs update-initramfs "\$3"
	initrd_stub /usr/bin/dracut dracut "\$4"
}

# initrd_stub FILE NAME KERNEL
initrd_stub() {
	# not through a link, into what it leads to
	rm -f "$1"
	cat >"$1" <<-EOT
		#!/bin/sh
		index=/lib/modules/$3/modules.klpdep
		if [ -e "\$index" ]; then
			echo "$2 \$*: \$(grep -c '^patch ' "\$index")"
		else
			echo "$2 \$*: no index"
		fi >>/initrds
	EOT
	chmod 755 "$1"
}

# ---- steps

# What there is of klpdep's, and what of initrds was made meanwhile.
seen() {
	local index file
	cat /initrds 2>/dev/null
	rm -f /initrds
	for index in /lib/modules/*/modules.klpdep; do
		[ -e "$index" ] && echo "${index#/lib/modules/}:" \
			"$(sed -n 's/^patch \([^ ]*\).*/\1/p' "$index" | paste -sd ' ')"
	done
	grep -h '^install ' /lib/modprobe.d/*klpdep* 2>/dev/null | cut -d ' ' -f 1,2 |
		sed 's/klpdep_before_//'
	# what depmod has been run for, of kernels that are not removed
	for index in /lib/modules/*/kernel; do
		index=${index%/kernel}
		[ ! -d "$index/kernel" ] || sed 's/:.*//' "$index/modules.dep" |
			while read -r file; do
				[ -e "$index/$file" ] || echo "modules.dep has $file, which is not there"
			done
	done
	find /lib/modules -mindepth 1 -maxdepth 1 -printf 'kernel %f\n' 2>/dev/null | sort
}

# step WHAT COMMAND..., with what is to be seen afterwards on standard input
step() {
	local what=$1
	shift
	if ! "$@" >/log 2>&1; then
		cat /log
		echo "not ok $what: exit status of $*"
	elif diff -u - <(seen) >/diff; then
		echo "ok $what"
	else
		cat /log /diff
		echo "not ok $what"
	fi
}

# prints WHAT COMMAND...: what that prints is on standard input.
prints() {
	local what=$1
	shift
	if diff -u - <("$@" 2>&1) >/diff; then
		echo "ok $what"
	else
		cat /diff
		echo "not ok $what"
	fi
}

# The machine was under guard of klpdep.d(5), and node_exporter read metrics.
traces() {
	mkdir -p /var/lib/klpdep/guard /var/lib/prometheus/node-exporter
	echo m1 b0 >/var/lib/klpdep/guard/lasting
	echo >/var/lib/prometheus/node-exporter/klpdep.prom
}

# The end: /upper is what is different from the machine; what was deleted is a device
# there.  What is in /run lasts no longer than the machine runs.
nothing_left() {
	local left
	left=$(find /upper \( -path /upper/files -o -path /upper/run \) -prune -o -name '*klpdep*' ! -type c -print)
	if [ -z "$left" ]; then
		echo "ok nothing-left"
	else
		echo "$left"
		echo "not ok nothing-left"
	fi
	echo end
}
