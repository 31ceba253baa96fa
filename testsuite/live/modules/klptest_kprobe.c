// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kprobe at the entry of a function, with a post handler where that is asked for: it may then
 * change where the function goes on, and so may no livepatch.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

static char *symbol = "";
module_param(symbol, charp, 0444);

static bool post;
module_param(post, bool, 0444);

static int before(struct kprobe *probe, struct pt_regs *regs)
{
	return 0;
}

static void after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = { .pre_handler = before };

static int __init klptest_kprobe_init(void)
{
	probe.symbol_name = symbol;
	probe.post_handler = post ? after : NULL;
	return register_kprobe(&probe);
}
module_init(klptest_kprobe_init);

static void __exit klptest_kprobe_exit(void)
{
	unregister_kprobe(&probe);
}
module_exit(klptest_kprobe_exit);

MODULE_DESCRIPTION("holds a function's ftrace entry");
MODULE_LICENSE("GPL");
