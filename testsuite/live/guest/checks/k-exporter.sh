#!/bin/sh
# a patch that imports a symbol of another object's patch
# on one kernel: it is about which patches klpdep chooses

. /live/lib.sh

# The other patch comes first, its target not at all.
expect_status 0 modprobe klptest_importer
expect_order klp_exporter klp_importer
expect_order klp_importer klptest_importer
expect_not_loaded klptest_exporter
expect_patched klp_importer klptest_importer
expect_init_said klptest_importer patched
expect_value "klp_exporter enabled" 1 cat "$LIVEPATCH/klp_exporter/enabled"

# That target is patched from its init on when it does come.
expect_status 0 modprobe klptest_exporter
expect_patched klp_exporter klptest_exporter
expect_init_said klptest_exporter patched

# The exporter's patch stays while it is required, its own target gone or not.
expect_status 0 modprobe -r klptest_exporter
expect_not_loaded klptest_exporter
expect_loaded klp_exporter
expect_patched klp_importer klptest_importer

expect_status 0 modprobe -r klptest_importer
expect_not_loaded klptest_importer klp_importer
passed
