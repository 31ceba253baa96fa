#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""plan.py ROOT KERNEL MODULE: as plan.c: what loading a module would do, patches included."""
import os
import sys

from klpdep import PLAN_LIVE, each, lib, new, open_context, open_view


def main(arguments):
    if len(arguments) != 3:
        print("Usage: plan.py ROOT KERNEL MODULE", file=sys.stderr)
        return 2
    root, kernel, module = arguments
    try:
        context = open_context(root)
        live = lib.klpdep_is_running(context, os.fsencode(kernel))
        plan = new(lib.klpdep_plan_new, context, open_view(context, kernel),
                   os.fsencode(module), PLAN_LIVE if live else 0)
    except OSError:
        return 1
    for step in each(lib.klpdep_plan_get_step, plan):
        required = ", required" if lib.klpdep_step_is_required(step) else ""
        print(lib.klpdep_action_name(lib.klpdep_step_get_action(step)),
              lib.klpdep_step_get_module(step), lib.klpdep_step_get_file(step) or "-",
              f"({lib.klpdep_step_get_reason(step)}){required}")
    return 0


sys.exit(main(sys.argv[1:]))
