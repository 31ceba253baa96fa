/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To be preloaded: no read or write is of more than a few bytes, as is every system's
 * right. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/types.h>

#define MOST 7
#define EXPORT __attribute__((visibility("default")))

#define SHORT(name, params, args)                                                        \
	EXPORT ssize_t name params;                                                      \
	ssize_t name params                                                              \
	{                                                                                \
		static ssize_t(*real) params;                                            \
                                                                                         \
		if (!real)                                                               \
			real = (ssize_t(*) params)dlsym(RTLD_NEXT, #name);               \
		if (len > MOST)                                                          \
			len = MOST;                                                      \
		return real args;                                                        \
	}

SHORT(read, (int fd, void *buf, size_t len), (fd, buf, len))
SHORT(pread, (int fd, void *buf, size_t len, long at), (fd, buf, len, at))
SHORT(pread64, (int fd, void *buf, size_t len, long long at), (fd, buf, len, at))
SHORT(write, (int fd, const void *buf, size_t len), (fd, buf, len))
