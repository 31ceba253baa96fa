# SPDX-License-Identifier: LGPL-2.1-or-later
"""A sequence: patches, those that are installed at first, and steps.  Carrying it out,
and what has to hold after each step."""
import model
from machine import KERNEL

UPDATES = f'/lib/modules/{KERNEL}/updates'
STORE = '/var/store'
DEPMOD = f'depmod {KERNEL} && klpdep depmod {KERNEL}'
MASKS = '/etc/klpdep.d/mask.conf'
# Steps at which klpdep acts on the kernel.
OUT = ('blocked', 'unmet')
ACTING = ('sync', 'modprobe', 'remove')


class Failure(Exception):
    def __init__(self, kind, text):
        super().__init__(f'{kind}: {text}')
        self.kind = kind


class Sequence:
    """patches: name -> Patch; installed: names; steps: tuples of words."""

    def __init__(self, patches, installed, steps):
        self.patches, self.installed, self.steps = patches, installed, steps

    def text(self):
        """As a case of testsuite/rootfs, but for what is expected."""
        lines = [f'== kernel {KERNEL}', '== file /fake/haste', '== modules']
        lines += [f'kernel/{t}.ko: ' + '; '.join(f'local {f}' for f in model.FUNCTIONS)
                  for t in model.TARGETS]
        for name in sorted(self.patches):
            where = 'updates' if name in self.installed else '../../../../store'
            lines.append(f'{where}/{name}.ko: ' +
                         '; '.join(self.patches[name].statements()))
        lines += ['== depmod', '== run', 'settle() { sleep 0.05; while grep -qs 1 '
                  '/sys/kernel/livepatch/*/transition; do sleep 0.05; done; }']
        for step in self.steps:
            lines.append(f'{in_words(self, *step)}; settle')
        return '\n'.join(lines + ['cat /fake/effect', '== journal any'])


def in_words(seq, word, *args):
    """A step as a command of the shell, the tree being that of text()."""
    name = args[0] if args else ''
    return {
        'sync': 'klpdep sync',
        'modprobe': f'modprobe {name} || klpdep sync',
        'remove': f'modprobe -r {name}',
        'depmod': DEPMOD,
        'mask': f'mkdir -p /etc/klpdep.d; echo mask {name} >>{MASKS}; {DEPMOD}',
        'unmask': f'sed -i /{name}$/d {MASKS}; {DEPMOD}',
        'add': f'cp /store/{name}.ko {UPDATES}/',
        'take': f'mv {UPDATES}/{name}.ko /store/',
        'build': f': another build of {name} is installed: its buildid is another',
        'insmod': f'insmod /store/{name}.ko' if name not in seq.installed else
                  f'insmod {UPDATES}/{name}.ko',
        'disable': f'echo 0 >/sys/kernel/livepatch/{name}/enabled',
        'reboot': ': the machine boots anew',
    }[word]


class Run:
    """One sequence on one machine."""

    def __init__(self, machine, seq, wild, leave_out=()):
        self.m, self.seq, self.wild = machine, seq, wild
        self.leave_out = leave_out  # kinds of failures
        self.files = {}    # name -> Patch, in the tree
        self.indexed = {}  # the same when klpdep depmod was run last
        self.masked = set()
        self.by_hand = set()  # who was inserted so, since the boot
        self.newest = dict(seq.patches)  # of each, the build that was made last

    def go(self, log=None):
        m = self.m
        m.begin()
        for name, patch in self.seq.patches.items():
            m.module(f'{STORE}/{name}.ko', patch.statements())
            if name in self.seq.installed:
                self.install(patch)
        self.depmod()
        self.look()
        for nr, step in enumerate(self.seq.steps):
            if log:
                log(f'{nr + 1}: {" ".join(map(str, step))}')
            try:
                self.step(*step)
            except Failure as failure:
                words = ' '.join(map(str, step))
                raise Failure(failure.kind, f'step {nr + 1} ({words}): ' + str(failure).split(': ', 1)[1]) from None
            if log:
                for f, runs in sorted(m.effect().items()):
                    log(f'     {" ".join(f)}: {runs[0]}')

    def fail(self, kind, text):
        if kind not in self.leave_out:
            raise Failure(kind, text)

    def install(self, patch):
        self.m.module(f'{UPDATES}/{patch.name}.ko', patch.statements())
        self.files[patch.name] = patch

    def depmod(self):
        status, out, err = self.m.run(DEPMOD)
        if status:
            self.fail('depmod', f'exit status {status}: {out}{err}')
        self.indexed = dict(self.files)

    def mask(self):
        self.m.write(MASKS, ''.join(f'mask {name}\n' for name in sorted(self.masked)))
        self.depmod()

    # ---- what is known ----

    def fresh(self):
        return self.indexed == self.files

    def state(self):
        return model.states(self.indexed.values(), self.masked)

    def foreign(self):
        return self.m.registered() - set(self.indexed)

    def plain(self):
        """Whether the strict rules hold: nobody else's patches, and no refusals."""
        return self.fresh() and not self.foreign() and \
            not model.strangers(self.indexed.values(), self.state()) and \
            not any(p.refuses or p.states or
                    (p.misfits() and p.name in self.m.registered())
                    for p in self.indexed.values())

    def patch(self, name):
        return self.seq.patches[name]

    # ---- steps ----

    def step(self, word, *args):
        m = self.m
        before, was = m.effect(), m.registered()
        m.write('/fake/journal', '')
        m.write('/fake/effects', '')
        getattr(self, 'do_' + word)(*args)
        m.settle()
        if word in ACTING:
            self.nothing_refused()
            self.nothing_lost(before, was)
        if word == 'sync':
            self.twice()
            if self.plain():
                self.required()
                self.in_effect('after sync')
                self.retired()
        self.look()

    def do_sync(self):
        self.m.run('klpdep sync')

    def do_modprobe(self, target):
        m = self.m
        was = target in m.loaded()
        status, _, err = m.run(f'modprobe {target}')
        m.settle()
        # the hook in front is over when the kernel refuses the target; sync sees to that
        if target not in m.loaded() and self.is_refused(target):
            m.run('klpdep sync')
            m.settle()
        if target not in m.loaded() and not self.may_stay_out(target):
            self.fail('load', f'{target} is not loaded (exit status {status}): {err}')
        # a base that would evict others may be left to sync
        if self.plain() and not was and target in m.loaded() and \
                not any(p.replace for p in self.indexed.values()):
            self.in_effect('loaded', target)

    def is_refused(self, target):
        return any(self.patch(p).refuses == target for p in self.m.registered())

    def may_stay_out(self, target):
        """An enabled patch that serves something else which is loaded refuses it."""
        there = set(self.m.loaded()) | {'vmlinux'}
        # of what is not active no rule of ours takes care
        state = self.state()
        return any(self.patch(p).refuses == target and
                   (set(self.patch(p).funcs) & there or state.get(p) != 'active' or
                    self.is_required(p))
                   for p in self.m.registered())

    def is_required(self, name):
        """By an enabled patch."""
        return any(name in self.patch(p).requires for p in self.m.registered())

    def do_remove(self, target):
        self.m.run(f'modprobe -r {target}')

    def do_depmod(self):
        self.depmod()

    def do_mask(self, name):
        self.masked.add(name)
        self.mask()

    def do_unmask(self, name):
        self.masked.discard(name)
        self.mask()

    def do_add(self, name):
        self.install(self.newest[name])

    def do_take(self, name):
        if name in self.files:
            self.m.run(f'rm {UPDATES}/{name}.ko')
            del self.files[name]

    def do_build(self, name, number):
        self.newest[name] = self.newest[name].but(build=int(number))
        self.m.module(f'{STORE}/{name}.ko', self.newest[name].statements())
        if name in self.files:
            self.install(self.newest[name])

    def do_insmod(self, name):
        if name not in self.m.registered():
            self.by_hand.add(name)
        self.m.run(f'insmod {STORE}/{name}.ko')

    def do_disable(self, name):
        path = f'/sys/kernel/livepatch/{name}/enabled'
        self.m.run(f'[ ! -e {path} ] || echo 0 >{path}')

    def do_reboot(self):
        self.m.reboot()
        self.by_hand = set()

    # ---- what has to hold ----

    def excused(self, name, state):
        """What may stay, though it is not active: its callbacks may undo what others do;
        or what it requires is not there any more."""
        return name in self.indexed and (state[name] == 'unmet' or (
            self.patch(name).undoes() and state[name] != 'active'))

    def may_go(self, name, state):
        """Whether it is right that a patch which was in effect is so no more."""
        if name in self.masked or state.get(name, 'foreign') in ('unmet', None):
            return True
        old = self.patch(name)
        return any(model.is_whole(p, old) and state[p.name] in ('active', None)
                   for p in self.indexed.values())

    def is_noted(self, name):
        """Whether klpdep has inserted it, so that it is no foreign one."""
        return bool(self.m.read(f'/run/klpdep/inserted/{name}'))

    def may_follow(self, new, old, state):
        """Whether @new may be in effect in the place of @old, klpdep having done it."""
        if self.excused(new, state):
            return True
        if old not in self.indexed and old not in self.masked and not self.is_noted(old):
            # its successor may have been a base, with others on top
            if not any(model.later(p, self.patch(old)) or
                       model.supersedes(p, self.patch(old))
                       for p in self.indexed.values()
                       if p.name in self.m.registered() and state[p.name] == 'active'):
                return False
        return state.get(new, 'active') in ('active', None)

    def nothing_refused(self):
        """What klp_states, which the index has, keep out is not tried."""
        if not self.fresh() or self.foreign():
            return
        for line in self.m.read('/fake/journal').splitlines():
            word, name = line.split()[:2]
            if word == 'init' and line.endswith(' = -EINVAL') and \
                    name in self.indexed and not self.patch(name).refuses:
                self.fail('refused', f'{name} was inserted, which the kernel refuses')

    def nothing_lost(self, before, was):
        after, state, there = self.m.effect(), self.state(), set(self.m.loaded())
        for (o, f), (old, passing) in sorted(before.items()):
            new = after.get((o, f), ('-', '-'))[0]
            if old == '-' or old != passing or (o != 'vmlinux' and o not in there):
                continue
            if new == '-' and not self.may_go(old, state):
                self.fail('lost', f'{o} {f} was in effect by {old} '
                              f'({state.get(old, "foreign")}), and is not patched now')
            if new not in ('-', old) and not self.may_follow(new, old, state) and \
                    not (state.get(new) == 'incompatible' and new in was):
                self.fail('undone', f'{o} {f} was in effect by {old} '
                              f'({state.get(old, "foreign")}), and now by {new} '
                              f'({state.get(new, "foreign")})')
            if new != '-':
                self.no_moment(o, f, old, new)
        self.nothing_undone(was, state, there)

    def nothing_undone(self, was, state, there):
        """No patch's callbacks undo what another of its series or kind has set."""
        for line in self.m.read('/fake/journal').splitlines():
            what, name, o, *which = line.split() if line.count(' ') == 3 else [''] * 3
            if what != 'callback' or which[0] not in model.UNDO or \
                    name not in self.indexed or (o != 'vmlinux' and o not in there):
                continue
            for p in self.indexed.values():
                # an older release that somebody has put on top has to go
                if state[name] == 'superseded' and p.name in was:
                    continue
                if p.name in self.m.registered() and state[p.name] == 'active' and \
                        p.callbacks.get(o) and (
                            model.supersedes(p, self.patch(name)) or
                            model.supersedes(self.patch(name), p)):
                    self.fail('callback', f'{which[0]} of {name} ran for {o}, where '
                                  f'{p.name} is in effect')

    def no_moment(self, o, f, old, new):
        """Where a base evicts others that are put back there is a window, announced."""
        lines = [line.split() for line in self.m.read('/fake/effects').splitlines()]
        lines = [line[2:] for line in lines
                 if (line[0], line[1].split(',')[0]) == (o, f)]
        if f'replaced {old}\n' in self.m.read('/fake/journal') and \
                not self.patch(new).replace:
            return
        if ['gone'] not in lines and any('-' in line for line in lines):
            self.fail('moment', f'{o} {f} was in effect by {old}, and for a moment by '
                          f'none: {lines}')

    def twice(self):
        self.m.write('/fake/journal', '')
        before = self.m.effect()
        self.m.run('klpdep sync')
        self.m.settle()
        journal = self.m.read('/fake/journal')
        if not self.plain():
            # what is refused may be tried again
            journal = '\n'.join(line for line in journal.splitlines()
                                if not line.rsplit(' = ', 1)[-1].startswith('-E'))
        if journal:
            self.fail('twice', 'the second sync is not idle: ' +
                          '; '.join(journal.splitlines()))
        if self.m.effect() != before:
            self.fail('twice', 'what is in effect changed')

    def missing(self, only=None):
        """What no active patch is in effect for, though one changes it: (object,
        function, patch, what runs)."""
        state, effect = self.state(), self.m.effect()
        there = set(self.m.loaded()) | {'vmlinux'}
        for p in self.indexed.values():
            for o, f in sorted(p.pairs()):
                runs = effect.get((o, f), ('-', '-'))
                good = all(state.get(r) in ('active', None) and r != '-' or
                           self.excused(r, state) or
                           # masking it is sync's
                           (only and state.get(r) == 'masked') for r in runs)
                if state[p.name] == 'active' and not good and o in there and \
                        only in (None, o):
                    yield o, f, p.name, runs[0]

    def in_effect(self, when, only=None):
        for o, f, name, runs in self.missing(only):
            self.fail('effect', f'{when}, {o} {f} is not in effect by {name}, which is '
                          f'active, but by {runs} ({self.state().get(runs, "no patch")})')

    def required(self):
        """Who is enabled by klpdep has what it requires, in this release or a later."""
        state, there = self.state(), self.m.registered()
        for p in self.indexed.values():
            if p.name not in there or state[p.name] != 'active' or p.name in self.by_hand:
                continue
            for r in p.requires:
                old = self.indexed.get(r, self.patch(r))
                if not any(q.name == r or model.supersedes(q, old)
                           for q in self.indexed.values() if q.name in there):
                    self.fail('requires', f'{p.name} is enabled, and {r} is not')

    def retired(self):
        state = self.state()
        # what is loaded may require it
        needed = {r for name in self.m.registered() for r in self.indexed[name].requires}
        there = set(self.m.loaded()) | {'vmlinux'}
        for name in sorted(self.m.registered() - needed):
            # what has its place may have nothing to be loaded for
            if state[name] == 'superseded' and set(self.patch(name).funcs) & there and \
                    not any(model.supersedes(self.patch(p), self.patch(name))
                            for p in self.m.registered()):
                continue
            if state[name] in ('masked', 'superseded') and not self.patch(name).undoes():
                self.fail('stays', f'after sync, {name} ({state[name]}) is enabled')

    def look(self):
        """What klpdep says is so."""
        m = self.m
        m.settle()
        listed, (rows, check) = m.list(), m.status()
        effect, state = m.effect(), self.state()
        there = set(m.loaded()) | {'vmlinux'}
        if not self.fresh():
            return
        for name, expected in sorted(state.items()):
            said = listed.get(name, 'nothing')
            wild = self.wild or not self.plain()
            open_ = wild and expected == 'active' and said in OUT
            # what is out of the game takes nobody's place
            if wild and expected == 'superseded' and said in OUT + ('active',):
                q = self.indexed[name]
                open_ = all(listed.get(p.name) in OUT for p in self.indexed.values()
                            if model.supersedes(p, q) and p.name not in self.masked)
            if expected and said != expected and not open_:
                self.fail('state', f'list says that {name} is {said}: {expected}')
        for (o, name), said in sorted(rows.items()):
            if name not in self.indexed or o not in there:
                continue
            runs = {r for f in self.indexed[name].funcs.get(o, [])
                    for r in effect.get((o, f), ('-',))}
            same = m.build_of(name) == self.indexed[name].build_id()
            on_top = runs <= {name} and same
            # of two that are wanted one is on top, the other may be said to be patched
            may_be = name in m.registered() and same and \
                all(r == name or state.get(r) in ('active', None) and r != '-'
                    for r in runs)
            if said == 'patched' and not may_be:
                self.fail('status', f'{o} is said to be patched by {name}; '
                              + self.describe(o, name))
            if said != 'patched' and on_top and state[name] == 'active':
                self.fail('status', f'{o} is patched by {name}, and said to be {said}')
        for p in self.indexed.values():
            for o in set(p.funcs) & there if state[p.name] == 'active' else ():
                if (o, p.name) not in rows:
                    self.fail('status', f'nothing is said of {o} and {p.name}')
        self.check(check, effect, state, there)

    def describe(self, o, name):
        effect = self.m.effect()
        return ', '.join(f'{f} by {effect.get((o, f), ("none",))[0]}'
                         for f in self.indexed[name].funcs.get(o, [])) + \
            f'; build {self.m.build_of(name)[:2] or "none"} of ' \
            f'{self.indexed[name].build_id()[:2]}'

    def check(self, status, effect, state, there):
        # whose later release has come by another loader may be left in peace
        others = [self.patch(name) for name in self.foreign() if name in self.seq.patches]
        lacking = [m for m in self.missing()
                   if not any(model.later(p, self.patch(m[2])) for p in others)]
        unmet = [p.name for p in self.indexed.values()
                 if state[p.name] == 'unmet' and set(p.funcs) & there]
        if lacking and not status:
            self.fail('check', 'status --check is content, and {0} {1} is not in effect '
                      'by {2}, but by {3}'.format(*lacking[0]))
        if unmet and not status:
            self.fail('check', f'status --check is content, and {unmet[0]} is unmet')
        bad = [p.name for p in self.indexed.values()
               if state[p.name] == 'incompatible' and set(p.funcs) & there]
        if bad and not status:
            self.fail('check', f'status --check is content, and {bad[0]} is incompatible')
        good = all(effect.get((o, f)) == (p.name, p.name) and
                   self.m.build_of(p.name) == p.build_id()
                   for p in self.indexed.values() if state[p.name] == 'active'
                   for o, f in p.pairs() if o in there)
        # others than the active ones may be there before sync
        idle = all(state.get(name) == 'active' for name in self.m.registered())
        sure = self.plain() and not unmet and not bad and None not in state.values()
        if sure and good and idle and status:
            self.fail('check', f'status --check: {status}, and all is in effect')
