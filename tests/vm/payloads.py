"""The messages of the ISO-TP story: what tests/vm/init.sh sends through the kernel and what tests/vm/check.py expects on the bus.

Run as a program it prints one line a message, numbers in hex as isotprecv takes them:
    our block size, our STmin, the kernel's block size, the kernel's STmin, payload
"""

import random

MAX = 4095
# (block size, STmin) of the receiver in each direction. STmin 00-7F are milliseconds, F1-F9 hundreds of microseconds (ISO 15765-2 9.6.5.5).
OURS = [(0, 0x00), (1, 0x00), (2, 0xF1), (8, 0x01), (15, 0xF9), (255, 0x05)]
KERNELS = [(0, 0x00), (8, 0xF3), (1, 0x02), (31, 0x00), (3, 0x0A), (0, 0x01)]
EDGES = [1, 6, 7, 8, 13, 14, 62, 4094, MAX]  # around a single frame, a first frame, one and several consecutive frames, and the end
EACH = 9
SECONDS = 0.1  # of a message's gaps, so that the story stays short


def gap_s(st_min):
    return st_min / 1000 if st_min <= 0x7F else (st_min - 0xF0) / 10000


def consecutive(length):
    return 0 if length <= 7 else -(-(length - 6) // 7)


def flow_controls(length, block_size):
    frames = consecutive(length)
    return 0 if frames == 0 else 1 if block_size == 0 else -(-frames // block_size)


def messages():
    """(ours, kernels, payload), deterministic; messages of one of our settings stand together."""
    dice = random.Random(15765)
    edges = list(EDGES)
    out = []
    for i, ours in enumerate(OURS):
        for n in range(EACH):
            kernels = KERNELS[(i + n) % len(KERNELS)]
            gap = max(gap_s(ours[1]), gap_s(kernels[1]), 0.0001)
            longest = min(MAX, int(7 * SECONDS / gap))
            fitting = [e for e in edges if e <= longest]
            length = fitting[-1] if n % 2 and fitting else 1 + int((longest - 1) * dice.random() ** 3)
            if n % 2 and fitting:
                edges.remove(length)
            out.append((ours, kernels, dice.randbytes(length)))
    assert not edges, f"lengths never sent: {edges}"
    return out


if __name__ == "__main__":
    for (our_bs, our_st), (kernel_bs, kernel_st), payload in messages():
        print(f"{our_bs:02X} {our_st:02X} {kernel_bs:02X} {kernel_st:02X} {payload.hex(' ').upper()}")
