# shellcheck shell=sh
#
# The prediction table: what verify says of a patch, and what the kernel makes of it.
#
# predict CASE CODES TARGET-FIRST PATCH-FIRST, once for each patch
# /live/predict/klp_predict_CASE.ko, between predict_begin and predict_end.
#
# CODES are the errors of verify, joined by commas, and then:
#
#	-		none: the kernel must take the patch, and it must work
#	unreadable	verify takes the file for no proper livepatch
#
# The two others are what comes of loading the patch after its target, and before it:
#
#	works		the target, or the kernel, answers "patched"
#	unapplied	it is loaded and enabled, and nothing is patched
#	ERRNO		the kernel refuses the patch
#	target:ERRNO	the kernel refuses the target because of the patch
#
# The table is printed.  A row where verify, the kernel and the row do not all agree fails
# the check, when all have been tried.

predict_begin() {
	one_processor
	for module in klptest_predict klptest_predhelp; do
		cp "$(plain_file $module)" /tmp/$module.ko
	done
	expect_status 0 insmod /tmp/klptest_predhelp.ko
	rows=0
	disagree=
	: >/tmp/rows
}

# ---- verify

# verify STATUS CASE...: all in one call, since each call reads the whole tree.
verify() {
	status=$1
	shift
	[ $# != 0 ] || return
	for case in "$@"; do
		set -- "$@" "/live/predict/klp_predict_$case.ko"
		shift
	done
	expect_status "$status" klpdep verify --raw --noheadings -o severity,code,patch "$@"
	cat "$OUTPUT" >>/tmp/verify
}

# Those of which nothing is expected must leave the exit status alone, too.
verify_all() {
	: >/tmp/verify
	# shellcheck disable=SC2046 # names of cases
	verify 0 $(awk '$3 == "-" { print $2 }' /tmp/rows)
	# shellcheck disable=SC2046
	verify 1 $(awk '$3 != "-" && $3 != "unreadable" { print $2 }' \
		/tmp/rows)
	awk '$3 == "unreadable" { print $2 }' /tmp/rows >/tmp/unreadable
	while read -r case; do
		verify 1 "$case"
		grep -qE '^klpdep verify: .* has (no name|a name that is no string)$' "$OUTPUT" ||
			fail "verify does not say that $case has no name"
	done </tmp/unreadable
}

# The errors' codes of the patch; and that an object is not installed.
predicted_codes() {
	codes=$(awk -v patch="$patch" \
		'($1 == "error" || $2 == "absent") && $3 == patch { print $2 }' \
		/tmp/verify | sort -u | tr '\n' , | sed 's/,$//')
	case $codes,$1 in
	,unreadable)	echo "$1";;
	*)		echo "${codes:--}";;
	esac
}

# What the codes say that the kernel does.
predicted_outcome() {
	case $1 in
	- | release)			echo works;;
	unknown-object | builtin-object | absent) echo unapplied;;
	*)				echo refused;;
	esac
}

# ---- the kernel

# What an insertion comes to, in errno's names.
try_insert() {
	if message=$(insmod "$1" 2>&1); then
		echo ok
		return
	fi
	case $message in
	*": Invalid parameters")	echo EINVAL;;
	*": Invalid module format")	echo ENOEXEC;;
	*": Unknown symbol in module"*)	echo ENOENT;;
	*": File exists")		echo EEXIST;;
	*": Device or resource busy")	echo EBUSY;;
	*)				echo "$message" | tr ' ' _;;
	esac
}

is_settled() {
	read -r transition <"$LIVEPATCH/$patch/transition" && [ "$transition" = 0 ]
}

# What the patch has changed, by what can be seen of the functions.
effect() {
	wait_for 30 is_settled || fail "$patch stays in transition"
	if cat "/sys/module/$target/parameters/says" /proc/version | grep -qx patched; then
		echo works
	elif grep -qx 1 "$LIVEPATCH/$patch"/*/patched; then
		echo ineffective
	else
		echo unapplied
	fi
}

try_target_first() {
	expect_status 0 insmod "/tmp/$target.ko" >/dev/null
	result=$(try_insert "$file")
	if [ "$result" = ok ]; then
		result=$(effect)
	fi
}

try_patch_first() {
	result=$(try_insert "$file")
	[ "$result" = ok ] || return
	wait_for 30 is_settled || fail "$patch stays in transition"
	result=$(try_insert "/tmp/$target.ko")
	if [ "$result" = ok ]; then
		result=$(effect)
	else
		result=target:$result
	fi
}

take_out() {
	if [ -e "$LIVEPATCH/$patch" ]; then
		echo 0 >"$LIVEPATCH/$patch/enabled"
		wait_for 30 test ! -e "$LIVEPATCH/$patch" || fail "$patch stays enabled"
	fi
	for module in "$patch" "$target"; do
		if is_loaded "$module"; then
			wait_for 5 rmmod "$module" || fail "$module cannot be removed"
		fi
	done
}

seen_outcome() {
	case $1$2 in
	worksworks)		echo works;;
	unappliedunapplied)	echo unapplied;;
	*E[A-Z]*)		echo refused;;
	*)			echo "$1,$2";;
	esac
}

# ---- both

predict_for() {
	echo "$*" >>/tmp/rows
}

predict() {
	predict_for klptest_predict "$@"
}

# try_row TARGET CASE CODES TARGET-FIRST PATCH-FIRST
try_row() {
	target=$1 case=$2 wanted="$3 $4 $5"
	patch=klp_predict_$case
	file=/live/predict/$patch.ko
	codes=$(predicted_codes "$3")
	mark_log
	try_target_first
	first=$result
	take_out
	try_patch_first
	second=$result
	take_out

	rows=$((rows + 1))
	outcome=$(predicted_outcome "$codes")
	remark=
	if [ "$(seen_outcome "$first" "$second")" != "$outcome" ] ||
			[ "$codes $first $second" != "$wanted" ]; then
		disagree="$disagree $case"
		remark="   <- not $wanted"
	fi
	printf '%-18s %-18s %-10s | %-10s %s%s\n' \
		"$case" "$codes" "$outcome" "$first" "$second" "$remark"
	if [ -n "$remark" ]; then
		log_since_mark | sed 's/^/    kernel: /'
	fi
}

predict_end() {
	verify_all
	printf '%-18s %-18s %-10s | %-10s %s\n' \
		case predicted "" "target first" "patch first"
	while read -r row; do
		# shellcheck disable=SC2086 # words
		try_row $row </dev/null
	done </tmp/rows
	echo "$rows rows"
	[ -z "$disagree" ] || fail "no agreement on$disagree"
}
