/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that take one of many after the other. */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "libklpdep/base/each.h"

#define THREADS_MAX 64
#define PROGRESS_INTERVAL_NS 100000000

struct each {
	void (*fn)(void *data, size_t i);
	void *data;
	size_t n;
	_Atomic size_t next;
	_Atomic size_t done;
};

static void *work(void *data)
{
	struct each *each = data;
	size_t i;

	while ((i = atomic_fetch_add(&each->next, 1)) < each->n) {
		each->fn(each->data, i);
		atomic_fetch_add(&each->done, 1);
	}
	return NULL;
}

static unsigned int available_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ?
		       (unsigned int)CPU_COUNT(&set) : 1;
}

/* Say how far it is while the threads work. */
static void watch(struct each *each, klpdep_progress_fn progress, void *data)
{
	const struct timespec interval = { .tv_nsec = PROGRESS_INTERVAL_NS };
	size_t done;

	while ((done = atomic_load(&each->done)) < each->n) {
		progress(data, done, each->n);
		nanosleep(&interval, NULL);
	}
	progress(data, each->n, each->n);
}

void klp_each(unsigned int n_threads, size_t n, void (*fn)(void *data, size_t i), void *data,
	      klpdep_progress_fn progress, void *progress_data)
{
	struct each each = { .fn = fn, .data = data, .n = n };
	pthread_t threads[THREADS_MAX];
	unsigned int started = 0;

	if (n_threads == 0)
		n_threads = available_processors();
	if (n_threads > THREADS_MAX)
		n_threads = THREADS_MAX;
	if (n_threads > n)
		n_threads = (unsigned int)n;
	/* This thread works too, unless it has progress to report. */
	while (started + !progress < n_threads &&
	       pthread_create(&threads[started], NULL, work, &each) == 0)
		started++;
	if (progress && started)
		watch(&each, progress, progress_data);
	work(&each);
	while (started)
		pthread_join(threads[--started], NULL);
}
