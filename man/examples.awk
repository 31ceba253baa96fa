# SPDX-License-Identifier: LGPL-2.1-or-later
# A line @FILE@ of a page stands for that file below $srcdir, shown as an example; without its
# first line, which is the licence's.

/^@.*@$/ {
	file = ENVIRON["srcdir"] "/" substr($0, 2, length($0) - 2)
	print "```"
	for (n = 0; (got = (getline line < file)) > 0; n++) {
		gsub(/\\/, "&&", line) # scdoc takes one away
		if (n)
			print line
	}
	if (got < 0 || n < 2) {
		print file ": there is nothing to show" > "/dev/stderr"
		exit 1
	}
	close(file)
	print "```"
	next
}
{ print }
