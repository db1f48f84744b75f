/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader - vsmartcard's vpcd driver as one for USB readers: pcscd names a
 * device by which it was found (usb.c), vpcd wants a port and a slot. Each
 * device is a reader with one slot; for vpcd they are slots of one reader.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include <ifdhandler.h>

#define VPCD "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
#define EXPORT __attribute__((visibility("default")))

enum { READERS = 2, PCSCD_READERS = 16 };

typedef RESPONSECODE create_fn(DWORD, LPSTR);
typedef RESPONSECODE close_fn(DWORD);
typedef RESPONSECODE get_fn(DWORD, DWORD, PDWORD, PUCHAR);
typedef RESPONSECODE set_fn(DWORD, DWORD, DWORD, PUCHAR);
typedef RESPONSECODE power_fn(DWORD, DWORD, PUCHAR, PDWORD);
typedef RESPONSECODE transmit_fn(
    DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD, PSCARD_IO_HEADER);
typedef RESPONSECODE control_fn(
    DWORD, DWORD, PUCHAR, DWORD, PUCHAR, DWORD, LPDWORD);
typedef RESPONSECODE presence_fn(DWORD);

static struct {
	create_fn *create;
	close_fn *close;
	get_fn *get;
	set_fn *set;
	power_fn *power;
	transmit_fn *transmit;
	control_fn *control;
	presence_fn *presence;
} vpcd;

/* Slots of vpcd, by the number that pcscd gave the reader. */
static DWORD slots[PCSCD_READERS];

static DWORD *
slot_of(DWORD lun)
{
	return &slots[(lun >> 16) % PCSCD_READERS];
}

static bool
load(void)
{
	const struct {
		const char *name;
		void *at;
	} symbols[] = {
	    {"IFDHCreateChannelByName", &vpcd.create},
	    {"IFDHCloseChannel", &vpcd.close},
	    {"IFDHGetCapabilities", &vpcd.get},
	    {"IFDHSetCapabilities", &vpcd.set},
	    {"IFDHPowerICC", &vpcd.power},
	    {"IFDHTransmitToICC", &vpcd.transmit},
	    {"IFDHControl", &vpcd.control},
	    {"IFDHICCPresence", &vpcd.presence},
	};
	void *driver = dlopen(VPCD, RTLD_NOW | RTLD_LOCAL);
	void *symbol;
	size_t i;

	if (driver == NULL)
		return false;
	for (i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
		symbol = dlsym(driver, symbols[i].name);
		if (symbol == NULL)
			return false;
		*(void **)symbols[i].at = symbol; /* dlsym(3) */
	}
	return true;
}

/* "usb:5345/0001:libudev:0:/dev/bus/usb/rig/1" is slot 1. */
EXPORT RESPONSECODE
IFDHCreateChannelByName(DWORD lun, LPSTR name)
{
	char device[] = "/dev/null:0x8C7B"; /* the port of slot 0 */
	size_t len = strlen(name);

	if (len == 0 || name[len - 1] < '0' || name[len - 1] >= '0' + READERS)
		return IFD_NO_SUCH_DEVICE;
	if (vpcd.presence == NULL && !load())
		return IFD_COMMUNICATION_ERROR;
	*slot_of(lun) = (DWORD)(name[len - 1] - '0');
	return vpcd.create(*slot_of(lun), device);
}

EXPORT RESPONSECODE
IFDHCreateChannel(DWORD lun, DWORD channel)
{
	(void)lun;
	(void)channel;
	return IFD_NOT_SUPPORTED;
}

EXPORT RESPONSECODE
IFDHCloseChannel(DWORD lun)
{
	return vpcd.close(*slot_of(lun));
}

EXPORT RESPONSECODE
IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD len, PUCHAR value)
{
	UCHAR number;

	switch (tag) {
	case TAG_IFD_SIMULTANEOUS_ACCESS:
		number = READERS;
		break;
	case TAG_IFD_SLOTS_NUMBER:
		number = 1;
		break;
	case TAG_IFD_THREAD_SAFE: /* readers do not wait for each other */
		number = 1;
		break;
	default:
		return vpcd.get(*slot_of(lun), tag, len, value);
	}
	if (*len < 1)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	*len = 1;
	*value = number;
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD len, PUCHAR value)
{
	return vpcd.set(*slot_of(lun), tag, len, value);
}

EXPORT RESPONSECODE
IFDHSetProtocolParameters(
    DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3)
{
	(void)lun;
	(void)protocol;
	(void)flags;
	(void)pts1;
	(void)pts2;
	(void)pts3;
	return IFD_SUCCESS; /* as in vpcd */
}

EXPORT RESPONSECODE
IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD atr_len)
{
	return vpcd.power(*slot_of(lun), action, atr, atr_len);
}

EXPORT RESPONSECODE
IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send_pci, PUCHAR out,
    DWORD out_len, PUCHAR in, PDWORD in_len, PSCARD_IO_HEADER recv_pci)
{
	return vpcd.transmit(
	    *slot_of(lun), send_pci, out, out_len, in, in_len, recv_pci);
}

EXPORT RESPONSECODE
IFDHControl(DWORD lun, DWORD code, PUCHAR out, DWORD out_len, PUCHAR in,
    DWORD in_len, LPDWORD ret_len)
{
	return vpcd.control(
	    *slot_of(lun), code, out, out_len, in, in_len, ret_len);
}

EXPORT RESPONSECODE
IFDHICCPresence(DWORD lun)
{
	return vpcd.presence(*slot_of(lun));
}
