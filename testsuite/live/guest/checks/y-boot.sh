#!/bin/sh
# booted by systemd: what udev, the initrd and modules-load.d bring in is patched
# append: LIVE_SYSTEMD=1

. /live/systemd/lib.sh

# Out of the initrd.
cat /live/status
expect_value "klptest_initrd in the initrd" "klptest_initrd klp_initrd unpatched not loaded" \
	sh -c 'grep "^klptest_initrd " /live/status | tr -s " "'
expect_value "status --check in the initrd" 1 tail -n 1 /live/status
wait_for_patches 23 170 || fail "not all was patched in time"

# The NIC, and its patch before it, unless there was no place to wait for that.
expect_patched klp_e1000e e1000e
if ! journalctl -b -o cat -t klpdep | grep -q 'patch klp_e1000e .*it is left to klpdep sync'; then
	expect_order klp_e1000e e1000e
	patch=$(logged_at tail "'klp_e1000e': patching complete")
	driver=$(logged_at head ' e1000e: Intel')
	echo "klp_e1000e settled at $patch ms, e1000e began at $driver ms"
	[ "$patch" -lt "$driver" ] || fail "e1000e ran before its patch was settled"
fi
interface=$(ls /sys/bus/pci/drivers/e1000e/*/net)
expect_value "$interface" 4711 cat "/sys/class/net/$interface/statistics/rx_packets"

cd /sys/module || fail "no /sys/module"
expect_init_said klptest_listed patched
expect_value "targets patched" 23 sh -c "cat $LIVEPATCH/*/*/patched | grep -c 1"

# Those that could not wait ran unpatched until klpdep sync came to them.
said=$(journalctl -b -o cat -t klpdep)
left=$(echo "$said" | grep -c '^patch-failed: .*; it is left to klpdep sync')
unsettled=$(echo "$said" | grep -c '^unsettled: ')
unpatched=$(cat klptest_cold*/parameters/init_says | grep -vc '^patched$')
[ "$unpatched" -le $((left + unsettled)) ] || fail "$unpatched targets ran unpatched," \
	"and $left and $unsettled of it are in the log"

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

# What node_exporter reads, written within the bounds of its unit.
textfiles=/var/lib/prometheus/node-exporter
mkdir -p $textfiles
expect_status 0 systemctl start klpdep-metrics.service
expect_value "mode of klpdep.prom" 644 stat -c %a $textfiles/klpdep.prom
expect_value "klpdep.prom" "klpdep_patched 1" grep '^klpdep_patched ' $textfiles/klpdep.prom
expect_value "complaints of klpdep-metrics.service" "" sh -c \
	'journalctl -b -o cat _SYSTEMD_UNIT=klpdep-metrics.service'

expect_property klpdep-late.path ActiveState active
expect_value "failed units" "" systemctl list-units --failed --no-legend --plain
expect_value "complaints about the rule" "" sh -c \
	'journalctl -b -o cat | grep -i 90-klpdep.rules'

# How long it took.  Modules without a patch wait for nobody's transition.
coldplug=$(coldplug_at)
others=$(logged_at tail 'klptest_other[0-9]+: init says')
# That of modules-load.d is over before udev has come to any of its own.
first=$(logged_at head "'klp_(cold..|e1000e)': starting patching transition")
cold=$(logged_at tail "'klp_(cold..|e1000e)': patching complete")
sum=$(dmesg | sed '1,/live: coldplug$/d' | sed "s/[]['\[]//g" | awk '
	!/klp_(cold|e1000e)/ { next }
	/starting patching transition/ { start[$3] = $1 }
	/patching complete/ && start[$3] { sum += $1 - start[$3] }
	END { printf "%d", sum * 1000 }')
figure "coldplug to the last of 5 modules without a patch: $((others - coldplug)) ms"
figure "coldplug to the last of 21 patched targets: $((cold - coldplug)) ms," \
	"all transitions $sum ms, first to last $((cold - first)) ms:" \
	"$(((cold - first) * 100 / sum)) % (130)"
# How many transitions of targets were over when $1 was logged.
over_before() {
	dmesg | sed '1,/live: coldplug$/d' | sed -E "/$1/,\$d" |
		grep -cE "'klp_(cold..|e1000e)': patching complete"
}
over=$(over_before 'klptest_other05: init says')
meanwhile=$(($(over_before 'renamed from eth0') - $(over_before 'e1000e.*Network Connection')))
# From a target's init to the end of its patch's transition, the longest.
longest=$(dmesg | sed -E "s/^\[ *([0-9.]+)\] /\1 /; s/'klp_|'//g" | awk '
	/klptest_cold..: init says original/ { start[substr($2, 9, 6)] = $1 }
	/patching complete/ && start[substr($3, 1, 6)] { t = $1 - start[substr($3, 1, 6)]
		if (t > max) max = t }
	END { printf "%d", max * 1000 }')
figure "of 20 targets, $unpatched ran their init unpatched, and for $longest ms at most; left to" \
	"klpdep sync: $left, not settled: $unsettled"
figure "transitions over by the last module without a patch:" \
	"$over; between e1000e's interface and its rename by udev: $meanwhile," \
	"$(($(logged_at tail 'renamed from eth0') - $(logged_at head 'e1000e.*Network Connection'))) ms"
# On a machine that others keep busy, udev takes as long over a device as a transition takes: that
# nobody waits for others' is what y-stall shows, and ../../boots for how long.
[ "$over" -lt 20 ] || fail "modules without a patch have waited for all transitions"
[ "$meanwhile" -lt 20 ] || fail "a device has waited for all transitions"
# 1.3 times the transitions is what an idle machine is to stay below; this one may be busy.  Since
# Linux 7 transitions are short, and udev takes longer.
[ $((cold - first)) -le $((sum * 2)) ] || [ $((cold - others)) -le $((sum * 2)) ] ||
	fail "it took longer than twice the transitions"
expect_check 0
passed
