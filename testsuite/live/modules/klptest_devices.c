// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hardware that udev finds when it starts: four devices for patched targets, one for a
 * module that no patch is for, and so on.  Device klptest_coldNN has module
 * klptest_coldNN, and klptest_otherNN klptest_otherNN; udev comes to these last, since it
 * goes by the names.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#define N_DEVICES 25

static struct platform_device *devices[N_DEVICES];

static void remove_devices(void)
{
	int i;

	for (i = 0; i < N_DEVICES; i++)
		platform_device_unregister(devices[i]);
}

static int __init klptest_devices_init(void)
{
	struct platform_device *device;
	char name[32];
	int i;

	for (i = 0; i < N_DEVICES; i++) {
		if (i % 5 == 4)
			snprintf(name, sizeof(name), "klptest_other%02d", i / 5 + 1);
		else
			snprintf(name, sizeof(name), "klptest_cold%02d", i - i / 5 + 1);
		device = platform_device_register_simple(name, PLATFORM_DEVID_NONE, NULL,
							 0);
		if (IS_ERR(device)) {
			remove_devices();
			return PTR_ERR(device);
		}
		devices[i] = device;
	}
	return 0;
}
module_init(klptest_devices_init);

static void __exit klptest_devices_exit(void)
{
	remove_devices();
}
module_exit(klptest_devices_exit);

MODULE_DESCRIPTION("devices for klpdep tests");
MODULE_LICENSE("GPL");
