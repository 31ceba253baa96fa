// SPDX-License-Identifier: LGPL-2.1-or-later
/* What fit has found out is not found out again while nothing has changed that it depends on. */
#include "config.h"

#include "libklpdep/publish/publish.h"
#include "libklpdep/tree/scan.h"
#include "testsuite/unit/fixture.h"

#define TREE MODULES_DIR "/" KERNEL "/"
#define CACHE CACHE_DIR "/" KERNEL ".scan"
#define MAP "boot/System.map-" KERNEL

static void put_tree(void)
{
	put_module(TREE "kernel/kvm.ko", "name kvm;local f;buildid aa01");
	put_module(TREE "kernel/zram.ko", "name zram;local z");
	put_module(TREE "updates/p.ko",
		   "name p;livepatch klp-patch;object kvm;func gone 0;reloc kvm zram z 0");
	put_module(TREE "updates/q.ko", "name q;livepatch klp-patch;object kvm;func f 0");
	put_module(TREE "updates/r.ko", "name r;livepatch klp-patch;object vmlinux;func v 0");
	put_text(TREE "modules.dep", "kernel/kvm.ko:\nkernel/zram.ko:\nupdates/p.ko:\n"
				     "updates/q.ko:\nupdates/r.ko:\n");
	put_text(TREE "modules.builtin", "");
	put_text(MAP, "ffffffff81000000 T _stext\nffffffff81000010 t v\n");
}

static bool no_cache;

/* As klpdep depmod does it: "PATCH CODE WHY;" of what is incompatible, and the build-ids. */
static char *found(void)
{
	struct klpdep_publisher publisher = { .ctx = ctx, .out = ctx,
					      .flags = no_cache ? KLPDEP_PUBLISH_NO_CACHE : 0 };
	_cleanup_moddep_ struct klp_moddep moddep = { 0 };
	_cleanup_index_ struct klpdep_index *index = NULL;
	char *out = text("%s", "");

	ck_assert_int_eq(klp_scan_list(ctx, KERNEL, NULL, &moddep), 0);
	ck_assert_int_eq(klp_index_scan(ctx, KERNEL, &moddep, 1,
					no_cache ? KLPDEP_SCAN_NO_CACHE : 0, NULL, NULL, &index,
					NULL),
			 0);
	ck_assert_int_eq(klp_publish_misfits(&publisher, &moddep, index), 0);
	klpdep_config_unref(publisher.config);
	for (size_t i = 0; i < index->n_misfits; i++)
		out = append(out, "%s %s %.9s; ", index->misfits[i].patch->name,
			     index->misfits[i].code, index->misfits[i].why);
	for (size_t i = 0; i < index->n_targets; i++)
		out = append(out, "%s=%s ", index->targets[i].name,
			     index->targets[i].build_id ? index->targets[i].build_id : "-");
	return out;
}

#define P_RELOC "p klp-symbol z: it is ; "
#define P_GONE "p no-symbol gone: kvm; "
#define ALL P_RELOC P_GONE "kvm=aa01 "

/* Put a word into the cache that no check would say. */
static void mark(void)
{
	char *cache = get_text(CACHE), *gone;

	ck_assert_ptr_nonnull(cache);
	gone = strstr(cache, " gone:");
	ck_assert_ptr_nonnull(gone);
	memcpy(gone, " mark:", 6);
	put_text(CACHE, cache);
}

#define MARKED P_RELOC "p no-symbol mark: kvm; kvm=aa01 "

START_TEST(nothing_changed)
{
	put_tree();
	expect_text(found(), ALL);
	expect_text(found(), ALL);
	mark();
	expect_text(found(), MARKED);
	/* another module comes, which the scan writes down in the same file */
	put_module(TREE "kernel/new.ko", "name new");
	put_text(TREE "modules.dep", "kernel/kvm.ko:\nkernel/zram.ko:\nupdates/p.ko:\n"
				     "updates/q.ko:\nupdates/r.ko:\nkernel/new.ko:\n");
	expect_text(found(), MARKED);
	ck_assert_ptr_nonnull(strstr(get_text(CACHE), "kernel/new.ko\t"));
	no_cache = true;
	expect_text(found(), ALL);
	no_cache = false;
	expect_text(found(), MARKED);
}
END_TEST

/* Each thing that it depends on. */
START_TEST(something_changed)
{
	put_tree();
	expect_text(found(), ALL);
	mark();
	put_module(TREE "updates/p.ko", "name p;livepatch klp-patch;object kvm;func gone2 0;"
					"reloc kvm zram z 0");
	expect_text(found(), P_RELOC "p no-symbol gone2: kv; kvm=aa01 ");
	put_tree();
	expect_text(found(), ALL);
	/* the target */
	mark();
	put_module(TREE "kernel/kvm.ko", "name kvm;local f;local gone;buildid bb02");
	expect_text(found(), P_RELOC "kvm=bb02 ");
	put_tree();
	expect_text(found(), ALL);
	/* where symbols come from, and what depends on it */
	mark();
	put_module(TREE "kernel/zram.ko", "name zram;local z;local y");
	expect_text(found(), ALL);
	mark();
	put_text(TREE "modules.dep", "kernel/kvm.ko: kernel/zram.ko\nkernel/zram.ko:\n"
				     "updates/p.ko:\nupdates/q.ko:\nupdates/r.ko:\n");
	expect_text(found(), P_GONE "kvm=aa01 ");
	put_tree();
	expect_text(found(), ALL);
	/* vmlinux */
	mark();
	put_text(MAP, "ffffffff81000000 T _stext\nffffffff81000010 t w\n");
	expect_text(found(), P_RELOC P_GONE "r no-symbol v: vmlinu; kvm=aa01 ");
	/* a target that has gone */
	put_tree();
	expect_text(found(), ALL);
	put_text(TREE "modules.dep", "kernel/zram.ko:\nupdates/p.ko:\nupdates/q.ko:\n"
				     "updates/r.ko:\n");
	expect_text(found(), "");
}
END_TEST

/* A cache that is not whole is none. */
START_TEST(damaged)
{
	const char *const lines[] = { "misfit", "misfit p no-symbol -", "misfit p release - x y",
				      "misfit x no-symbol - y", "misfit p crc - x",
				      "nonsense x", "target kvm", "target x y" };
	char *cache, *notes, *rest;

	put_tree();
	expect_text(found(), ALL);
	cache = get_text(CACHE);
	notes = strstr(cache, "fit 2 ");
	ck_assert_ptr_nonnull(notes);
	rest = strchr(notes, '\n') + 1;
	for (size_t i = 0; i < KLP_ARRAY_SIZE(lines); i++) {
		put_text(CACHE, text("%.*s%s\n%s", (int)(rest - cache), cache, lines[i], rest));
		expect_text(found(), ALL);
		expect_text(get_text(CACHE), cache);
	}
	/* of another version; cut off; nothing at all */
	put_text(CACHE, text("%.*sfit 1%s", (int)(notes - cache), cache,
			     notes + strlen("fit 2")));
	expect_text(found(), ALL);
	put_text(CACHE, text("%.*s", (int)strlen(cache) - 20, cache));
	expect_text(found(), ALL);
	expect_text(get_text(CACHE), cache);
	put_text(CACHE, "");
	expect_text(found(), ALL);
	expect_text(get_text(CACHE), cache);
	expect_text(take_log(), "");
}
END_TEST

UNIT_MAIN("fit-cache", nothing_changed, something_changed, damaged)
