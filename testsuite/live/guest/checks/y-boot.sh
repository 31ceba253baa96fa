#!/bin/sh
# booted by systemd: what udev, the initrd and modules-load.d bring in is patched
# append: LIVE_SYSTEMD=1

. /live/systemd/lib.sh

wait_for_patches 23 170 || fail "not all was patched in time"

# The NIC, and its patch before it.
expect_patched klp_e1000e e1000e
expect_order klp_e1000e e1000e
patch=$(logged_at tail "'klp_e1000e': patching complete")
driver=$(logged_at head ' e1000e: Intel')
echo "klp_e1000e settled at $patch ms, e1000e began at $driver ms"
[ "$patch" -lt "$driver" ] || fail "e1000e ran before its patch was settled"
interface=$(ls /sys/bus/pci/drivers/e1000e/*/net)
expect_value "$interface" 4711 cat "/sys/class/net/$interface/statistics/rx_packets"

cd /sys/module || fail "no /sys/module"
expect_value "targets patched in their init" 21 sh -c \
	'cat klptest_cold*/parameters/init_says klptest_listed/parameters/init_says |
		grep -c ^patched$'
expect_value "targets patched" 23 sh -c "cat $LIVEPATCH/*/*/patched | grep -c 1"

# What the initrd has loaded is patched by klpdep.service, before the network.
wait_for_end klpdep.service 60
wait_for_end live-network.service 10
expect_property klpdep.service Result success
expect_patched klp_initrd klptest_initrd
expect_init_said klptest_initrd original
expect_says klptest_initrd patched
service=$(unit_time klpdep.service ActiveEnterTimestamp)
network=$(unit_time live-network.service InactiveExitTimestamp)
[ "$service" -lt "$network" ] || fail "the network did not wait for klpdep.service"

expect_property klpdep-late.path ActiveState active
expect_value "failed units" "" systemctl list-units --failed --no-legend --plain
expect_value "complaints about the rule" "" sh -c \
	'journalctl -b -o cat | grep -i 90-klpdep.rules'

# How long it took.  Modules without a patch wait for nobody's transition.
coldplug=$(coldplug_at)
bare=$(logged_at tail 'klptest_bare[0-9]+: init says')
# That of modules-load.d is over before udev has come to any of its own.
first=$(logged_at head "'klp_(cold..|e1000e)': starting patching transition")
cold=$(logged_at tail "'klp_(cold..|e1000e)': patching complete")
sum=$(dmesg | sed '1,/live: coldplug$/d' | sed "s/[]['\[]//g" | awk '
	!/klp_(cold|e1000e)/ { next }
	/starting patching transition/ { start[$3] = $1 }
	/patching complete/ && start[$3] { sum += $1 - start[$3] }
	END { printf "%d", sum * 1000 }')
figure "coldplug to the last of 5 modules without a patch: $((bare - coldplug)) ms"
figure "coldplug to the last of 21 patched targets: $((cold - coldplug)) ms," \
	"all transitions $sum ms, first to last $((cold - first)) ms"
done=$(dmesg | sed '1,/live: coldplug$/d' | tac | sed '1,/klptest_bare..: init says/d' |
	grep -c "'klp_cold..': patching complete")
figure "e1000e's interface to its rename by udev:" \
	"$(($(logged_at tail 'renamed from eth0') - $(logged_at head 'e1000e.*Network Connection'))) ms"
figure "transitions of targets that were over by then: $done"
[ "$done" -le 2 ] || fail "modules without a patch have waited for transitions"
[ $(((cold - first) * 10)) -le $((sum * 13)) ] ||
	fail "it took longer than 1.3 times the transitions"
passed
