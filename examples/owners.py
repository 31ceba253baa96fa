#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""owners.py ROOT KERNEL FILE...: as owners.c: what livepatch modules patch, and which packages have
that."""
import os
import re
import subprocess
import sys

from klpdep import each, lib, new, open_context, read_patch


def find_package(root, file):
    """The package that has a file, whose name begins with root; "-": none."""
    name = "/" + os.path.relpath(file, root)
    commands = [["rpm", "--root", root, "-qf", "--qf", "%{NAME}\\n", name]]
    # For dpkg-query, a name with such characters is a pattern.
    if not re.search(r"[*?\[\\]", name):
        commands.insert(0, ["dpkg-query", f"--root={root}", "-S", name])
    for command in commands:
        try:
            run = subprocess.run(command, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        # PACKAGE[:ARCHITECTURE]: FILE, or PACKAGE
        return re.split("[:\n]", os.fsdecode(run.stdout))[0]
    return "-"


def print_owners(context, tree, root, path):
    """Whether all is known of a file."""
    try:
        patch = read_patch(context, path)
    except OSError:
        return False
    if patch is None:
        return True
    for patched in each(lib.klpdep_patch_get_object, patch):
        name = lib.klpdep_object_get_name(patched)
        module = lib.klpdep_tree_find_module(tree, os.fsencode(name))
        file = lib.klpdep_module_get_file(module) if module else None
        # A kernel's package has its tree, too.
        kernel = lib.klpdep_tree_get_directory(tree) + "/modules.builtin"
        owned = kernel if name == "vmlinux" else file
        print(lib.klpdep_patch_get_name(patch), name, file or "-",
              find_package(root, owned) if owned else "-")
    if lib.klpdep_patch_get_format(patch) is None:
        print(f"owners.py: {path}: its objects are made at run time", file=sys.stderr)
        return False
    return True


def main(arguments):
    if len(arguments) < 3:
        print("Usage: owners.py ROOT KERNEL FILE...", file=sys.stderr)
        return 2
    root = os.path.realpath(arguments[0])
    try:
        context = open_context(root)
        tree = new(lib.klpdep_tree_new, context, os.fsencode(arguments[1]))
    except OSError:
        return 1
    return 0 if all([print_owners(context, tree, root, file) for file in arguments[2:]]) else 1


sys.exit(main(sys.argv[1:]))
