# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sequences that are not random: each is a way in which a machine was made less patched
than it was, or said to be more."""
from model import Patch
from sequence import Sequence

ALL = ('pre_patch', 'post_patch', 'pre_unpatch', 'post_unpatch')


def fix(n, funcs=None, **more):
    return Patch(f'fix_{n}', funcs or {'a': 'f'}, ('fix', n, False), **more)


def base(n, objects, stem='all', **more):
    return Patch(f'{stem}_{n}', {o: 'f' for o in objects}, (stem, n, False), replace=True,
                 **more)


def sequence(patches, installed, *steps):
    """installed and steps: words, divided by spaces."""
    return Sequence({p.name: p for p in patches}, set(installed.split()),
                    [tuple(s.split()) for s in steps] + [('sync',)])


TABLE = {
    # a later number with other functions is another fix
    'numbers': sequence([fix(1), fix(2, {'a': 'g'})], 'fix_1 fix_2', 'sync', 'modprobe a'),
    'number-in-between': sequence(
        [fix(1), fix(2, {'a': 'g'}), fix(3, {'a': 'fg'})], 'fix_1', 'modprobe a',
        'add fix_2', 'depmod', 'sync', 'add fix_3', 'depmod', 'sync'),
    'base-shrinks': sequence([base(1, ('vmlinux', 'a', 'b')), base(2, ('vmlinux', 'a'))],
                             'all_1', 'modprobe a', 'sync', 'add all_2', 'depmod', 'sync',
                             'sync'),
    'base-grows': sequence([base(1, ('vmlinux',)), base(2, ('vmlinux', 'a'))],
                           'all_1', 'modprobe a', 'sync', 'add all_2', 'depmod', 'sync'),
    'base-changes': sequence([base(1, ('a',)), base(2, ('b',))], 'all_1', 'modprobe a',
                             'modprobe b', 'sync', 'add all_2', 'depmod', 'sync'),
    'hotfix-beside-base': sequence(
        [base(1, ('vmlinux', 'a')), base(2, ('vmlinux', 'a')), Patch('hot', {'a': 'g'})],
        'all_1 hot', 'modprobe a', 'sync', 'add all_2', 'depmod', 'sync', 'remove a',
        'modprobe a'),
    'bases-of-strangers': sequence([base(1, ('vmlinux',)), base(1, ('vmlinux',), 'other')],
                                   'all_1 other_1', 'sync', 'sync'),
    'foreign-newer': sequence([base(1, ('vmlinux', 'a')), base(2, ('vmlinux', 'a'))],
                              'all_1', 'sync', 'insmod all_2', 'sync', 'modprobe a'),
    'foreign-older': sequence([base(1, ('vmlinux', 'a')), base(2, ('vmlinux', 'a'))],
                              'all_2', 'insmod all_1', 'sync', 'modprobe a'),
    'foreign-same-function': sequence(
        [Patch('stray', {'vmlinux': 'f'}), Patch('hot', {'vmlinux': 'f'})], 'hot',
        'insmod stray', 'sync'),
    'foreign-evicted': sequence(
        [Patch('stray', {'vmlinux': 'g'}), base(1, ('vmlinux',))], 'all_1',
        'insmod stray', 'sync'),
    'file-gone': sequence([base(1, ('vmlinux',)), base(2, ('vmlinux',))], 'all_1', 'sync',
                          'take all_1', 'add all_2', 'depmod', 'sync'),
    'mask-newer': sequence([fix(1), fix(2)], 'fix_1 fix_2', 'modprobe a', 'mask fix_2',
                           'sync', 'unmask fix_2', 'sync'),
    'mask-newer-base': sequence([base(1, ('vmlinux',)), base(2, ('vmlinux',))],
                                'all_1 all_2', 'sync', 'mask all_2', 'sync'),
    'mask-alone': sequence([fix(1)], 'fix_1', 'modprobe a', 'mask fix_1', 'sync'),
    # neither covers the other, and what comes is by its number the older one
    'mask-gone': sequence(
        [Patch('fix_1', {'vmlinux': 'f', 'c': 'g'}, ('fix', 1, False)),
         Patch('fix_2', {'vmlinux': 'f', 'b': 'f'}, ('fix', 2, False))], 'fix_2', 'sync',
        'mask fix_2', 'take fix_2', 'add fix_1', 'depmod', 'sync'),
    'older-after-newer': sequence([fix(1), fix(2)], 'fix_1 fix_2', 'modprobe a',
                                  'insmod fix_1', 'sync'),
    'callbacks': sequence([fix(1, callbacks={'a': ALL}), fix(2, callbacks={'a': ALL})],
                          'fix_1', 'modprobe a', 'add fix_2', 'depmod', 'sync',
                          'remove a', 'sync'),
    'callbacks-mask': sequence([fix(1, callbacks={'a': ALL}), fix(2, callbacks={'a': ALL})],
                               'fix_1', 'modprobe a', 'add fix_2', 'depmod', 'sync',
                               'mask fix_2', 'sync'),
    'other-build': sequence([fix(1)], 'fix_1', 'modprobe a', 'build fix_1 2', 'depmod',
                            'sync'),
    'refused': sequence([Patch('big', {'vmlinux': 'f', 'a': 'f'}, refuses='a')], 'big',
                        'sync', 'modprobe a'),
    'refused-other-target': sequence(
        [Patch('big', {'b': 'f', 'a': 'f'}, refuses='a')], 'big', 'modprobe b',
        'modprobe a'),
    'refused-alone': sequence([fix(1, refuses='a')], 'fix_1', 'insmod fix_1', 'modprobe a'),
    # it is disabled then, and cannot be deleted
    'refused-undeletable': sequence([fix(1, refuses='a', in_use=True)], 'fix_1',
                                    'modprobe a'),
    'refused-held': sequence(
        [Patch('big', {'vmlinux': 'f', 'a': 'f'}, refuses='a'),
         Patch('more', {'vmlinux': 'g'}, needs=['big'])], 'big more', 'sync', 'modprobe a'),
    'state-down': sequence([fix(1, states={1: 1}), fix(2, states={1: 2})], 'fix_1 fix_2',
                           'modprobe a', 'mask fix_2', 'sync'),
    'evicted-by-hand': sequence([Patch('hot', {'vmlinux': 'f'}), base(1, ('vmlinux',))],
                                'all_1 hot', 'sync', 'disable all_1', 'sync',
                                'disable hot', 'sync'),
    'set-released': sequence(
        [Patch(f's{n}__{o}', {o: 'fg'[:n]}, ('s', n, True)) for n in (1, 2)
         for o in ('a', 'vmlinux')], 's1__a s1__vmlinux', 'sync', 'modprobe a',
        'add s2__a', 'depmod', 'sync', 'add s2__vmlinux', 'depmod', 'sync'),
    'set-drops-function': sequence(
        [Patch('s1__a', {'a': 'fg'}, ('s', 1, True)), Patch('s2__a', {'a': 'g'},
                                                            ('s', 2, True))],
        's1__a', 'modprobe a', 'add s2__a', 'depmod', 'sync'),
    'reboot': sequence([base(1, ('vmlinux', 'a')), Patch('hot', {'a': 'g'})], 'all_1 hot',
                       'sync', 'modprobe a', 'sync', 'reboot', 'modprobe a', 'sync'),
}
