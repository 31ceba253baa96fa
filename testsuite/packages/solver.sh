# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What dnf and zypper make of the dependencies of docs/packaging-patches.md, from a repository with
# the package of livepatches that was built, and with empty ones.  What is installed is in
# roots of its own.

# empty NAME VERSION [TAGS]: a package without files, into the repository
empty() {
	printf '%s\n' "Name: $1" "Version: $2" "Release: 1" "Summary: a test" "License: none" \
		"BuildArch: noarch" "${3-}" "%description" "A test." "%files" >"$1.spec"
	rpmbuild -bb --quiet -D "_topdir $PWD/rpmbuild" -D "_rpmdir $PWD/repository" \
		-D "_rpmfilename %%{NAME}-%%{VERSION}.rpm" "$1.spec"
}

publish() { createrepo_c -q repository; }

# dnf_ ROOT ARGUMENT...: the repository may have changed in this very second
dnf_() {
	local root=$PWD/root-dnf-$1
	mkdir -p "$root"
	printf '%s\n' '[main]' gpgcheck=0 plugins=0 reposdir=/nowhere "cachedir=$root/cache" \
		'installonlypkgs=installonlypkg(kernel-module)' \
		'[test]' "baseurl=file://$PWD/repository" >"$root/dnf.conf"
	dnf -q -y --refresh -c "$root/dnf.conf" --installroot="$root" --releasever=1 --forcearch=x86_64 \
		"${@:2}"
}

# zypper_ ROOT ARGUMENT...
zypper_() {
	local root=$PWD/root-zypper-$1
	[ -e "$root" ] || zypper -q --root "$root" addrepo -f -G "file://$PWD/repository" test
	zypper -q -n --no-gpg-checks --root "$root" refresh -f
	zypper -q -n --no-gpg-checks --root "$root" "${@:2}"
}

# is_there SOLVER ROOT COMMAND...: what is installed then, in a line
is_there() {
	"$1_" "${@:2}" >/log 2>&1 || cat /log
	rpm --root "$PWD/root-$1-$2" -qa --qf '%{NAME}-%{VERSION}\n' | sort | paste -sd ' '
}

# solver dnf|zypper FILE: the package of livepatches of docs/packaging-patches.md, as it was built
solver() {
	local solver=$1 kernel=kernel-modules-core fix no_weak upgrade=upgrade left=""
	fix=$(rpm -qp --qf '%{NAME}' "$2")
	type -P "$solver" createrepo_c >/dev/null || {
		echo "skipped $solver: there is no $solver, or no createrepo_c"
		return
	}
	case $solver in
	dnf) no_weak=--setopt=install_weak_deps=False ;;
	zypper) no_weak=--no-recommends upgrade=update left="$fix-7 klpdep-1" ;;
	esac
	rm -rf repository
	mkdir repository
	empty klpdep 1
	for version in 6.11.3 6.11.4; do
		empty $kernel $version "Provides: installonlypkg(kernel-module)"
	done
	publish
	prints "$solver-kernel" is_there "$solver" early install $kernel-6.11.4 <<-EOT
		$kernel-6.11.4
	EOT
	cp "$2" repository
	empty klp-fix 7 "Requires: ($fix if $kernel = 6.11.4-1)"
	publish
	prints "$solver-with-its-kernel" is_there "$solver" weak install $kernel-6.11.4 <<-EOT
		$kernel-6.11.4 $fix-7 klpdep-1
	EOT
	prints "$solver-with-no-other" is_there "$solver" other install $kernel-6.11.3 <<-EOT
		$kernel-6.11.3
	EOT
	prints "$solver-no-weak" is_there "$solver" strong install $no_weak $kernel-6.11.4 <<-EOT
		$kernel-6.11.4
	EOT
	prints "$solver-pulls-nothing-in" is_there "$solver" alone install 'klp(zram)' <<-EOT
		$fix-7 klpdep-1
	EOT
	# The kernel was there before; what requires the livepatches brings them.
	prints "$solver-later" is_there "$solver" early $upgrade <<-EOT
		$kernel-6.11.4
	EOT
	prints "$solver-required" is_there "$solver" early install klp-fix <<-EOT
		$kernel-6.11.4 $fix-7 klp-fix-7 klpdep-1
	EOT
	empty "$fix" 8 "Supplements: $kernel = 6.11.4-1"
	publish
	prints "$solver-upgrade" is_there "$solver" early $upgrade <<-EOT
		$kernel-6.11.4 $fix-8 klp-fix-7 klpdep-1
	EOT
	prints "$solver-kernel-removed" is_there "$solver" weak remove $kernel <<-EOT
		$left
	EOT
}
