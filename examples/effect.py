#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""effect.py [PATCH...]: as effect.c: whether livepatches are in effect in the running kernel."""
import os
import sys

from klpdep import CONDITION_IDLE, CONDITION_PATCHED, each, lib, new, open_context, open_view


def print_row(row):
    """Whether it is as it should be."""
    condition = lib.klpdep_row_get_condition(row)
    reason = lib.klpdep_row_get_reason(row)
    print(lib.klpdep_row_get_patch(row), lib.klpdep_row_get_target(row) or "-",
          lib.klpdep_condition_name(condition) + (f": {reason}" if reason else ""))
    return condition in (CONDITION_PATCHED, CONDITION_IDLE)


def main(names):
    try:
        context = open_context()
        view = open_view(context, os.uname().release)
        status = new(lib.klpdep_status_new, context, view)
    except OSError:
        return 2
    rows = list(each(lib.klpdep_status_get_row, status))
    if not names:
        for row in rows:
            print_row(row)
        return 0 if lib.klpdep_status_is_patched(status) else 1
    good = True
    for name in (name.replace("-", "_") for name in names):
        found = [print_row(row) for row in rows if lib.klpdep_row_get_patch(row) == name]
        if not found:
            print(name, "- unknown")
        good = good and bool(found) and all(found)
    return 0 if good else 1


sys.exit(main(sys.argv[1:]))
