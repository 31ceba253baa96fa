/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../init/klptest.h"

int klptest_rate(int x);
int klptest_first(int x);
