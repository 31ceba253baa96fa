#!/bin/sh
# more ways with hooks: aliases, dependencies, removal, the kernel's own request
# by its name: it takes two minutes

. /live/ways.sh

form hooks
more_removals zram
way -r-first-time '' 'modprobe -r --first-time zram'
way alias '' 'modprobe klptest:v0001d0042'
way alias-R '' 'modprobe -R klptest:v0001d0042'
way dependency '' 'modprobe kvm_amd'
way dependency-i '' 'modprobe -i kvm_amd'
way dependency-r 'modprobe kvm_amd' 'modprobe -r kvm_amd'
way dependency-in-use 'modprobe kvm_amd' 'modprobe -r kvm'
way dependency-holders 'modprobe kvm_amd' 'modprobe -r --remove-holders kvm'
way several-a '' 'modprobe -a zram kvm_amd klptest_init ext4'
way several-r 'modprobe -a zram kvm_amd klptest_init' 'modprobe -r zram kvm_amd klptest_init'
way parameter '' 'modprobe zram num_devices=3 && ls -d /dev/zram*'
way unknown '' 'modprobe nothing_such'
way request_module '' 'mkdir -p /tmp/b; mount -t binfmt_misc b /tmp/b; umount /tmp/b'
way dump-modversions '' "modprobe --dump-modversions $(module_file zram) | head -n 3"
all_the_same
passed
