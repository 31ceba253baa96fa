/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is patched must not be taken apart by the compiler. */
#define WHOLE __attribute__((noipa))

int klptest_one(int x);
int klptest_two(int x);
