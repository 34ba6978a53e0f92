#!/usr/bin/env python3
"""Makes drive.samples, the recording that bench_chunk.c and its readers share: five minutes through a town and over a country road.

A line is a moment: `milliseconds number=value ...`, numbers and scales as in schemas/signals/signals.def. The car is a simple model, its
sensors have the resolution and the noise of ordinary ones (speed 0.01 km/h, acceleration 0.02 m/s^2, engine 0.25 rpm, receiver 1 Hz with
a slowly wandering error), and messages reach the agent on a 100 ms beat with the jitter of a busy bus. Seeded: the same file every time.
"""
import math
import random

random.seed(20261122)
PHASES = [(20, 0), (25, 48), (15, 30), (20, 50), (12, 0), (18, 0), (25, 52), (60, 98), (40, 84), (30, 101), (20, 50), (15, 0)]  # s, km/h
GEARS = [(18, 125.0), (34, 72.0), (52, 49.0), (75, 37.0), (999, 28.0)]  # up to km/h, rpm for each km/h


def drive():
    lat, lon, alt, heading = 48.137154, 11.576124, 519.0, 74.0
    wander_n = wander_e = wander_a = 0.0
    v = odometer = turn = 0.0
    ect, fuel, t = 61.0, 62.4, 0.0
    for duration, target in PHASES:
        goal = target / 3.6
        for _ in range(duration * 10):
            a = max(-2.6, min(1.9, (goal - v) * 0.45)) + random.gauss(0, 0.12)
            v = max(0.0, v + a * 0.1) if (goal > 0 or v > 0.3) else 0.0
            a = a if v > 0 else 0.0
            turn += random.gauss(0, 0.012) - turn * 0.06
            yaw = turn * min(v, 12.0) / 12.0
            heading = (heading + math.degrees(yaw) * 0.1) % 360
            lat += v * 0.1 * math.cos(math.radians(heading)) / 111320.0
            lon += v * 0.1 * math.sin(math.radians(heading)) / (111320.0 * math.cos(math.radians(lat)))
            alt += v * 0.1 * 0.012 * math.sin(t / 37.0)
            odometer += v * 0.1
            ect = min(90.0, ect + 0.012)
            fuel -= 0.000004 * (1 + v)
            tick = round(t * 10)
            out = []
            ms = round(t * 1000)
            kmh = v * 3.6
            wheel = ms + random.choice((0, 0, 0, 1, 1, 2))
            engine = ms + 11 + random.choice((0, 0, 1, 1, 3))
            esp = ms + 23 + random.choice((0, 0, 0, 0, 1))
            rpm = 780.0 if kmh < 6 else kmh * next(r for top, r in GEARS if kmh <= top)
            out.append((wheel, {1: round(100 * max(0.0, kmh + (random.gauss(0, 0.03) if v > 0 else 0)))}))
            out.append((engine, {5: round(4 * (rpm + random.gauss(0, 6)))}))
            out.append((esp, {9: 20 * round((a + random.gauss(0, 0.04)) * 50), 10: 20 * round((v * yaw + random.gauss(0, 0.04)) * 50),
                              11: 20 * round((9.81 + random.gauss(0, 0.05 + 0.006 * v)) * 50)}))
            if tick % 10 == 0:
                wander_n += random.gauss(0, 0.12) - wander_n * 0.02
                wander_e += random.gauss(0, 0.12) - wander_e * 0.02
                wander_a += random.gauss(0, 0.2) - wander_a * 0.02
                out.append((ms + 61, {20: round((lat + wander_n / 111320) * 1e7), 21: round((lon + wander_e / 74300) * 1e7),
                                      22: round((alt + wander_a) * 10) * 10, 23: round(heading * 100),
                                      24: round(max(1.4, random.gauss(2.6, 0.3)) * 10) * 10}))
                out.append((ms + 72, {2: int(84211337 + odometer), 4: 10 * round((14.22 + random.gauss(0, 0.03)) * 100), 7: 10 * int(ect),
                                      8: 4 * round(fuel / 0.392 * 0.98)}))
            if tick == 30:
                out.append((ms + 80, {30: 0, 34: 1, 42: 1, 43: 1, 6: 1}))
            yield from out
            t += 0.1


with open("drive.samples", "w", encoding="ascii") as f:
    for at, values in drive():
        f.write("%d %s\n" % (at, " ".join("%d=%d" % item for item in values.items())))
