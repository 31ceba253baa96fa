/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * malloc(3) and its like, in front of those of the C library, of AddressSanitizer or of
 * valgrind, which do the work.  What the C library allocates by itself (strdup, asprintf,
 * open_memstream, fopen...) comes by here, too.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/faults/alloc.h"

/* Where the C library has none, whose call it was is not known. */
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#else
#define backtrace(frames, n) ((void)(frames), 0)
#define backtrace_symbols_fd(frames, n, fd) ((void)(frames), (void)(n))
#endif

/* dlsym(3) itself may allocate, before there is anything to hand that on to. */
static char early[4096];
static size_t early_used;

struct fault_alloc fault_alloc;

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof(early);
}

static void *take_early(size_t size)
{
	char *p = early + early_used;

	early_used += (size + 15) & ~(size_t)15;
	if (early_used > sizeof(early))
		abort();
	return p;
}

/* The real NAME, or NULL while it is being looked for. */
#define REAL(type, name)                                                                 \
	({                                                                               \
		static type real_;                                                       \
		static bool looking_;                                                    \
		if (!real_ && !looking_) {                                               \
			looking_ = true;                                                 \
			real_ = (type)dlsym(RTLD_NEXT, name);                            \
		}                                                                        \
		real_;                                                                   \
	})

typedef void *(*malloc_fn)(size_t size);
typedef void *(*calloc_fn)(size_t n, size_t size);
typedef void *(*realloc_fn)(void *p, size_t size);
typedef void (*free_fn)(void *p);

const char *fault_alloc_caller(int skip)
{
	static const char *const known[] = { "libkmod", "libsmartcols", "liblzma", "libzstd",
					     "libz", "fakekernel" };
	void *frames[16];
	int n = backtrace(frames, 16);
	Dl_info first, ours;

	if (fault_alloc.trace)
		backtrace_symbols_fd(frames, n, fault_alloc.trace);
	/* backtrace() may be AddressSanitizer's. */
	if (n && dladdr(frames[0], &first) && dladdr(__func__, &ours) &&
	    first.dli_fbase != ours.dli_fbase)
		skip++;
	for (int i = skip + 1; i < n; i++) {
		const char *file;
		Dl_info info;

		if (!dladdr(frames[i], &info) || !info.dli_fname)
			continue;
		file = strrchr(info.dli_fname, '/');
		file = file ? file + 1 : info.dli_fname;
		if (!strncmp(file, "libc.", 5) || !strncmp(file, "libasan", 7))
			continue;
		for (size_t j = 0; j < sizeof(known) / sizeof(known[0]); j++) {
			if (!strncmp(file, known[j], strlen(known[j])))
				return known[j];
		}
		return NULL;
	}
	return NULL;
}

static __attribute__((noinline)) bool fails(void)
{
	if (!fault_alloc.armed || ++fault_alloc.seen != fault_alloc.fail_at)
		return false;
	fault_alloc.armed = false;
	fault_alloc.library = fault_alloc_caller(2);
	fault_alloc.failed = true;
	fault_alloc.armed = true;
	errno = ENOMEM;
	return true;
}

static void *count(void *p)
{
	if (p)
		__atomic_add_fetch(&fault_alloc.live, 1, __ATOMIC_RELAXED);
	return p;
}

__attribute__((noinline)) void *malloc(size_t size)
{
	malloc_fn real = REAL(malloc_fn, "malloc");

	if (!real)
		return take_early(size);
	return fails() ? NULL : count(real(size));
}

__attribute__((noinline)) void *calloc(size_t n, size_t size)
{
	calloc_fn real = REAL(calloc_fn, "calloc");

	if (!real)
		return take_early(n * size);
	return fails() ? NULL : count(real(n, size));
}

__attribute__((noinline)) void *realloc(void *p, size_t size)
{
	realloc_fn real = REAL(realloc_fn, "realloc");

	if (!real || is_early(p))
		abort();
	if (fails())
		return NULL;
	return p ? real(p, size) : count(real(p, size));
}

void free(void *p)
{
	free_fn real = REAL(free_fn, "free");

	if (!p || is_early(p) || !real)
		return;
	__atomic_sub_fetch(&fault_alloc.live, 1, __ATOMIC_RELAXED);
	real(p);
}
