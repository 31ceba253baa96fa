#!/bin/sh
# a set's life: three releases, with imports: in order, and never newer than required
# on one kernel: it is about what the helper does

. /live/lib.sh
. /live/releases.sh

VERSION=/proc/version
RED=/sys/module/klptest_red/parameters/says
GREEN=/sys/module/klptest_green/parameters/says

# green requires what red has, and red what vmlinux has: those are read later, and so are of the
# same release or of a later one.
start_watching() {
	start_sampling $GREEN $RED $VERSION
}

# COUNT GREEN 0; RED 0; VMLINUX
newer_than_required() {
	awk '$2 > $4 || $4 > $6' /tmp/samples
}

stop_watching() {
	stop_sampling
	expect_never_unpatched
	expect_value "samples that are newer than what they require" "" newer_than_required
}

# That would be seen.
echo "1 2 0; 1 0; 1" >/tmp/samples
[ "$(newer_than_required)" ] || fail "what is newer than required is not seen"

one_processor
own_tree
for color in red green gray; do
	insert klptest_$color
done
packages +klp_life1__vmlinux +klp_life1__red +klp_life1__green +klp_life1__gray \
	+klp_life1__teal
mark_log
expect_status 0 klpdep sync
expect_value "order" "+life1__gray +life1__vmlinux +life1__red +life1__green" transitions
expect_answers "vmlinux 1 0; red 1 0; green 1 0; gray 1 0"

# An object more, and one less, which keeps what it has.  blue comes before there was a sync.
start_watching
packages +klp_life2__vmlinux +klp_life2__red +klp_life2__green +klp_life2__blue \
	+klp_life2__teal
mark_log
expect_status 0 modprobe klptest_blue
expect_value "order" "+life2__vmlinux +life2__blue" transitions
expect_answers "vmlinux 2 0; red 1 0; green 1 0; blue 2 0; gray 1 0" 1
mark_log
expect_status 0 klpdep sync
expect_value "order" "+life2__red +life2__green -life1__green -life1__red -life1__vmlinux" \
	transitions
expect_answers "vmlinux 2 0; red 2 0; green 2 0; blue 2 0; gray 1 0"
stop_watching

# Modules come and go; green's patch needs that of red, which has gone.
mark_log
expect_status 0 modprobe -r klptest_green
expect_status 0 modprobe -r klptest_red
expect_value "order" "-life2__green -life2__red" transitions
mark_log
expect_status 0 modprobe klptest_green
expect_value "order" "+life2__red +life2__green" transitions
expect_status 0 modprobe klptest_red
expect_value "answers in its init" "2 0" cat /sys/module/klptest_red/parameters/init_says
expect_answers "vmlinux 2 0; red 2 0; green 2 0; blue 2 0; gray 1 0"

# A release with a masked patch, and one that does not fit: green stays with what it has.
start_watching
expect_status 0 klpdep mask klp_life3__blue
packages +klp_life3__vmlinux +klp_life3__red +klp_life3__green +klp_life3__blue \
	+klp_life3__teal
mark_log
expect_status 0 klpdep sync
expect_value "order" "+life3__vmlinux +life3__red" transitions
expect_answers "vmlinux 3 0; red 3 0; green 2 0; blue 2 0; gray 1 0" 1
stop_watching
mark_log
expect_status 0 modprobe -r klptest_green
expect_status 0 klpdep sync
expect_value "order" "-life2__green -life2__red" transitions
expect_answers "vmlinux 3 0; red 3 0; blue 2 0; gray 1 0"
# blue's patch still requires that of vmlinux.
expect_loaded klp_life2__vmlinux
mark_log
expect_status 0 modprobe -r klptest_blue
expect_status 0 klpdep sync
expect_value "order" "-life2__blue -life2__vmlinux" transitions
expect_answers "vmlinux 3 0; red 3 0; gray 1 0"
expect_nothing_to_do
expect_not_loaded klp_life1__teal klp_life2__teal klp_life3__teal klp_life3__blue
passed
