# SPDX-License-Identifier: GPL-2.0-or-later
"""As much of PC/SC as the rig needs to see what pcscd sees."""

import ctypes

NO_SERVICE, TIMEOUT, NO_READERS, UNKNOWN_READER = (
    0x8010001D, 0x8010000A, 0x8010002E, 0x80100009)
GONE = (NO_SERVICE, 0x8010001E, 0x80100003, 0x80100013)  # pcscd was restarted
PRESENT, MUTE = 0x20, 0x200


class _ReaderState(ctypes.Structure):
    _fields_ = [("reader", ctypes.c_char_p), ("user", ctypes.c_void_p),
                ("current", ctypes.c_ulong), ("event", ctypes.c_ulong),
                ("atr_len", ctypes.c_ulong), ("atr", ctypes.c_ubyte * 33)]


class Context:
    """A connection with pcscd, made again when pcscd has been restarted."""

    def __init__(self):
        self.lib = ctypes.CDLL("libpcsclite.so.1")
        self.handle = None

    def _call(self, name, *args):
        return getattr(self.lib, name)(*args) & 0xFFFFFFFF

    def _open(self):
        if self.handle is None:
            handle = ctypes.c_long()
            if self._call("SCardEstablishContext", 2, None, None, ctypes.byref(handle)):
                return False
            self.handle = handle
        return True

    def close(self):
        if self.handle is not None:
            self._call("SCardReleaseContext", self.handle)
            self.handle = None

    def readers(self):
        """{reader: ATR in hexadecimal, or None without a card}; None without pcscd."""
        if not self._open():
            return None
        size = ctypes.c_ulong(4096)
        names = ctypes.create_string_buffer(size.value)
        result = self._call("SCardListReaders", self.handle, None, names, ctypes.byref(size))
        if result == NO_READERS:
            return {}
        if result:
            self.close()
            return None
        found = [n for n in names.raw[:size.value].split(b"\0") if n]
        states = (_ReaderState * len(found))(*[_ReaderState(reader=n) for n in found])
        result = self._call("SCardGetStatusChange", self.handle, 0, states, len(found))
        if result and result != TIMEOUT:
            self.close()
            return None
        return {s.reader.decode(): bytes(s.atr[:s.atr_len]).hex()
                if s.event & PRESENT and not s.event & MUTE else None for s in states}
