# shellcheck shell=sh
#
# What the checks q-* share: what modprobe does in some way, with klpdep's rules and without.

. /live/lib.sh

VERSION=$(uname -r)

# What rules are hidden from, modprobe does as if klpdep were not there.
hide_rules() {
	rules >/tmp/rules
	while read -r file; do mv "$file" "$file.hidden" || fail "$file stays"; done </tmp/rules
}

show_rules() {
	while read -r file; do mv "$file.hidden" "$file"; done </tmp/rules
}

# As clean does it, without its pauses: nothing is to be waited for where one processor is.
clean_up() {
	rounds=0
	while [ $((rounds += 1)) -le 10 ]; do
		grep -q . /proc/modules || return 0
		for patch in "$LIVEPATCH"/*/enabled; do
			[ ! -e "$patch" ] || echo 0 >"$patch"
		done 2>/dev/null
		# shellcheck disable=SC2046 # words
		rmmod $(cut -d ' ' -f 1 /proc/modules) 2>/dev/null
	done
	wait_for 30 sh /live/clean || fail "not clean after $way"
}

# look FILE: what $prepare and $command come to.
look() {
	sh -c "$prepare" >/tmp/prepared 2>&1
	start=$(now)
	sh -c "$command" >/tmp/out 2>&1
	echo "status $?" >"$1"
	took=$(($(now) - start))
	grep -vE "$hooks" /tmp/out >>"$1"
	hook_lines=$(grep -cE "$hooks" /tmp/out)
	cut -d ' ' -f 1 /proc/modules | sort >/tmp/modules
	echo "modules $(grep -v '^klp_' /tmp/modules | tr '\n' ' ')" >>"$1"
	patches=$(grep '^klp_' /tmp/modules | tr '\n' ' ')
}

# Lines of -v, -n and --show-depends; modprobe prints them with each command that it would run.
hooks='^(install|remove) if .*klpdep-modprobe (--(before|after|going|gone)|[a-z0-9_]+$)'

# Where the rule takes the target's place, it does so in what modprobe prints: lines of diff's.
in_its_place='^(< (insmod .*/zram\.ko|rmmod )|> (install|remove) if .*klpdep-modprobe (--remove )?zram;)'

# way NAME PREPARE COMMAND: the same twice.
way() {
	way=$1 prepare=$2 command=$3
	hide_rules
	look /tmp/stock
	stock_took=$took
	[ "$hook_lines" = 0 ] || fail "$way: hooks where there are no rules"
	clean_up
	show_rules
	look /tmp/ours
	clean_up
	figure "$form $way: $(tr '\n' ' ' </tmp/stock | cut -c 1-90)($stock_took cs)," \
		"with klpdep: $(cmp -s /tmp/stock /tmp/ours && echo the same || echo another)," \
		"$hook_lines lines for hooks, patches: ${patches:-none} ($took cs)"
	diff /tmp/stock /tmp/ours | grep '^[<>]' >/tmp/differences
	if grep -vE "$allowed" /tmp/differences >/tmp/others; then
		cat /tmp/others
		echo "FAILED $form $way"
		bad="$bad $form/$way"
	fi
}

# Which form of rules the ways are tried with, for the table.
form() {
	form=$1
	allowed='^$'
	[ "$form" != install ] || allowed=$in_its_place
}

all_the_same() {
	[ -z "$bad" ] || fail "others than without klpdep:$bad"
}

one_processor
bad=""

# ---- the ways; m is a module

ways() {
	m=$1
	way name '' "modprobe $m"
	[ "$form" = plain ] || [ -n "$patches" ] || fail "$m came without its patch"
	way -a '' "modprobe -a $m nothing_such"
	way -f '' "modprobe -f $m"
	way -i '' "modprobe -i $m"
	way -n-v '' "modprobe -n -v $m"
	way -v '' "modprobe -v $m"
	way -D '' "modprobe -D $m"
	way -S '' "modprobe -S $VERSION $m"
	way -C '' "modprobe -C /etc/modprobe.d $m"
	way --first-time '' "modprobe --first-time $m"
	way loaded-first-time "modprobe $m" "modprobe --first-time $m"
	way SIGCHLD-ignored '' "trap '' CHLD; modprobe $m"
	way -r "modprobe $m" "modprobe -r $m"
	way -r-v "modprobe $m" "modprobe -r -v $m"
	way -r-n-v "modprobe $m" "modprobe -r -n -v $m"
	way -r-absent '' "modprobe -r $m"
}

more_ways() {
	m=$1
	path=$(modprobe -C /dev/null -D "$m" | sed -n "s/^insmod \(.*\) $/\1/p" | tail -n 1)
	way path '' "modprobe $path"
	way force-vermagic '' "modprobe --force-vermagic $m"
	way -n '' "modprobe -n $m"
	way -q '' "modprobe -q $m"
	way -b '' "modprobe -b $m"
	way show-depends '' "modprobe --show-depends $m"
	way -S-other '' "modprobe -S 0.0.0 $m"
	way -d '' "modprobe -d / $m"
	way -d-other '' "modprobe -d /tmp $m"
	way -s '' "modprobe -s $m"
	way loaded "modprobe $m" "modprobe $m"
	way loaded-D "modprobe $m" "modprobe -D $m"
	way wrong-parameter '' "modprobe $m 'no_such_parameter=\$CMDLINE_OPTS'"
	way options-in-environment '' "MODPROBE_OPTIONS='-v -q' modprobe $m"
	way twice '' "modprobe $m & modprobe $m; wait \$!"
}

more_removals() {
	m=$1
	way -r-w "modprobe $m" "modprobe -r -w 500 $m"
	way -r-i "modprobe -i $m" "modprobe -r -i $m"
	way -r-f "modprobe $m" "modprobe -r -f $m"
	way remove-holders "modprobe $m" "modprobe -r --remove-holders $m"
}
