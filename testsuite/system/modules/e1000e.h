/* SPDX-License-Identifier: GPL-2.0-or-later */
/* e1000e: its interfaces have received 4711 packets, or 4712. */
#include <linux/netdevice.h>
#include "patch.h"

static void patched_get_stats64(struct net_device *netdev,
				struct rtnl_link_stats64 *stats)
{
	stats->rx_packets = 4710 + RELEASE;
}

KLPTEST_PATCH_FUNCTION("e1000e", "e1000e_get_stats64", patched_get_stats64);
