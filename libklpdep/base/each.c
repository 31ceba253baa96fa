/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that share many items. */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "libklpdep/base/each.h"

#define THREADS_MAX 64
/* The calling thread reports progress after so many items of its own.  A serial console
 * takes a while for each report. */
#define REPORT_AFTER 64

struct each {
	void (*fn)(void *data, size_t i);
	void *data;
	size_t n;
	_Atomic size_t next;
	_Atomic size_t done;
};

static bool work_on_one(struct each *each)
{
	size_t i = atomic_fetch_add(&each->next, 1);

	if (i >= each->n)
		return false;
	each->fn(each->data, i);
	atomic_fetch_add(&each->done, 1);
	return true;
}

static void *work(void *data)
{
	while (work_on_one(data))
		;
	return NULL;
}

static unsigned int available_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ?
		       (unsigned int)CPU_COUNT(&set) : 1;
}

/* Work like the other threads, and report progress meanwhile. */
static int work_and_report(struct each *each, klpdep_progress_fn progress, void *data)
{
	size_t own = 0;

	do {
		int stop = own++ % REPORT_AFTER ? 0 : progress(data, each->done, each->n);

		if (stop) {
			/* The other threads take no more. */
			each->next = each->n;
			return stop;
		}
	} while (work_on_one(each));
	return 0;
}

int klp_each(unsigned int n_threads, size_t n, void (*fn)(void *data, size_t i), void *data,
	      klpdep_progress_fn progress, void *progress_data)
{
	struct each each = { .fn = fn, .data = data, .n = n };
	pthread_t threads[THREADS_MAX];
	unsigned int started = 0;
	int stop = 0;

	if (n_threads == 0)
		n_threads = available_processors();
	if (n_threads > THREADS_MAX)
		n_threads = THREADS_MAX;
	if (n_threads > n)
		n_threads = (unsigned int)n;
	/* This thread works, too. */
	while (started + 1 < n_threads &&
	       pthread_create(&threads[started], NULL, work, &each) == 0)
		started++;
	if (progress)
		stop = work_and_report(&each, progress, progress_data);
	else
		work(&each);
	while (started)
		pthread_join(threads[--started], NULL);
	return progress && stop == 0 ? progress(progress_data, n, n) : stop;
}
