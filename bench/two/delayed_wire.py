"""An Ethernet cable between two network namespaces that takes its time: delayed_wire.py MS NAMESPACE DEVICE NAMESPACE DEVICE

Every frame arrives MS/2 milliseconds after it was sent, so that a round trip takes MS longer. Makes both devices, prints
`ready`, and carries frames until it is ended; the devices go with it.
"""
import collections
import ctypes
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000
CLONE_NEWNET = 0x40000000


def card(namespace, device):
    """A network card in a namespace, as the file that its frames are read from and written to."""
    space = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(space, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"namespace {namespace}")
    os.close(space)
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TAP | IFF_NO_PI))
    return file


def main(milliseconds, *ends):
    late = float(milliseconds) / 2000
    cards = [card(*ends[:2]), card(*ends[2:])]
    other = dict(zip(cards, reversed(cards)))
    underway = collections.deque()
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        while underway and underway[0][0] <= now:
            _, to, frame = underway.popleft()
            try:
                os.write(to, frame)
            except OSError:
                pass  # a full or unplugged card drops the frame, as a real one does
        wait = max(0.0, underway[0][0] - now) if underway else None
        for come in select.select(cards, [], [], wait)[0]:
            try:
                frame = os.read(come, 65536)
            except BlockingIOError:
                continue
            underway.append((time.monotonic() + late, other[come], frame))


main(*sys.argv[1:])
