# shellcheck shell=bash
#
# A minimal Debian root with systemd and udev, for the guests that boot with systemd.
#
# Sets DEBIAN_ROOT, an archive that the kernel unpacks before the userland's.

# debian_sources [RELEASE]: of the release of Debian that this machine is, from wherever its
# apt is told to get it; or of another one, from the same place.
debian_sources() {
	local codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	# shellcheck disable=SC2016 # $(...) is for apt
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' |
		if [ $# = 0 ]; then cat; else sed -n "s/ $codename / $1 /p"; fi
}

# What a guest has no use for.  hwdb.d is only read to make a binary of it.
EXCLUDE=(/usr/share/{doc,info,locale,man,perl,perl5,zoneinfo}/'*' /usr/lib/udev/hwdb.d/'*'
	/lib/udev/hwdb.d/'*' /usr/lib/x86_64-linux-gnu/{gconv,perl,perl-base}/'*')

# The packages are unpacked and not configured: that takes no chroot, and systemd makes by
# itself what it needs.
make_debian_root() {
	local codename=$1 dir=$LIVEDIR/debian
	rm -rf "$dir"
	mkdir -p "$dir"
	debian_sources | mmdebstrap --quiet --variant=extract \
		--include=base-files,base-passwd,dash,kmod,systemd-sysv,udev \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		"${EXCLUDE[@]/#/--dpkgopt=path-exclude=}" "$codename" - - |
		tar -x --no-same-owner --exclude='./dev/*' -C "$dir" || return
	cp "$dir/usr/share/base-passwd/passwd.master" "$dir/etc/passwd" &&
		cp "$dir/usr/share/base-passwd/group.master" "$dir/etc/group" &&
		rm -rf "$dir"/var/{cache,lib}/apt "$dir/var/lib/dpkg" &&
		(cd "$dir" && find . | cpio --quiet -o -H newc -R 0:0) >"$DEBIAN_ROOT.new" &&
		mv "$DEBIAN_ROOT.new" "$DEBIAN_ROOT" &&
		rm -rf "$dir"
}

make_debian_root_once() {
	[ -e "$DEBIAN_ROOT" ] && return
	if ! command -v mmdebstrap >/dev/null; then
		echo "mmdebstrap is not installed"
		return 1
	elif [ -z "$(debian_sources)" ]; then
		echo "apt knows of no Debian packages"
		return 1
	fi
	make_debian_root "$1"
}

# In the background: $LIVEDIR/debian.status is there when it is done.
prepare_debian_root() {
	local codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	DEBIAN_ROOT=$CACHE/debian-$codename.cpio
	rm -f "$LIVEDIR/debian.status"
	{
		make_debian_root_once "$codename" >"$LIVEDIR/debian.log" 2>&1
		echo $? >"$LIVEDIR/debian.status"
	} &
}
