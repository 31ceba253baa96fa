# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a patch is, and who takes whose place, worked out anew and not by klpdep."""
import fnmatch

TARGETS = ('a', 'b', 'c')
OBJECTS = ('vmlinux',) + TARGETS
FUNCTIONS = ('f', 'g', 'h')
GONE = 'gone'  # a function that no target has: whoever patches it is incompatible
UNDO = ('pre_unpatch', 'post_unpatch')


class Patch:
    """A patch.  funcs: object -> functions; callbacks: object -> which; series: (stem,
    number, declared) or None; refuses: a target that it does not fit; needs: patches
    whose symbols it uses."""

    def __init__(self, name, funcs, series=None, **more):
        self.name = name
        self.funcs = {o: sorted(f) for o, f in sorted(funcs.items())}
        self.series = series
        self.callbacks = more.get('callbacks', {})
        self.replace = more.get('replace', False)
        self.supersedes = more.get('supersedes', [])
        self.states = more.get('states', {})
        self.refuses = more.get('refuses')
        self.requires = more.get('requires', [])
        self.needs = more.get('needs', [])
        self.in_use = more.get('in_use', False)  # may be disabled, but never deleted
        self.build = more.get('build', 1)
        self.foreign = more.get('foreign', False)

    def but(self, **what):
        """A copy that differs in that."""
        new = Patch.__new__(Patch)
        new.__dict__ = dict(self.__dict__, **what)
        return new

    def pairs(self):
        return {(o, f) for o, fs in self.funcs.items() for f in fs}

    def misfits(self):
        return any(GONE in fs for o, fs in self.funcs.items() if o != 'vmlinux')

    def undoes(self):
        """Whether disabling it runs callbacks that may undo what another has set."""
        return any(w in UNDO for ws in self.callbacks.values() for w in ws)

    def build_id(self):
        return f'{self.build:02x}' + self.name.encode().hex().ljust(38, '0')[:38]

    def statements(self):
        """As testsuite/rootfs has them."""
        s = ['livepatch klp-patch']
        if self.replace:
            s.append('replace yes')
        for o, fs in self.funcs.items():
            s.append(f'object {o}')
            s += [f'func {f} 0' for f in fs]
            s += [f'callback {w}' for w in self.callbacks.get(o, [])]
        s += [f'state {i} {v}' for i, v in sorted(self.states.items())]
        if self.requires:
            s.append('modinfo klp_requires=' + ','.join(self.requires))
        if self.supersedes:
            s.append('modinfo klp_supersedes=' + ','.join(self.supersedes))
        s += [f'needs {n}' for n in self.needs]
        if self.refuses:
            s.append(f'modinfo fk_refuse={self.refuses}:EINVAL')
        if self.in_use:
            s.append('modinfo fk_in_use=1')
        s.append(f'buildid {self.build_id()}')
        return s


def covers(p, q):
    return q.pairs() <= p.pairs() and set(q.funcs) <= set(p.funcs) and \
        all(p.callbacks.get(o) for o, w in q.callbacks.items() if w)


def later(p, q):
    """Whether p is a later release of q's series."""
    return bool(p.series and q.series and p.series[0] == q.series[0] and
                p.series[1] > q.series[1])


def is_whole(p, q):
    """Whether p takes q's place by declaration, so that what it leaves out may go."""
    if p.name == q.name:
        return False
    if any(fnmatch.fnmatch(q.name, pattern) for pattern in p.supersedes):
        return bool(set(p.funcs) & set(q.funcs))
    if not later(p, q):
        return False
    if p.replace:
        return True
    return p.series[2] and q.series[2] and bool(set(p.funcs) & set(q.funcs))


def supersedes(p, q):
    return is_whole(p, q) or (later(p, q) and covers(p, q))


def states_without(patches, masked, unmet):
    result = {}
    count = [p for p in patches if p.name not in masked and p.name not in unmet and
             not p.misfits()]
    for q in patches:
        by = [p for p in count if supersedes(p, q)]
        free = [p for p in by if not any(supersedes(r, p) for r in count)]
        if q.name in masked:
            result[q.name] = 'masked'
        elif free:
            result[q.name] = 'superseded'
        elif by:
            result[q.name] = None
        elif q.misfits():
            result[q.name] = 'incompatible'
        else:
            result[q.name] = 'unmet' if q.name in unmet else 'active'
    return result


def is_met(name, patches, state):
    """Whether a patch is active, or what takes its place is."""
    by = [p for p in patches if p.name == name] or [Patch(name, {})]
    return any(state[p.name] in ('active', None) and
               (p.name == name or supersedes(p, by[0])) for p in patches)


def states(patches, masked):
    """name -> active, superseded, masked, incompatible, unmet; or None, where the design leaves it
    open: the only patch that takes its place has lost its own to one that does not."""
    patches = list(patches)
    unmet = set()
    while True:
        state = states_without(patches, masked, unmet)
        more = {p.name for p in patches
                if state[p.name] not in ('superseded', 'incompatible') and
                not all(is_met(r, patches, state) for r in p.requires)}
        if more <= unmet:
            break
        unmet |= more
    for p in patches:
        # whether what takes a masked one's place is as good is open, too, and whether that of
        # one which is open itself
        if state[p.name] == 'active' and \
                any(r in masked or state.get(r, '') is None for r in p.requires):
            state[p.name] = None
    return state


def strangers(patches, state):
    """Whether there are several bases, of which only one can be."""
    return sum(p.replace and state.get(p.name) != 'masked' and
               state.get(p.name) not in ('superseded', 'incompatible')
               for p in patches) > 1
