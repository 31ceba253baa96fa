# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Read by an interactive zsh, which then has lines typed in: what is offered for the last word
# of each is appended to $HITS, one a line.
PROMPT=
fpath=($COMPLETIONS $fpath)
autoload -U compinit
compinit -D
setopt noautolist nobeep
# What is asked only for its arrays is no offer.
compadd() {
	if (( ${argv[(I)-[OAD]]} )); then
		builtin compadd "$@"
		return
	fi
	local -a offered
	builtin compadd -A offered "$@"
	# with the part of the word that is to be there already
	print -rl -- ${offered/#/${${(M)argv[(I)-p]:#<1->}:+$argv[argv[(I)-p]+1]}} >>$HITS
	builtin compadd "$@"
}
bindkey '^I' complete-word
# Nothing that the terminal takes itself while zsh is not reading.
bindkey '^]' kill-whole-line
