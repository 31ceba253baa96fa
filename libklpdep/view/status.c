/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is patched in the running kernel, by index and sysfs. */
#include "config.h"

#include "libklpdep/view/view.h"
#include "libklpdep/live/live.h"
#include "libklpdep/view/older.h"
#include "libklpdep/view/row.h"

static void status_destroy(struct klpdep_status *status)
{
	for (size_t i = 0; i < status->n_rows; i++) {
		struct klpdep_row *row = &status->rows[i];

		free(row->target);
		free(row->patch);
		free(row->set);
		free(row->reason);
	}
	free(status->rows);
	klpdep_view_unref(status->view);
	free(status);
}

KLP_REFCOUNTED(klpdep_status, klpdep_status, status_destroy)

/* ---- one row ----------------------------------------------------------------------- */

/* A module whose init has failed, or that is being unloaded, needs no patch any more. */
static bool is_there(const char *target)
{
	enum klp_module_state state;

	if (klp_streq(target, "vmlinux"))
		return true;
	state = klp_live_module(target);
	return state == KLP_MODULE_LIVE || state == KLP_MODULE_COMING;
}

static bool has_object(const char *patch, const char *object)
{
	_cleanup_strv_ struct klp_strv objects = { 0 };

	klp_live_objects(patch, &objects);
	return klp_strv_has(&objects, object);
}

/* Whether an enabled patch is applied to a loaded object.  Before 6.1 the object has a
 * directory without a file that tells.  But the kernel applies the patch to all loaded
 * objects, or does not load it. */
static bool is_applied(const char *patch, const char *object)
{
	int patched = klp_live_patched(patch, object);

	return patched < 0 ? has_object(patch, object) : patched;
}

/* A row with the kernel's state; @target may be NULL.  *state is the patch's. */
static struct klpdep_row *add_row(struct klpdep_status *status, const char *target,
			   const char *patch, const char *set,
			   enum klp_patch_state *state)
{
	struct klpdep_row *row = klp_append(status->rows, status->n_rows);

	if (!row || klp_set_string(&row->patch, patch) < 0 ||
	    (target && klp_set_string(&row->target, target) < 0) ||
	    (set && klp_set_string(&row->set, set) < 0))
		return NULL;
	row->since = -1;
	*state = klp_live_patch(patch);
	row->loaded = *state != KLP_PATCH_ABSENT;
	row->enabled = *state == KLP_PATCH_ENABLED || *state == KLP_PATCH_ENABLING;
	row->transition = *state == KLP_PATCH_ENABLING || *state == KLP_PATCH_DISABLING;
	row->target_loaded = target && is_there(target);
	row->patched = row->target_loaded && (row->enabled || row->transition) &&
		       is_applied(patch, target);
	return row;
}

/* Since when a row's condition holds, where klpdep has seen it begin. */
static long long find_since(const struct klpdep_status *status, const struct klpdep_row *row)
{
	const struct klp_transition_info *transition = &status->transition.info;

	if (row->condition == KLPDEP_CONDITION_PATCHED)
		return klp_note_find_since(row->patch, row->target);
	if (row->condition == KLPDEP_CONDITION_TRANSITION && transition->seconds >= 0 &&
	    klp_streq(row->patch, transition->patch))
		return (long long)time(NULL) - transition->seconds;
	return -1;
}

/* Why an active patch is not in effect on a loaded target. */
static const char *why_unpatched(const struct klpdep_status *status,
				 enum klp_patch_state state,
				 const struct klpdep_edge *edge)
{
	switch (state) {
	case KLP_PATCH_ABSENT:
		return !status->supported ? "the kernel cannot livepatch" :
		       status->off	  ? status->off :
					    "not loaded";
	case KLP_PATCH_COMING:
		return "being loaded";
	case KLP_PATCH_DEAD:
		return "disabled or replaced, but not unloaded";
	default:
		return has_object(edge->patch->name, edge->object->name) ?
			       "enabled, but not applied" :
			       "the patch that is loaded has no such object";
	}
}

/* The condition of an active patch; sets *reason. */
static enum klpdep_condition judge(const struct klpdep_status *status,
				   const struct klpdep_edge *edge, const struct klpdep_row *row,
				   enum klp_patch_state state, const char **reason)
{
	const struct klp_loaded *above;

	*reason = NULL;
	if (!row->target_loaded)
		return KLPDEP_CONDITION_IDLE;
	if (row->transition) {
		*reason = row->enabled ? "patching" : "unpatching";
		return KLPDEP_CONDITION_TRANSITION;
	}
	if (state == KLP_PATCH_ENABLED && row->patched) {
		/* The loaded build may lack fixes of the installed one. */
		above = klp_view_find_above(status->view, edge->patch, edge->object);
		if (klp_live_other_build(edge->patch)) {
			*reason = "another build of it is loaded";
		} else if (above) {
			*reason = above->name;
			return KLPDEP_CONDITION_OVERRIDDEN;
		} else {
			return KLPDEP_CONDITION_PATCHED;
		}
	} else {
		*reason = why_unpatched(status, state, edge);
	}
	return KLPDEP_CONDITION_UNPATCHED;
}

static enum klpdep_condition condition_of(enum klpdep_state state)
{
	static const enum klpdep_condition conditions[] = {
		[KLPDEP_STATE_ACTIVE] = KLPDEP_CONDITION_PATCHED,
		[KLPDEP_STATE_MASKED] = KLPDEP_CONDITION_MASKED,
		[KLPDEP_STATE_SUPERSEDED] = KLPDEP_CONDITION_SUPERSEDED,
		[KLPDEP_STATE_INCOMPATIBLE] = KLPDEP_CONDITION_INCOMPATIBLE,
		[KLPDEP_STATE_QUARANTINED] = KLPDEP_CONDITION_QUARANTINED,
		[KLPDEP_STATE_BLOCKED] = KLPDEP_CONDITION_BLOCKED,
		[KLPDEP_STATE_UNMET] = KLPDEP_CONDITION_UNMET,
	};

	return conditions[state];
}

/* For a loaded object.  A patch that is left to kpatch is as it should be if kpatch has
 * loaded it. */
static bool is_failure(const struct klpdep_status *status, const struct klpdep_edge *edge,
		       const struct klpdep_row *row, bool is_in_effect)
{
	switch (row->condition) {
	case KLPDEP_CONDITION_UNPATCHED:
	case KLPDEP_CONDITION_TRANSITION:
	case KLPDEP_CONDITION_OVERRIDDEN:
	case KLPDEP_CONDITION_INCOMPATIBLE:
	case KLPDEP_CONDITION_QUARANTINED:
	case KLPDEP_CONDITION_UNMET:
		return true;
	case KLPDEP_CONDITION_BLOCKED:
		return !klp_view_standing(status->view, edge->patch)->is_overtaken &&
		       !(klp_view_is_left(status->view, edge->patch) && is_in_effect);
	default:
		return false;
	}
}

/* An enabled patch that has replaced all others, by index or sysfs; or NULL. */
static const char *find_evictor(const struct klpdep_status *status)
{
	const struct klp_stack *stack = &status->view->stack;

	for (size_t i = stack->n; i-- > 0;) {
		const struct klp_loaded *loaded = &stack->v[i];
		const struct klpdep_patch *known =
			klp_index_find(status->view->index, loaded->name);

		if (loaded->state == KLP_PATCH_ENABLED &&
		    (loaded->replace == KLPDEP_REPLACE_YES ||
		     (known && known->replace == KLPDEP_REPLACE_YES)))
			return loaded->name;
	}
	return NULL;
}

/* What kept the patch out when it was last tried, or a target because of it.  The file that is to
 * be tried next may have gone. */
static int add_refusal(const struct klpdep_status *status, const struct klpdep_edge *edge,
		       enum klp_patch_state state, struct klpdep_row *row)
{
	_cleanup_free_ char *file = klp_index_patch_file(status->view->index, edge->patch);
	char target[KLP_MODULE_NAME_LEN] = "";
	struct klp_refusal why;

	if (!file)
		return -ENOMEM;
	if (row->condition == KLPDEP_CONDITION_UNPATCHED && state == KLP_PATCH_ABSENT &&
	    access(file, F_OK) < 0) {
		why.class = KLPDEP_REFUSAL_MISSING;
		snprintf(why.text, sizeof(why.text), "%s: %s", file, strerror(errno));
	} else if (!klp_note_find_why(edge->patch->name, file, target, &why) ||
		   (*target ? !klp_streq(target, row->target) : state != KLP_PATCH_ABSENT)) {
		return 0;
	}
	row->refusal = why.class;
	return klp_set_string(&row->reason, why.text);
}

/* Whether an older patch is still enabled, and is meant to be. */
static bool stays_beneath(const struct klpdep_status *status,
			  const struct klpdep_patch *patch, const struct klpdep_row *row)
{
	const struct klp_stack *stack = &status->view->stack;
	size_t i = klp_stack_find(stack, patch->name);
	_cleanup_(klp_older_clear) struct klp_older older = { 0 };

	return row->enabled && i < stack->n &&
	       klp_view_find_older(status->view, &stack->v[i], &older) &&
	       older.newer.n && older.stays_beneath;
}

/* ---- patches of the index ---------------------------------------------------------- */

static int add_edge(struct klpdep_status *status, const struct klpdep_edge *edge)
{
	const struct klpdep_view *view = status->view;
	enum klpdep_state standing = klp_view_standing(view, edge->patch)->state;
	const char *reason, *evictor;
	enum klp_patch_state state;
	bool is_in_effect;
	struct klpdep_row *row = add_row(status, edge->object->name, edge->patch->name,
					 edge->patch->set, &state);

	if (!row)
		return -ENOMEM;
	row->condition = judge(status, edge, row, state, &reason);
	is_in_effect = row->condition == KLPDEP_CONDITION_PATCHED;
	if (standing != KLPDEP_STATE_ACTIVE) {
		row->condition = condition_of(standing);
		reason = klpdep_view_get_reason(view, edge->patch);
		if (!reason)
			reason = klpdep_view_get_order_reason(view, edge);
	}
	row->since = find_since(status, row);
	/* It could have been in effect earlier. */
	if (row->condition == KLPDEP_CONDITION_PATCHED &&
	    klp_guard_is_image_due(&view->guard, edge->patch))
		reason = "proven since the image for booting was made: make that anew";
	row->fails = row->target_loaded && is_failure(status, edge, row, is_in_effect);
	if (standing == KLPDEP_STATE_ACTIVE && !status->off && status->supported &&
	    (row->condition == KLPDEP_CONDITION_IDLE ||
	     (row->condition == KLPDEP_CONDITION_UNPATCHED && state == KLP_PATCH_ABSENT))) {
		int err = add_refusal(status, edge, state, row);

		if (err < 0 || row->reason)
			return err;
	}
	if (row->condition == KLPDEP_CONDITION_UNPATCHED && state == KLP_PATCH_DEAD &&
	    (evictor = find_evictor(status)))
		row->reason = klp_format("replaced by %s", evictor);
	else if (stays_beneath(status, edge->patch, row))
		row->reason = klp_format("%s%sstays beneath", reason ? reason : "",
					 reason ? "; " : "");
	else
		return reason ? klp_set_string(&row->reason, reason) : 0;
	return row->reason ? 0 : -ENOMEM;
}

static int add_edges(struct klpdep_status *status)
{
	const struct klpdep_index *index = status->view->index;
	int err = 0;

	for (size_t i = 0; i < index->n_edges && err == 0; i++)
		err = add_edge(status, &index->edges[i]);
	return err;
}

/* ---- other patches ----------------------------------------------------------------- */

static int add_foreign(struct klpdep_status *status, const char *target,
		       const char *patch, const char *reason)
{
	enum klp_patch_state state;
	struct klpdep_row *row = add_row(status, target, patch, NULL, &state);

	if (!row)
		return -ENOMEM;
	row->condition = KLPDEP_CONDITION_FOREIGN;
	return reason ? klp_set_string(&row->reason, reason) : 0;
}

/* The objects of a loaded livepatch that the index does not know.  The kernel has forgotten
 * those of a dead patch. */
static int add_loaded(struct klpdep_status *status, const struct klpdep_index *index,
		      const struct klp_loaded *loaded)
{
	const struct klpdep_patch *patch = index ? klp_index_find(index, loaded->name) : NULL;
	size_t n = loaded->seen ? loaded->seen->n_objects : 0;
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		const char *object = loaded->seen->objects[i].name;

		if (!patch || !klp_patch_find_object(patch, object))
			err = add_foreign(status, object, loaded->name,
					  patch ? "not an object of the index's patch" :
						  NULL);
	}
	if (err == 0 && !n && !(patch && patch->n_objects))
		err = add_foreign(status, NULL, loaded->name, NULL);
	return err;
}

static int add_all_loaded(struct klpdep_status *status, const struct klpdep_index *index)
{
	_cleanup_stack_ struct klp_stack own = { 0 };
	const struct klp_stack *stack = status->view ? &status->view->stack : &own;
	int err = status->view ? 0 : klp_stack_read(&own);

	for (size_t i = 0; i < stack->n && err == 0; i++)
		err = add_loaded(status, index, &stack->v[i]);
	return err;
}

/* ---- everything -------------------------------------------------------------------- */

int klp_row_cmp(const void *p, const void *q)
{
	const struct klpdep_row *a = p, *b = q;
	int cmp = !a->target - !b->target;

	if (cmp == 0 && a->target)
		cmp = strcmp(a->target, b->target);
	return cmp ? cmp : klp_name_cmp(a->patch, b->patch);
}

int klp_status_check_visible(struct klpdep_ctx *ctx)
{
	int err = klp_live_visible();

	if (err < 0)
		klp_err(ctx, "the running kernel's modules cannot be seen in /sys: %s",
			strerror(-err));
	return err;
}

static int check_kernel(struct klpdep_ctx *ctx, const struct klpdep_index *index)
{
	if (*ctx->root || (index && !klpdep_is_running(ctx, index->kernel))) {
		klp_err(ctx, "there is a status of the running kernel only");
		return -EINVAL;
	}
	return klp_status_check_visible(ctx);
}

int klpdep_status_new(struct klpdep_ctx *ctx, const struct klpdep_view *view,
		      struct klpdep_status **out)
{
	const struct klpdep_index *index = view ? view->index : NULL;
	_cleanup_status_ struct klpdep_status *status = NULL;
	unsigned int before = ctx->n_errors;
	int err = check_kernel(ctx, index);

	if (err < 0)
		return err;
	status = calloc(1, sizeof(*status));
	if (!status)
		return klp_said(ctx, -ENOMEM);
	status->refs = 1;
	status->supported = klp_live_supported();
	status->off = klp_live_switched_off();
	klp_transition_look(&status->transition.info);
	klp_transition_tasks(&status->transition.info, status->transition.held_up_by);
	if (view)
		err = klp_view_renew(ctx, view, 0, &status->view);
	if (view && err == 0)
		err = add_edges(status);
	if (err == 0)
		err = add_all_loaded(status, index);
	if (err < 0)
		return klp_ended(ctx, before, err, "the running kernel");
	klp_sort(status->rows, status->n_rows, klp_row_cmp);
	*out = klp_take(status);
	return 0;
}

bool klpdep_status_is_patched(const struct klpdep_status *status)
{
	for (size_t i = 0; i < status->n_rows; i++) {
		if (status->rows[i].fails)
			return false;
	}
	return true;
}

KLP_GETTER(size_t, klpdep_status_count_rows, klpdep_status, n_rows)

const struct klpdep_row *klpdep_status_get_row(const struct klpdep_status *status, size_t i)
{
	return i < status->n_rows ? &status->rows[i] : NULL;
}

const struct klpdep_transition *
klpdep_status_get_transition(const struct klpdep_status *status)
{
	return *status->transition.info.patch ? &status->transition : NULL;
}
