"""The switch between the hosts of `hosts`: carries frames between ports, each way as badly as it is told to.

usage: switch.py ORDERS PORT…    (an order, a line written to the pipe ORDERS: FROM TO DELAY_MS JITTER_MS LOSS_PERCENT)

FROM and TO count ports from 1; * means all, and is a rule of its own: delays of rules add up, the largest loss counts.
Host I has the MAC address 02:00:00:00:00:I, so nothing has to be learnt. All this in user space, because few kernels have
netem, and one table then says all that can be wrong with a network.
"""
import heapq
import os
import random
import select
import socket
import sys
import time

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING, SO_RCVBUFFORCE = 263, 15, 23, 33
HEADER = 10  # virtio_net_hdr: with it, segments that veth leaves to be cut later cross as they are.


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    port.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    port.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    port.bind((name, 0))
    port.setblocking(False)
    return port


os.closerange(3, 256)  # What is inherited by chance: someone may wait for its end, or for a lock.
ports = {number: open_port(name) for number, name in enumerate(sys.argv[2:], 1)}
numbers = {port: number for number, port in ports.items()}
orders = open(os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK), "rb", buffering=0)
rules = {}  # (from, to): (delay and jitter in seconds, loss from 0 to 1); None means all, healthy ones are absent
queue, count = [], 0  # frames on their way, by time of arrival and order


def obey(line):
    *ends, delay, jitter, loss = line.split()
    link = tuple(None if end == b"*" else int(end) for end in ends)
    rules[link] = float(delay) / 1000, float(jitter) / 1000, float(loss) / 100
    if not any(rules[link]):
        del rules[link]


def fate(sender, receiver):
    """Seconds until a frame arrives; None if it is lost."""
    found = [rules[link] for link in ((sender, None), (None, receiver), (sender, receiver)) if link in rules]
    if random.random() < max((loss for _, _, loss in found), default=0):
        return None
    return sum(max(0, delay + random.uniform(-jitter, jitter)) for delay, jitter, _ in found)


def send(receiver, frame):
    try:
        ports[receiver].send(frame)
    except OSError:
        pass  # A full queue or a frame that does not fit: networks lose those.


def carry(sender, frame):
    global count
    mac = frame[HEADER:HEADER + 6]
    receiver = mac[5] if mac[:5] == b"\x02\0\0\0\0" else None
    for number in ports if receiver not in ports else [receiver]:
        if number == sender:
            continue
        delay = fate(sender, number)
        if delay == 0:
            send(number, frame)
        elif delay is not None:
            count += 1
            heapq.heappush(queue, (time.monotonic() + delay, count, number, frame))


while True:
    wait = max(0, queue[0][0] - time.monotonic()) if queue else None
    for source in select.select([orders, *numbers], [], [], wait)[0]:
        if source is orders:
            for line in orders.read(65536).splitlines():
                obey(line)
            continue
        for _ in range(64):
            try:
                carry(numbers[source], source.recv(70000))
            except BlockingIOError:
                break
    while queue and queue[0][0] <= time.monotonic():
        _, _, receiver, frame = heapq.heappop(queue)
        send(receiver, frame)
