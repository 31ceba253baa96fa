#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""edges.py FILE...: what livepatch modules patch, as JSON, for a packaging script.

    [{"file": ..., "patch": ..., "objects": [...]}, ...]

A module that is no livepatch is said to be none, and passed over.  Exit status 1 when a
file cannot be read, or when what a livepatch patches cannot be known from it: "objects" is
null then.

It needs libklpdep.so.1 and no development package.
"""
import ctypes
import errno
import json
import os
import sys

lib = ctypes.CDLL("libklpdep.so.1")
LOG_FN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)

# Pointers do not fit into int, which is what ctypes takes everything for.
for name, result, arguments in (
    ("klpdep_new", ctypes.c_int, [ctypes.POINTER(ctypes.c_void_p)]),
    ("klpdep_unref", ctypes.c_void_p, [ctypes.c_void_p]),
    ("klpdep_set_log_fn", None, [ctypes.c_void_p, LOG_FN, ctypes.c_void_p]),
    ("klpdep_patch_new_from_file", ctypes.c_int,
     [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]),
    ("klpdep_patch_unref", ctypes.c_void_p, [ctypes.c_void_p]),
    ("klpdep_patch_get_name", ctypes.c_char_p, [ctypes.c_void_p]),
    ("klpdep_patch_get_format", ctypes.c_char_p, [ctypes.c_void_p]),
    ("klpdep_patch_count_objects", ctypes.c_size_t, [ctypes.c_void_p]),
    ("klpdep_patch_get_object", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t]),
    ("klpdep_object_get_name", ctypes.c_char_p, [ctypes.c_void_p]),
):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments


@LOG_FN
def print_message(_data, _priority, message):
    print("edges.py:", os.fsdecode(message), file=sys.stderr)


def read_patch(ctx, file):
    """A livepatch's row; None: it is not a livepatch.  OSError: it cannot be read."""
    patch = ctypes.c_void_p()
    err = lib.klpdep_patch_new_from_file(ctx, os.fsencode(file), ctypes.byref(patch))
    if err == -errno.ENODATA:
        return None
    if err < 0:
        raise OSError(-err, os.strerror(-err), file)
    try:
        objects = [
            lib.klpdep_object_get_name(lib.klpdep_patch_get_object(patch, i)).decode()
            for i in range(lib.klpdep_patch_count_objects(patch))
        ]
        if lib.klpdep_patch_get_format(patch) is None:
            objects = None
        name = lib.klpdep_patch_get_name(patch).decode()
        return {"file": file, "patch": name, "objects": objects}
    finally:
        lib.klpdep_patch_unref(patch)


def main(files):
    ctx = ctypes.c_void_p()
    if lib.klpdep_new(ctypes.byref(ctx)) < 0:
        return 1
    lib.klpdep_set_log_fn(ctx, print_message, None)
    status, rows = 0, []
    for file in files:
        try:
            row = read_patch(ctx, file)
        except OSError:
            status = 1  # print_message() has been told why
            continue
        if row:
            rows.append(row)
            if row["objects"] is None:
                status = 1
    lib.klpdep_unref(ctx)
    print(json.dumps(rows, indent=1))
    return status


sys.exit(main(sys.argv[1:]))
