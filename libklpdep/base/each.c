/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that share many items. */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "libklpdep/base/each.h"

#define THREADS_MAX 64
#define PROGRESS_INTERVAL_NS 100000000
#define NS_PER_S 1000000000L

struct each {
	void (*fn)(void *data, size_t i);
	void *data;
	size_t n;
	_Atomic size_t next;
	_Atomic size_t done;
	pthread_mutex_t lock; /* of the condition: everything is done */
	pthread_cond_t all_done;
};

static void *work(void *data)
{
	struct each *each = data;
	size_t i;

	while ((i = atomic_fetch_add(&each->next, 1)) < each->n) {
		each->fn(each->data, i);
		if (atomic_fetch_add(&each->done, 1) + 1 < each->n)
			continue;
		pthread_mutex_lock(&each->lock);
		pthread_cond_signal(&each->all_done);
		pthread_mutex_unlock(&each->lock);
	}
	return NULL;
}

static unsigned int available_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ?
		       (unsigned int)CPU_COUNT(&set) : 1;
}

/* Wait until everything is done, but for one interval at most. */
static void wait_a_while(struct each *each)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += PROGRESS_INTERVAL_NS;
	until.tv_sec += until.tv_nsec / NS_PER_S;
	until.tv_nsec %= NS_PER_S;
	pthread_mutex_lock(&each->lock);
	while (atomic_load(&each->done) < each->n &&
	       pthread_cond_timedwait(&each->all_done, &each->lock, &until) == 0)
		;
	pthread_mutex_unlock(&each->lock);
}

/* Report progress while the threads work.  If the callback ends it, they take no more. */
static int watch(struct each *each, klpdep_progress_fn progress, void *data)
{
	int stop = 0;
	size_t done;

	while ((done = atomic_load(&each->done)) < each->n && stop == 0) {
		stop = progress(data, done, each->n);
		if (stop == 0)
			wait_a_while(each);
	}
	if (stop == 0)
		return progress(data, each->n, each->n);
	atomic_store(&each->next, each->n);
	return stop;
}

static void each_init(struct each *each)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&each->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&each->all_done, &attributes);
	pthread_condattr_destroy(&attributes);
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
	each_init(&each);
	/* This thread works, too, unless it reports progress. */
	while (started + !progress < n_threads &&
	       pthread_create(&threads[started], NULL, work, &each) == 0)
		started++;
	if (progress && started)
		stop = watch(&each, progress, progress_data);
	work(&each);
	while (started)
		pthread_join(threads[--started], NULL);
	pthread_cond_destroy(&each.all_done);
	pthread_mutex_destroy(&each.lock);
	return stop;
}
