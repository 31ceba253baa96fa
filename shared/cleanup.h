/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cleanup for the types of klpdep.h, in library and tools. */
#ifndef KLP_CLEANUP_H
#define KLP_CLEANUP_H

#include "libklpdep/klpdep.h"
#include "shared/util.h"

KLP_CLEANUP(struct klpdep_ctx *, klp_ctx_cleanup, klpdep_unref(*p))
KLP_CLEANUP(struct klpdep_patch *, klp_patch_cleanup, klpdep_patch_unref(*p))
KLP_CLEANUP(struct klpdep_index *, klp_index_cleanup, klpdep_index_unref(*p))
KLP_CLEANUP(struct klpdep_config *, klp_config_cleanup, klpdep_config_unref(*p))
KLP_CLEANUP(struct klpdep_view *, klp_view_cleanup, klpdep_view_unref(*p))
KLP_CLEANUP(struct klpdep_plan *, klp_plan_cleanup, klpdep_plan_unref(*p))
KLP_CLEANUP(struct klpdep_links *, klp_links_cleanup, klpdep_links_unref(*p))
KLP_CLEANUP(struct klpdep_rules *, klp_rules_cleanup, klpdep_rules_unref(*p))
KLP_CLEANUP(struct klpdep_tree *, klp_tree_cleanup, klpdep_tree_unref(*p))
KLP_CLEANUP(struct klpdep_publisher *, klp_publisher_cleanup, klpdep_publisher_unref(*p))
KLP_CLEANUP(struct klpdep_fixes *, klp_fixes_cleanup, klpdep_fixes_unref(*p))
KLP_CLEANUP(struct klpdep_status *, klp_status_cleanup, klpdep_status_unref(*p))

#define _cleanup_ctx_ _cleanup_(klp_ctx_cleanup)
#define _cleanup_patch_ _cleanup_(klp_patch_cleanup)
#define _cleanup_index_ _cleanup_(klp_index_cleanup)
#define _cleanup_config_ _cleanup_(klp_config_cleanup)
#define _cleanup_view_ _cleanup_(klp_view_cleanup)
#define _cleanup_plan_ _cleanup_(klp_plan_cleanup)
#define _cleanup_links_ _cleanup_(klp_links_cleanup)
#define _cleanup_rules_ _cleanup_(klp_rules_cleanup)
#define _cleanup_tree_ _cleanup_(klp_tree_cleanup)
#define _cleanup_publisher_ _cleanup_(klp_publisher_cleanup)
#define _cleanup_fixes_ _cleanup_(klp_fixes_cleanup)
#define _cleanup_status_ _cleanup_(klp_status_cleanup)

#endif /* KLP_CLEANUP_H */
