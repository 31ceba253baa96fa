# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fake root (testsuite/rootfs), used again for one sequence after the other."""
import json
import os
import select
import shutil
import subprocess
import time

from model import TARGETS, FUNCTIONS

KERNEL = '6.1.0-1'
# The transition of a patch is soon over, and so is its reference to itself.
QUICK = ('modinfo fk_transition_ms=1', 'modinfo fk_put_ms=1')


class Stuck(Exception):
    """A command did not come to its end."""


class Machine:
    def __init__(self, root, mkmodule, path):
        self.root, self.mkmodule, self.path = root, mkmodule, path
        self.shell = None
        self.tree = f'{root}/lib/modules/{KERNEL}'
        self.kept = set(os.listdir(f'{root}/lib/modprobe.d'))
        self.images = {}

    # ---- commands ----

    def start_shell(self):
        self.shell = subprocess.Popen(
            ['chroot', self.root, '/usr/bin/dash', '-s'], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={'PATH': self.path, 'LC_ALL': 'C'})

    def stop(self):
        if self.shell:
            self.shell.stdin.close()
            self.shell.kill()
            self.shell.wait()
            self.shell.stdout.close()
            self.shell = None

    def run(self, command, limit=30):
        """Exit status, and what was printed."""
        if not self.shell:
            self.start_shell()
        line = f'{{ {command}\n}} </dev/null >/tmp/out 2>/tmp/err; echo $?\n'
        self.shell.stdin.write(line.encode())
        self.shell.stdin.flush()
        if not select.select([self.shell.stdout], [], [], limit)[0]:
            self.stop()
            raise Stuck(command)
        status = int(self.shell.stdout.readline())
        return status, self.read('/tmp/out'), self.read('/tmp/err')

    def settle(self):
        """Wait until nothing more happens by itself: fakeroot_settle()."""
        for _ in range(2000):
            try:
                with open(f'{self.root}/fake/state', 'rb') as f:
                    if not any(f.read(8)):
                        return
            except FileNotFoundError:
                return
            self.run(': </proc/modules')
            time.sleep(0.001)
        raise Stuck('settle')

    # ---- files ----

    def read(self, path):
        try:
            with open(self.root + path, errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, 'w') as f:
            f.write(text)

    def empty(self, path, keep=()):
        for name in os.listdir(self.root + path):
            full = f'{self.root}{path}/{name}'
            if name in keep:
                continue
            if os.path.isdir(full) and not os.path.islink(full):
                shutil.rmtree(full)
            else:
                os.unlink(full)

    def module(self, path, statements):
        """Make a module below the root, or link to one like it that is there."""
        name = os.path.basename(path)[:-3]
        needs = [s.split()[1] for s in statements if s.startswith('needs ')]
        lines = [f'name {name}', *says(statements), *QUICK, f'export {name}_symbol',
                 *[f'import {n}_symbol' for n in needs],
                 *[s for s in statements if not s.startswith('needs ')]]
        if needs:
            lines.append('modinfo depends=' + ','.join(needs))
        image = self.images.get(tuple(lines))
        if image is None:
            image = subprocess.run([self.mkmodule, '-'], input='\n'.join(lines).encode(),
                                   stdout=subprocess.PIPE, check=True).stdout
            self.images[tuple(lines)] = image
        full = self.root + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full + '.new', 'wb') as f:
            f.write(image)
        os.rename(full + '.new', full)

    # ---- the machine ----

    def reboot(self):
        self.stop()
        for path in ('state', 'effect', 'effects', 'journal'):
            if os.path.exists(f'{self.root}/fake/{path}'):
                os.unlink(f'{self.root}/fake/{path}')
        self.empty('/sys')
        self.empty('/run')
        self.write('/proc/modules', '')
        self.write('/dev/kmsg', '')
        self.write('/fake/journal', '')

    def begin(self):
        """As it is installed: targets, and no patches."""
        self.reboot()
        self.empty('/lib/modules')
        self.empty('/lib/modprobe.d', self.kept)
        self.empty('/etc/modprobe.d')
        self.empty('/var')
        self.empty('/tmp')
        shutil.rmtree(f'{self.root}/etc/klpdep.d', ignore_errors=True)
        self.write('/fake/release', KERNEL + '\n')
        self.write('/fake/haste', '')
        for path in ('modules.order', 'modules.builtin', 'modules.builtin.modinfo'):
            self.write(f'/lib/modules/{KERNEL}/{path}', '')
        for t in TARGETS:
            self.module(f'/lib/modules/{KERNEL}/kernel/{t}.ko',
                        [f'local {f}' for f in FUNCTIONS])

    def loaded(self):
        """Names, the newest first."""
        return [line.split()[0] for line in self.read('/proc/modules').splitlines()]

    def registered(self):
        try:
            return set(os.listdir(f'{self.root}/sys/kernel/livepatch'))
        except FileNotFoundError:
            return set()

    def build_of(self, name):
        path = f'{self.root}/sys/module/{name}/notes/.note.gnu.build-id'
        try:
            with open(path, 'rb') as f:
                return f.read()[16:].hex()
        except FileNotFoundError:
            return ''

    def effect(self):
        """(object, function) -> (what runs, what other tasks still run)."""
        result = {}
        for line in self.read('/fake/effect').splitlines():
            o, f, *runs = line.split()
            result[o, f.split(',')[0]] = (runs[0], runs[-1])
        return result

    def list(self):
        text = self.run('klpdep list --raw --noheadings -o patch,state')[1]
        return dict(line.split()[:2] for line in text.splitlines())

    def status(self):
        """(object, patch) -> state, and --check's exit status."""
        text = self.run('klpdep status --json')[1]
        check = self.run('klpdep status --check')[0]
        rows = json.loads(text)['status'] if text.strip() else []
        return {(r['target'], r['patch']): r['state'] for r in rows if r['target']}, check


def says(statements):
    """fakeroot_says() of testsuite/rootfs/lib.sh."""
    o, objects, lines, states = '', [], [], []
    for s in statements:
        word, *args = s.split()
        if word == 'object':
            o = args[0]
            objects.append(o)
        elif word == 'func':
            lines.append(f'modinfo fk_func={o} {args[0]} {args[1]}')
        elif word == 'callback':
            lines.append(f'modinfo fk_callback={o} {args[0]}')
        elif word == 'replace':
            lines.append('modinfo fk_replace=1')
        elif word == 'state':
            states.append(':'.join(args))
    if states:
        lines.append('modinfo fk_states=' + ','.join(states))
    return ([f'modinfo fk_objects={",".join(objects)}'] if objects else []) + lines
