# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The sequence klpdep of dh(1), which Build-Depends: dh-sequence-klpdep asks for.
use strict;
use warnings;
use Debian::Debhelper::Dh_Lib;

insert_after('dh_installmodules', 'dh_klpdep');

1;
