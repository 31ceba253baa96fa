#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""gate.py ROOT KERNEL FILE...: as gate.c: whether livepatches that have just been built may be
released for a kernel."""
import ctypes
import os
import sys

from klpdep import ERROR, FINDING_FN, lib, open_context, read_patch


def main(arguments):
    if len(arguments) < 3:
        print("Usage: gate.py ROOT KERNEL FILE...", file=sys.stderr)
        return 2
    closed = False

    @FINDING_FN
    def judge(_data, finding):
        nonlocal closed
        severity = lib.klpdep_finding_get_severity(finding)
        print(lib.klpdep_severity_name(severity), lib.klpdep_finding_get_code(finding),
              lib.klpdep_finding_get_patch(finding) or "-",
              lib.klpdep_finding_get_object(finding) or "-",
              f"{lib.klpdep_finding_get_subject(finding) or '-'}:",
              lib.klpdep_finding_get_message(finding))
        closed = closed or severity == ERROR
        return 0

    try:
        context = open_context(arguments[0])
        patches = []
        for file in arguments[2:]:
            patches.append(read_patch(context, file))
            if patches[-1] is None:
                print(f"gate.py: {file}: not a livepatch", file=sys.stderr)
                return 1
        array = (ctypes.c_void_p * len(patches))(*(patch.value for patch in patches))
        lib.klpdep_verify(context, os.fsencode(arguments[1]), None, array, len(patches), judge,
                          None)
    except OSError:
        return 1
    return 1 if closed else 0


sys.exit(main(sys.argv[1:]))
