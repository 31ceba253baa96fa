# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# complete.bash COMPLETION WORD...: what bash offers for the last word, one a line.

# shellcheck source=/dev/null
. "$1"
shift
# as readline divides words
COMP_WORDS=()
for word; do
	case $word in
	--*=*) COMP_WORDS+=("${word%%=*}" "=" "${word#*=}") ;;
	*) COMP_WORDS+=("$word") ;;
	esac
done
[ -n "${COMP_WORDS[-1]}" ] || [ "${COMP_WORDS[-2]}" != = ] || unset 'COMP_WORDS[-1]'
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMPREPLY=()
_klpdep
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
