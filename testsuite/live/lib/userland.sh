# shellcheck shell=bash
#
# The guest's userland, the same for every kernel: the machine's own kmod, dash,
# coreutils and so on, klpdep where `make install` puts it, and the checks.
#
# Needs $LIVEDIR, $SRCDIR and $BUILDDIR; makes $LIVEDIR/userland.cpio.

# busybox is not used: some of its programs run others that are built into it, and
# modprobe is among them.
PROGRAMS="awk cat chmod cksum cmp cp cut dash date diff dmesg env find grep head kmod ln ls mkdir
	mknod mount mv od readlink rm sed seq setsid sleep sort stat strace tac tail tee timeout touch tr
	umount uname wc xargs xzcat"

# Print the paths of the libraries and of the loader that program $1 needs.
libraries() {
	ldd "$1" 2>/dev/null | sed -nE 's/^.* => (\/[^ ]+) .*/\1/p; s/^\s*(\/[^ ]+) .*/\1/p'
}

# Copy files to their own paths below $ROOT; what is there already stays.
add_files() {
	local file
	for file in "$@"; do
		case $file in "$ROOT"/*) continue;; esac
		mkdir -p "$ROOT$(dirname "$file")"
		[ -e "$ROOT$file" ] || cp -L "$file" "$ROOT$file" || return
	done
}

# Copy program $1 from this machine, with its libraries.
add_program() {
	local path
	path=$(command -v "$1") || { echo "$1 is not installed"; return 1; }
	# shellcheck disable=SC2046 # paths of libraries have no spaces
	add_files "$path" $(libraries "$path")
}

add_base() {
	local name
	mkdir -p "$ROOT"/{dev,proc,sys,run,tmp,etc,var/cache,live,usr/bin,usr/sbin,usr/lib,usr/lib64}
	for name in bin sbin lib lib64; do
		ln -s "usr/$name" "$ROOT/$name"
	done
	for name in $PROGRAMS; do
		add_program "$name" || return
	done
	ln -s dash "$ROOT/usr/bin/sh"
	for name in modprobe depmod insmod rmmod lsmod modinfo; do
		ln -s "$(command -v kmod)" "$ROOT/usr/sbin/$name"
	done
	for name in kill-at kvm-create-vm sample; do
		gcc -static -Wall -Wextra -O1 -o "$ROOT/live/$name" \
			"$SRCDIR/guest/$name.c" || return
	done
}

# klpdep's directories are configure options.
make_variable() {
	# shellcheck disable=SC2016 # $(VARIABLE) is for make
	printf 'include Makefile\nprint-it:\n\t@echo $(%s)\n' "$1" |
		make -s --no-print-directory -C "$BUILDDIR" -f - print-it
}

add_klpdep() {
	local file libdir
	if ! make -C "$BUILDDIR" install DESTDIR="$ROOT" >"$LIVEDIR/install.log" 2>&1; then
		tail -n 20 "$LIVEDIR/install.log"
		return 1
	fi
	libdir=$(make_variable libdir)
	while read -r file; do
		# shellcheck disable=SC2046
		add_files $(export LD_LIBRARY_PATH="$ROOT$libdir"; libraries "$file")
	done < <(find "$ROOT" -type f -name '*klpdep*' \( -name '*.so*' -o -perm -u+x \))
	{
		echo "$libdir"
		echo /usr/lib/x86_64-linux-gnu
	} >"$ROOT/etc/ld.so.conf"
	/sbin/ldconfig -r "$ROOT"
	{
		echo "PATH=$(make_variable bindir):/usr/sbin:/usr/bin"
		echo "CONFIGURATION=$(make_variable configdir)/klpdep.d"
	} >"$ROOT/live/environment"
}

build_userland() {
	ROOT=$LIVEDIR/userland
	rm -rf "$ROOT"
	mkdir -p "$ROOT"
	add_base || return
	if [ -n "$BUILDDIR" ]; then
		add_klpdep || return
	fi
	cp -r --no-preserve=mode "$SRCDIR"/guest/. "$ROOT/live"
	chmod +x "$ROOT"/live/{init,prepare} "$ROOT"/live/systemd/{init,run,shutdown}
	ln -s live/init "$ROOT/init"
	pack "$ROOT" "$LIVEDIR/userland.cpio"
}

# Pack directory $1 into archive $2.  The kernel reads one archive after the other, so
# that each kernel's modules are an archive of their own.
pack() {
	(cd "$1" && find . | cpio --quiet -o -H newc) >"$2"
}
