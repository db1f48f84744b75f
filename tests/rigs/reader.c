/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader - vsmartcard's vpcd driver as pcscd loads it, with a plug that can
 * be pulled: while the file $RIG_UNPLUGGED exists there is no such device.
 * A pcscd with libudev never forgets a reader of its configuration: clients
 * keep seeing it, as unavailable.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <ifdhandler.h>

#define VPCD "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
#define EXPORT __attribute__((visibility("default")))

static struct {
	RESPONSECODE (*create)(DWORD, LPSTR);
	RESPONSECODE (*close)(DWORD);
	RESPONSECODE (*get)(DWORD, DWORD, PDWORD, PUCHAR);
	RESPONSECODE (*set)(DWORD, DWORD, DWORD, PUCHAR);
	RESPONSECODE (*protocol)(DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR);
	RESPONSECODE (*power)(DWORD, DWORD, PUCHAR, PDWORD);
	RESPONSECODE(*transmit)
	(DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD,
	    PSCARD_IO_HEADER);
	RESPONSECODE(*control)
	(DWORD, DWORD, PUCHAR, DWORD, PUCHAR, DWORD, LPDWORD);
	RESPONSECODE (*presence)(DWORD);
} vpcd;

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
	    {"IFDHSetProtocolParameters", &vpcd.protocol},
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

static bool
unplugged(void)
{
	const char *path = getenv("RIG_UNPLUGGED");

	return path != NULL && access(path, F_OK) == 0;
}

EXPORT RESPONSECODE
IFDHCreateChannelByName(DWORD lun, LPSTR name)
{
	if (unplugged())
		return IFD_NO_SUCH_DEVICE;
	if (vpcd.create == NULL && !load())
		return IFD_COMMUNICATION_ERROR;
	return vpcd.create(lun, name);
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
	return vpcd.close(lun);
}

EXPORT RESPONSECODE
IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD len, PUCHAR value)
{
	return vpcd.get(lun, tag, len, value);
}

EXPORT RESPONSECODE
IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD len, PUCHAR value)
{
	return vpcd.set(lun, tag, len, value);
}

EXPORT RESPONSECODE
IFDHSetProtocolParameters(
    DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3)
{
	return vpcd.protocol(lun, protocol, flags, pts1, pts2, pts3);
}

EXPORT RESPONSECODE
IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD atr_len)
{
	return unplugged() ? IFD_NO_SUCH_DEVICE
			   : vpcd.power(lun, action, atr, atr_len);
}

EXPORT RESPONSECODE
IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send_pci, PUCHAR out,
    DWORD out_len, PUCHAR in, PDWORD in_len, PSCARD_IO_HEADER recv_pci)
{
	if (unplugged()) {
		*in_len = 0;
		return IFD_NO_SUCH_DEVICE;
	}
	return vpcd.transmit(lun, send_pci, out, out_len, in, in_len, recv_pci);
}

EXPORT RESPONSECODE
IFDHControl(DWORD lun, DWORD code, PUCHAR out, DWORD out_len, PUCHAR in,
    DWORD in_len, LPDWORD ret_len)
{
	return vpcd.control(lun, code, out, out_len, in, in_len, ret_len);
}

EXPORT RESPONSECODE
IFDHICCPresence(DWORD lun)
{
	return unplugged() ? IFD_NO_SUCH_DEVICE : vpcd.presence(lun);
}
