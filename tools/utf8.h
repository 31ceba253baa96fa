/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text for JSON, which has to be UTF-8: names in a module's file have any bytes. */
#ifndef KLPDEP_UTF8_H
#define KLPDEP_UTF8_H

/* A copy with U+FFFD in the place of each byte that is not part of valid UTF-8 (RFC
 * 3629).  NULL: no memory. */
char *utf8_copy(const char *text);

#endif /* KLPDEP_UTF8_H */
