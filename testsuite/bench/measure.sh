# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Timing commands side by side, and the two tables.  Used by run, which sets $work and
# $rounds.

# In microseconds, and in KiB: by the name of what was measured.
declare -A wall cpu memory
declare -A measure_command measure_prepare
measure_names=()

# watch NAME PREPARE COMMAND: have the next "measure" time a command; neither goes through
# a shell.  PREPARE is run before each time.
watch() {
	measure_names+=("$1")
	measure_prepare[$1]=${2:-true}
	measure_command[$1]=$3
}

# measure TIMES: time what is watched, by turns, so that what else goes on in the machine
# falls on all of it.  A round is TIMES runs of each; of a round its median counts, and
# of the rounds their median.
measure() {
	local times=$1 round name

	[ -z "$smoke" ] || times=1
	for name in "${measure_names[@]}"; do
		: >"$work/times.$name"
		peak_memory "$name" || return
	done
	for ((round = 0; round < rounds; round++)); do
		for name in "${measure_names[@]}"; do
			# peak_memory has warmed the caches
			quiet hyperfine -N --style none --runs "$times" -n it \
				--prepare "${measure_prepare[$name]}" \
				--export-csv "$work/round.csv" \
				"${measure_command[$name]}" || return
			tail -n 1 "$work/round.csv" >>"$work/times.$name"
		done
	done
	for name in "${measure_names[@]}"; do
		# command,mean,stddev,median,user,system,min,max
		wall[$name]=$(median 4 "$work/times.$name")
		cpu[$name]=$(median '5 + $6' "$work/times.$name")
	done
	measure_names=()
}

# Run a command, whose output is of interest where it fails.
quiet() {
	"$@" >"$work/quiet.log" 2>&1 && return
	cat "$work/quiet.log" >&2
	echo "run: failed: $*" >&2
	return 1
}

# median FIELD FILE: of seconds, in microseconds.
median() {
	awk -F, "{ printf \"%.0f\\n\", 1e6 * (\$$1) }" "$2" | sort -n | awk '
		{ v[NR] = $1 }
		END { printf "%.0f\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

peak_memory() {
	local words

	read -r -a words <<<"${measure_prepare[$1]}"
	quiet "${words[@]}" || return
	read -r -a words <<<"${measure_command[$1]}"
	quiet /usr/bin/time -o "$work/memory" -f %M "${words[@]}" || return
	memory[$1]=$(cat "$work/memory")
}

# ---- the tables ----------------------------------------------------------------------

number() {
	awk -v "n=$1" -v "d=$2" -v "digits=$3" 'BEGIN { printf "%.*f", digits, n / d }'
}

# show TITLE NAME...: a table of times.
show() {
	local name format='%-44s %10s %10s %10s\n'

	# shellcheck disable=SC2059
	printf "\n$format" "$1" 'wall ms' 'CPU ms' 'peak MiB'
	shift
	for name; do
		[ -n "${wall[$name]-}" ] || continue
		# shellcheck disable=SC2059
		printf "$format" "${name#*.}" "$(number "${wall[$name]}" 1000 1)" \
			"$(number "${cpu[$name]}" 1000 1)" \
			"$(number "${memory[$name]}" 1024 1)"
	done
}

rows=() over=0

# row WHAT MEASURED BAR [CPU]: a row of the table of bars, which is printed at the end;
# BAR "-": there is none.  CPU: as MEASURED, which is of wall clock time, of processor
# time.
row() {
	local verdict

	if [ "$3" = - ]; then
		verdict=-
	elif awk -v "a=$2" -v "b=$3" 'BEGIN { exit !(a <= b) }'; then
		verdict=ok
	else
		verdict=over
		over=$((over + 1))
	fi
	rows+=("$(printf '%-66s %8s %8s %8s %s' "$1" "$2" "${4-}" "$3" "$verdict")")
}

# row_ratio WHAT NAME NAME BAR DIGITS: how many times as long the one takes as the other.
row_ratio() {
	row "$1" "$(number "${wall[$2]}" "${wall[$3]}" "$5")" "$4" \
		"$(number "${cpu[$2]}" "${cpu[$3]}" "$5")"
}

# A row that could not be measured.
row_missing() {
	rows+=("$(printf '%-66s skipped: %s' "$1" "$2")")
	missing=$((missing + 1))
}
missing=0

show_rows() {
	printf '\n%-66s %8s %8s %8s\n' what measured 'by CPU' bar
	printf '%s\n' "${rows[@]}"
}
