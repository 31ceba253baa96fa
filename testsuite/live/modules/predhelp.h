/* SPDX-License-Identifier: GPL-2.0-or-later */
void predhelp_answer(char *answer);
