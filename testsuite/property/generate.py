# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random sequences, and making one smaller that fails."""
import random

from model import Patch, FUNCTIONS, GONE, OBJECTS, TARGETS
from sequence import Sequence

CALLBACKS = ('pre_patch', 'post_patch', 'pre_unpatch', 'post_unpatch')


def functions(rng, objects, most):
    return {o: set(rng.sample(FUNCTIONS, rng.randint(1, most))) for o in objects}


def callbacks(rng, funcs):
    if rng.random() < 0.85:
        return {}
    which = [w for w in CALLBACKS if rng.random() < 0.5]
    return {o: which for o in funcs if rng.random() < 0.7}


def numbered(rng, stem):
    """Releases by a number in the name: each has what the one before had, or not."""
    funcs = functions(rng, rng.sample(OBJECTS, rng.randint(1, 2)), 2)
    for n in range(1, rng.randint(2, 4)):
        yield Patch(f'{stem}_{n}', funcs, (stem, n, False),
                    callbacks=callbacks(rng, funcs))
        if rng.random() < 0.4:
            funcs = functions(rng, rng.sample(OBJECTS, rng.randint(1, 2)), 2)
        else:
            more = functions(rng, rng.sample(OBJECTS, 1), 1)
            funcs = {o: set(funcs.get(o, ())) | set(more.get(o, ()))
                     for o in {**funcs, **more}}


def per_object(rng, stem):
    """A set that is declared: a patch for each object."""
    related = rng.random() < 0.4
    for n in range(1, rng.randint(2, 4)):
        first = []
        for o in rng.sample(OBJECTS, rng.randint(1, 3)):
            funcs = functions(rng, [o], 2)
            yield Patch(f'{stem}{n}__{o}', funcs, (stem, n, True), requires=first,
                        callbacks=callbacks(rng, funcs))
            if related:
                first = first or [f'{stem}{n}__{o}']


def cumulative(rng, stem, first=1):
    for n in range(first, first + rng.randint(1, 3)):
        funcs = functions(rng, rng.sample(OBJECTS, rng.randint(1, 3)), 3)
        yield Patch(f'{stem}_{n}', funcs, (stem, n, False), replace=True,
                    callbacks=callbacks(rng, funcs))


def alone(rng, name):
    funcs = functions(rng, rng.sample(OBJECTS, rng.randint(1, 2)), 2)
    return Patch(name, funcs, callbacks=callbacks(rng, funcs))


def tree(rng, wild):
    patches = []
    for stem in ('fix', 'hot'):
        if rng.random() < 0.5:
            patches += numbered(rng, stem)
    if rng.random() < 0.4:
        patches += per_object(rng, 's')
    if rng.random() < 0.4:
        patches += cumulative(rng, 'all')
    if rng.random() < 0.3 or not patches:
        patches.append(alone(rng, 'lone'))
    if rng.random() < 0.15:
        patches.append(alone(rng, 'new').but(
            supersedes=[rng.choice(patches).name]))
    if rng.random() < 0.25:
        i = rng.randrange(len(patches))
        modules = [o for o in patches[i].funcs if o != 'vmlinux']
        if modules:
            o = rng.choice(modules)
            patches[i] = patches[i].but(
                funcs={**patches[i].funcs, o: sorted({*patches[i].funcs[o], GONE})})
    if wild:
        if rng.random() < 0.3:
            patches += [p for p in cumulative(rng, 'vendor')]
        if rng.random() < 0.3:
            patches.append(alone(rng, 'stray'))
        if rng.random() < 0.3:
            i = rng.randrange(len(patches))
            modules = [o for o in patches[i].funcs if o != 'vmlinux']
            if modules:
                patches[i] = patches[i].but(refuses=rng.choice(modules))
        if rng.random() < 0.2:
            for i in rng.sample(range(len(patches)), min(2, len(patches))):
                patches[i] = patches[i].but(states={1: rng.randint(1, 2)})
    return {p.name: p for p in patches}


def one_step(rng, names, wild):
    word = rng.choices(
        ('sync', 'modprobe', 'remove', 'depmod', 'mask', 'unmask', 'add', 'take', 'build',
         'insmod', 'disable', 'reboot'),
        (30, 20, 8, 4, 8, 5, 10, 4, 2, 10 if wild else 4, 2, 3))[0]
    if word in ('modprobe', 'remove'):
        return [(word, rng.choice(TARGETS))]
    if word in ('sync', 'depmod', 'reboot'):
        return [(word,)]
    steps = [(word, rng.choice(names))]
    if word == 'build':
        steps = [(word, steps[0][1], rng.randint(2, 9))]
    # files come with depmod, as a rule
    if word in ('add', 'take', 'build') and rng.random() < 0.8:
        steps.append(('depmod',))
    return steps


def sequence(seed, wild):
    rng = random.Random(seed)
    patches = tree(rng, wild)
    names = sorted(patches)
    installed = {n for n in names if rng.random() < 0.6 and not n.startswith('stray')}
    steps = []
    for _ in range(rng.randint(4, 12)):
        steps += one_step(rng, names, wild)
    return Sequence(patches, installed, steps + [('sync',)])


def without(table, key):
    return {k: v for k, v in table.items() if k != key}


def smaller(seq):
    """What is left with one thing less, the largest things first."""
    n = len(seq.steps)
    for size in (n // 2, n // 4, 2, 1):
        for at in range(0, n, size or 1):
            if size:
                yield Sequence(seq.patches, seq.installed,
                               seq.steps[:at] + seq.steps[at + size:])
    for name in sorted(seq.patches):
        yield Sequence(without(seq.patches, name), seq.installed - {name},
                       [s for s in seq.steps if name not in s])
    for name, p in sorted(seq.patches.items()):
        less = [p.but(callbacks={})] if p.callbacks else []
        less += [p.but(states={})] if p.states else []
        less += [p.but(refuses=None)] if p.refuses else []
        less += [p.but(supersedes=[])] if p.supersedes else []
        less += [p.but(requires=[])] if p.requires else []
        for o, fs in p.funcs.items():
            if len(p.funcs) > 1:
                less.append(p.but(funcs=without(p.funcs, o),
                                  callbacks=without(p.callbacks, o)))
            if len(fs) > 1:
                less += [p.but(funcs={**p.funcs, o: [f for f in fs if f != g]})
                         for g in fs]
        for q in less:
            yield Sequence({**seq.patches, name: q}, seq.installed, seq.steps)


def shrink(seq, fails, patience=150):
    """The smallest that is found to fail, @fails(seq) being asked at most that often."""
    found = True
    while found:
        found = False
        for less in smaller(seq):
            patience -= 1
            if patience < 0:
                return seq
            if fails(less):
                seq, found = less, True
                break
    return seq
