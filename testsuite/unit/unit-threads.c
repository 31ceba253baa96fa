// SPDX-License-Identifier: LGPL-2.1-or-later
/* Several threads at once, each with a context of its own, on one tree.  scripts/analyse runs this
 * under ThreadSanitizer. */
#include "config.h"

#include <pthread.h>

#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define THREADS 4
#define ROUNDS 5
#define MODULES 12

static void put_tree(void)
{
	char *dep = text("%s", "");

	for (int i = 0; i < MODULES; i++) {
		put_module(text(TREE "kernel/m%d.ko", i), text("name m%d; local f", i));
		put_module(text(TREE "updates/klp_m%d_1.ko", i),
			   text("name klp_m%d_1; livepatch klp-patch; object m%d; func f 0; "
				"object vmlinux; func v 0", i, i));
		dep = append(dep, "kernel/m%d.ko:\nupdates/klp_m%d_1.ko:\n", i, i);
	}
	put_text(TREE "modules.dep", dep);
	put_text(TREE "modules.order", "kernel/m0.ko\n");
	put_text(TREE "modules.builtin", "");
}

static int add(void *data, const struct klpdep_finding *finding)
{
	*(size_t *)data += *klpdep_finding_get_code(finding) != '\0';
	return 0;
}

static int on_progress(void *data, size_t done, size_t total)
{
	*(size_t *)data = total - done;
	return 0;
}

/* The answers, as a number; negative where one was none. */
static long ask(struct klpdep_ctx *ctx_, struct klpdep_index *index)
{
	_cleanup_config_ struct klpdep_config *config = NULL;
	_cleanup_view_ struct klpdep_view *view = NULL;
	_cleanup_links_ struct klpdep_links *links = NULL;
	_cleanup_plan_ struct klpdep_plan *plan = NULL;
	_cleanup_tree_ struct klpdep_tree *tree = NULL;
	_cleanup_rules_ struct klpdep_rules *rules = NULL;
	const struct klpdep_edge *edge;
	size_t n = 0;
	bool due;

	if (klpdep_config_new(ctx_, NULL, &config) < 0 ||
	    klpdep_view_new(ctx_, index, config, 0, &view) < 0 ||
	    klpdep_links_new(ctx_, view, &links) < 0 ||
	    klpdep_plan_new_initrd(ctx_, view, NULL, 0, &plan) < 0 ||
	    klpdep_tree_new(ctx_, KERNEL, &tree) < 0 ||
	    klpdep_rules_new(ctx_, view, &rules) < 0 ||
	    klpdep_depmod_is_due(ctx_, KERNEL, &due) < 0 ||
	    klpdep_verify(ctx_, KERNEL, config, NULL, 0, add, &n) < 0 ||
	    klpdep_check_blocks(ctx_, view, add, &n) < 0)
		return -1;
	for (size_t i = 0; (edge = klpdep_index_get_edge(index, i)); i++)
		n += klpdep_view_get_state(view, klpdep_edge_get_patch(edge)) ==
			     KLPDEP_STATE_ACTIVE &&
		     klpdep_rules_get_rule(rules, edge) == KLPDEP_RULE_NONE;
	return (long)n;
}

/* What is loaded, wherever this runs: where it cannot be seen, that is an answer, too. */
static void look(struct klpdep_ctx *ctx_)
{
	struct klpdep_status *status = NULL;

	klpdep_get_switched_off(ctx_);
	klpdep_strerror(-EBADMSG);
	if (klpdep_status_new(ctx_, NULL, &status) == 0)
		klpdep_status_unref(status);
}

struct worker {
	pthread_t thread;
	int number;
	long answers[ROUNDS];
};

/* The number 0 writes what the others read. */
static long work_once(const struct worker *worker, struct klpdep_ctx *ctx_)
{
	_cleanup_(klp_publisher_cleanup) struct klpdep_publisher *publisher = NULL;
	_cleanup_index_ struct klpdep_index *index = NULL, *opened = NULL;
	size_t left = 1, bad = 1;

	if (klpdep_publisher_new(ctx_, NULL, NULL, 2, worker->number ? KLPDEP_PUBLISH_DRY_RUN : 0,
				 &publisher) < 0 ||
	    klpdep_publisher_add(publisher, KERNEL, on_progress, &left, &index, &bad) < 0 ||
	    klpdep_publisher_write_rules(publisher) < 0 || left || bad ||
	    klpdep_index_open(ctx_, KERNEL, KLPDEP_OPEN_OPTIONAL, &opened) < 0)
		return -1;
	return ask(ctx_, index);
}

static void *work(void *data)
{
	struct worker *worker = data;
	struct klpdep_ctx *here = NULL, *running = NULL;

	for (int i = 0; i < ROUNDS; i++)
		worker->answers[i] = -1;
	if (klpdep_new(&here) == 0 && klpdep_set_root(here, fix_dir) == 0 &&
	    klpdep_new(&running) == 0) {
		for (int i = 0; i < ROUNDS; i++) {
			worker->answers[i] = work_once(worker, here);
			look(running);
		}
	}
	klpdep_unref(here);
	klpdep_unref(running);
	return NULL;
}

START_TEST(threads)
{
	struct worker workers[THREADS] = { 0 };

	put_tree();
	for (int i = 0; i < THREADS; i++) {
		workers[i].number = i;
		ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
	/* All were asked the same, but for whether there is an index yet. */
	for (int i = 0; i < THREADS; i++) {
		for (int j = 0; j < ROUNDS; j++)
			ck_assert_msg(workers[i].answers[j] > 0, "thread %d, round %d: %ld", i, j,
				      workers[i].answers[j]);
		ck_assert_int_eq(workers[i].answers[ROUNDS - 1],
				 workers[0].answers[ROUNDS - 1]);
	}
}
END_TEST

UNIT_MAIN("threads", threads)
