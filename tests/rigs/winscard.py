# SPDX-License-Identifier: GPL-2.0-or-later
"""As much of PC/SC as the rig needs to see what pcscd sees."""

from smartcard.scard import (
    SCARD_E_NO_READERS_AVAILABLE, SCARD_E_TIMEOUT, SCARD_LEAVE_CARD, SCARD_PCI_T0, SCARD_PCI_T1,
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_RESET_CARD, SCARD_S_SUCCESS, SCARD_SCOPE_SYSTEM,
    SCARD_SHARE_SHARED, SCARD_STATE_MUTE, SCARD_STATE_PRESENT, SCARD_STATE_UNAWARE, SCardConnect, SCardDisconnect, SCardEstablishContext,
    SCardGetErrorMessage, SCardGetStatusChange, SCardListReaders, SCardReleaseContext,
    SCardTransmit)


class Error(Exception):
    pass


def check(result, *values):
    if result != SCARD_S_SUCCESS:
        raise Error(SCardGetErrorMessage(result))
    return values[0] if len(values) == 1 else values


class Context:
    """A connection with pcscd, made again when pcscd has been restarted."""

    def __init__(self):
        self.handle = None

    def open(self):
        if self.handle is None:
            self.handle = check(*SCardEstablishContext(SCARD_SCOPE_SYSTEM))

    def close(self):
        if self.handle is not None:
            SCardReleaseContext(self.handle)
            self.handle = None

    def readers(self):
        """{reader: ATR in hexadecimal, or None without a card}; None without pcscd."""
        try:
            self.open()
            result, names = SCardListReaders(self.handle, [])
            if result == SCARD_E_NO_READERS_AVAILABLE or result == SCARD_S_SUCCESS and not names:
                return {}
            check(result)
            result, states = SCardGetStatusChange(
                self.handle, 0, [(name, SCARD_STATE_UNAWARE) for name in names])
            if result != SCARD_E_TIMEOUT:
                check(result)
        except (Error, SystemError):  # pyscard's list, while readers come and go
            self.close()
            return None
        return {name: bytes(atr).hex()
                if state & SCARD_STATE_PRESENT and not state & SCARD_STATE_MUTE else None
                for name, state, atr in sorted(states)}

    def transmit(self, reader, commands, reset=False):
        """Commands and answers in hexadecimal, over one connection."""
        self.open()
        card, protocol = check(*SCardConnect(self.handle, reader, SCARD_SHARE_SHARED,
                                             SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1))
        header = SCARD_PCI_T0 if protocol == SCARD_PROTOCOL_T0 else SCARD_PCI_T1
        try:
            return [bytes(check(*SCardTransmit(card, header, list(bytes.fromhex(c))))).hex()
                    for c in commands]
        finally:
            SCardDisconnect(card, SCARD_RESET_CARD if reset else SCARD_LEAVE_CARD)
