/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usb - the USB that pcscd sees, in libudev's place (LD_PRELOAD): a reader is
 * plugged in while the folder $RIG_USB has a file of its number. So pcscd
 * learns of readers that come and go in its own way, without any hardware.
 * Only what pcscd calls is here.
 */
#include <libudev.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { READERS = 2 };

struct udev_device {
	const char *number, *product, *node, *name, *action;
};

struct udev_list_entry {
	struct udev_device *device;
	struct udev_list_entry *next;
};

static struct udev_device devices[READERS] = {
    {"0", "0000", "/dev/bus/usb/rig/0", "rig0", NULL},
    {"1", "0001", "/dev/bus/usb/rig/1", "rig1", NULL},
};
static struct udev_list_entry plugged[READERS];
static int monitor_fd = -1;

/* There is one of each, and pcscd looks at none of them. */
static char udev_self, enumerate_self, monitor_self;

static struct udev_device *
find(const char *name)
{
	int i;

	for (i = 0; i < READERS; i++)
		if (strcmp(devices[i].number, name) == 0 ||
		    strcmp(devices[i].name, name) == 0)
			return &devices[i];
	return NULL;
}

EXPORT struct udev *
udev_new(void)
{
	return (struct udev *)(void *)&udev_self;
}

EXPORT struct udev *
udev_unref(struct udev *udev)
{
	(void)udev;
	return NULL;
}

EXPORT struct udev_monitor *
udev_monitor_new_from_netlink(struct udev *udev, const char *name)
{
	(void)udev;
	(void)name;
	monitor_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	return monitor_fd < 0 ? NULL
			      : (struct udev_monitor *)(void *)&monitor_self;
}

EXPORT int
udev_monitor_filter_add_match_subsystem_devtype(
    struct udev_monitor *monitor, const char *subsystem, const char *devtype)
{
	(void)monitor;
	(void)subsystem;
	(void)devtype;
	return 0;
}

EXPORT int
udev_monitor_enable_receiving(struct udev_monitor *monitor)
{
	const char *folder = getenv("RIG_USB");

	(void)monitor;
	if (folder == NULL ||
	    inotify_add_watch(monitor_fd, folder, IN_CREATE | IN_DELETE) < 0)
		return -1;
	return 0;
}

EXPORT int
udev_monitor_get_fd(struct udev_monitor *monitor)
{
	(void)monitor;
	return monitor_fd;
}

EXPORT struct udev_device *
udev_monitor_receive_device(struct udev_monitor *monitor)
{
	/* a name of one octet takes 16: there is room for one event */
	_Alignas(
	    struct inotify_event) char bytes[sizeof(struct inotify_event) + 16];
	const struct inotify_event *event = (const void *)bytes;
	struct udev_device *device;

	(void)monitor;
	if (read(monitor_fd, bytes, sizeof bytes) < (ssize_t)sizeof *event ||
	    event->len == 0)
		return NULL;
	device = find(event->name);
	if (device != NULL)
		device->action =
		    (event->mask & IN_CREATE) != 0 ? "add" : "remove";
	return device;
}

EXPORT struct udev_enumerate *
udev_enumerate_new(struct udev *udev)
{
	(void)udev;
	return (struct udev_enumerate *)(void *)&enumerate_self;
}

EXPORT int
udev_enumerate_add_match_subsystem(
    struct udev_enumerate *enumerate, const char *subsystem)
{
	(void)enumerate;
	(void)subsystem;
	return 0;
}

EXPORT int
udev_enumerate_scan_devices(struct udev_enumerate *enumerate)
{
	(void)enumerate;
	return 0;
}

EXPORT struct udev_list_entry *
udev_enumerate_get_list_entry(struct udev_enumerate *enumerate)
{
	const char *folder = getenv("RIG_USB");
	struct udev_list_entry *first = NULL;
	char path[PATH_MAX];
	int i;

	(void)enumerate;
	for (i = READERS - 1; i >= 0; i--) {
		(void)snprintf(path, sizeof path, "%s/%s", folder ? folder : "",
		    devices[i].number);
		if (access(path, F_OK) != 0)
			continue;
		plugged[i] = (struct udev_list_entry){&devices[i], first};
		first = &plugged[i];
	}
	return first;
}

EXPORT struct udev_list_entry *
udev_list_entry_get_next(struct udev_list_entry *entry)
{
	return entry->next;
}

EXPORT const char *
udev_list_entry_get_name(struct udev_list_entry *entry)
{
	return entry->device->name;
}

EXPORT struct udev_enumerate *
udev_enumerate_unref(struct udev_enumerate *enumerate)
{
	(void)enumerate;
	return NULL;
}

EXPORT struct udev_device *
udev_device_new_from_syspath(struct udev *udev, const char *path)
{
	(void)udev;
	return find(path);
}

EXPORT struct udev_device *
udev_device_unref(struct udev_device *device)
{
	(void)device;
	return NULL;
}

EXPORT struct udev_device *
udev_device_get_parent_with_subsystem_devtype(
    struct udev_device *device, const char *subsystem, const char *devtype)
{
	(void)subsystem;
	(void)devtype;
	return device; /* interface and device are one */
}

EXPORT const char *
udev_device_get_devnode(struct udev_device *device)
{
	return device->node;
}

EXPORT const char *
udev_device_get_sysname(struct udev_device *device)
{
	return device->name;
}

EXPORT const char *
udev_device_get_action(struct udev_device *device)
{
	return device->action;
}

EXPORT const char *
udev_device_get_sysattr_value(struct udev_device *device, const char *name)
{
	if (strcmp(name, "idVendor") == 0)
		return "5345"; /* what card-rig writes into Info.plist */
	if (strcmp(name, "idProduct") == 0)
		return device->product;
	return NULL;
}
