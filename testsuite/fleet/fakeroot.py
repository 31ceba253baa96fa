# SPDX-License-Identifier: LGPL-2.1-or-later
"""A connection of Ansible's to a fake root: ansible_host is its directory."""

import os
import shutil
import subprocess

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: fakeroot
short_description: hosts that are fake roots
description: commands are run by chroot, files are copied
options:
  host:
    description: the directory
    vars: [{name: ansible_host}]
"""


class Connection(ConnectionBase):
    transport = "fakeroot"
    has_pipelining = True

    def _connect(self):
        self._connected = True
        return self

    def close(self):
        self._connected = False

    def _path(self, path):
        return self.get_option("host") + os.path.normpath("/" + path)

    def exec_command(self, cmd, in_data=None, sudoable=True):
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
            # There are units, and nobody who runs them.
            "SYSTEMD_OFFLINE": "1",
        }
        done = subprocess.run(
            ["chroot", self.get_option("host"), "/bin/sh", "-c", cmd],
            input=in_data or b"",
            capture_output=True,
            env=environment,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path, out_path):
        shutil.copyfile(in_path, self._path(out_path))

    def fetch_file(self, in_path, out_path):
        shutil.copyfile(self._path(in_path), out_path)
