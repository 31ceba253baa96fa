# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the programs beside it call of libklpdep, by ctypes; to be copied, and added to.

It needs libklpdep.so.1 and no development package.  A function that fails raises an OSError; what
went wrong was printed then, as "PROGRAM: MESSAGE".
"""
import ctypes
import errno
import itertools
import os
import sys
import weakref

# What a function returns, its name, and what it takes:
#   p pointer, s string, n size_t, b bool, u unsigned int, e error, i int, v nothing
FUNCTIONS = """
    e klpdep_new p
    v klpdep_set_log_fn ppp
    e klpdep_set_root ps
    b klpdep_is_running ps
    e klpdep_patch_new_from_file psp
    s klpdep_patch_get_name p
    s klpdep_patch_get_format p
    p klpdep_patch_get_object pn
    s klpdep_object_get_name p
    e klpdep_config_new psp
    e klpdep_tree_new psp
    s klpdep_tree_get_directory p
    p klpdep_tree_find_module ps
    s klpdep_module_get_file p
    e klpdep_index_open psup
    e klpdep_view_new pppup
    e klpdep_verify psppnpp
    i klpdep_finding_get_severity p
    s klpdep_finding_get_code p
    s klpdep_finding_get_patch p
    s klpdep_finding_get_object p
    s klpdep_finding_get_subject p
    s klpdep_finding_get_message p
    s klpdep_severity_name i
    e klpdep_plan_new ppsup
    p klpdep_plan_get_step pn
    i klpdep_step_get_action p
    s klpdep_step_get_module p
    s klpdep_step_get_file p
    s klpdep_step_get_reason p
    b klpdep_step_is_required p
    s klpdep_action_name i
    e klpdep_status_new ppp
    b klpdep_status_is_patched p
    p klpdep_status_get_row pn
    s klpdep_row_get_patch p
    s klpdep_row_get_target p
    s klpdep_row_get_reason p
    i klpdep_row_get_condition p
    s klpdep_condition_name i
"""
ERROR = 2  # of enum klpdep_severity
CONDITION_PATCHED, CONDITION_IDLE = 0, 2
VIEW_LIVE = PLAN_LIVE = 1

TYPES = {
    "p": ctypes.c_void_p, "s": ctypes.c_char_p, "n": ctypes.c_size_t, "b": ctypes.c_bool,
    "u": ctypes.c_uint, "e": ctypes.c_int, "i": ctypes.c_int, "v": None,
}
FINDING_FN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
LOG_FN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)

lib = ctypes.CDLL("libklpdep.so.1")


def check_error(err, function, _arguments):
    if err < 0:
        raise OSError(-err, os.strerror(-err), function.__name__)


def decode(string, _function, _arguments):
    return None if string is None else os.fsdecode(string)


for line in FUNCTIONS.split("\n"):
    if line:
        result, name, *arguments = line.split()
        function = getattr(lib, name)
        function.restype = TYPES[result]
        function.argtypes = [TYPES[letter] for letter in "".join(arguments)]
        if result in "es":
            function.errcheck = check_error if result == "e" else decode


class Object(ctypes.c_void_p):
    """What is counted.  The reference is dropped with it."""


def new(function, *arguments):
    """klpdep_X_new...(): what it makes."""
    made = Object()
    function(*arguments, ctypes.byref(made))
    kind = function.__name__.split("_")[1]
    unref = getattr(lib, "klpdep_unref" if kind == "new" else f"klpdep_{kind}_unref")
    weakref.finalize(made, unref, ctypes.c_void_p(made.value))
    return made


def each(getter, of):
    """All that klpdep_X_get_Y(X, i) has."""
    return itertools.takewhile(
        lambda one: one is not None, (getter(of, i) for i in itertools.count()))


def read_patch(context, file):
    """The livepatch in a file, or None: it is none."""
    try:
        return new(lib.klpdep_patch_new_from_file, context, os.fsencode(file))
    except OSError as error:
        if error.errno == errno.ENODATA:
            return None
        raise


@LOG_FN
def print_message(_data, _priority, message):
    print(f"{os.path.basename(sys.argv[0])}: {os.fsdecode(message)}", file=sys.stderr)


def open_context(root="/"):
    context = new(lib.klpdep_new)
    lib.klpdep_set_log_fn(context, print_message, None)
    lib.klpdep_set_root(context, os.fsencode(root))
    return context


def open_view(context, kernel):
    """With what is loaded, where that kernel runs."""
    kernel = os.fsencode(kernel)
    config = new(lib.klpdep_config_new, context, None)
    index = new(lib.klpdep_index_open, context, kernel, 0)
    flags = VIEW_LIVE if lib.klpdep_is_running(context, kernel) else 0
    return new(lib.klpdep_view_new, context, index, config, flags)
