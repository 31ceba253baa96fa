# What klpdep.h says in plain words, as doxygen's commands.  Its first comment is the first page.
2s/^\/\*$/\/** \\mainpage/
/^#ifndef KLPDEP_H$/s/^/\/** \\file\n * All of the library. *\/\n/
s/^ \* \(Conventions\)$/ * \\par \1\n */
s/^ \* \(Errors\)$/ * \\par \1\n */
s/^ \*  \(-E[A-Z]*\|others\)  */ * - <b>\1<\/b> /
s/^\( \* \)@\([a-z]*\), @\([a-z]*\):/\1\\param \2,\3/
s/^\( \* \)@\([a-z]*\): \(.*\); @\([a-z]*\):/\1\\param \2 \3\n\1\\param \4/
s/^\( \* \)@\([a-z]*\):/\1\\param \2/
s/@\([a-z]\)/\\p \1/g
s/\(^ \* \|\. \{1,2\}\)Returns /\n * \\return /
s/^\(\/\*\* .*\. *\)Returns /\1\n\\return /
s/\(^\| \)Since \([0-9.]*[0-9]\)\./\1\n\\since \2/
