#!/usr/bin/env python3
"""Makes canyon.nmea and kerb.nmea out of shanghai.nmea: what a poor receiver says between high buildings, driving and parked.

    make_canyon.py            writes both beside itself
    make_canyon.py --check    fails when they are not what it makes

The bad fixes are those that receivers are known for: reflections that put one or two fixes a block away, a speed or a course of one fix from
nowhere, no fix in an underpass, a place at 0 0, a receiver that stands still and then catches up, the same second twice, a dilution that
says itself that the place is poor, slow wander of a parked car with leaps. Seeded: the same files every time.
"""
import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
METRE = 1 / 111_195  # degrees


def sentence(body):
    parity = 0
    for byte in body.encode():
        parity ^= byte
    return f"${body}*{parity:02X}\r\n"


def degrees(text, half):
    return (int(text[:-9]) + float(text[-9:]) / 60) * (-1 if half in "SW" else 1)


def angle(value, digits, halves):
    size = abs(value)
    return f"{int(size):0{digits}d}{(size - int(size)) * 60:09.6f},{halves[value < 0]}"


def burst(fix):
    """GGA and RMC: most cheap receivers have no GST."""
    if fix["lat"] is None:
        return sentence(f"GPGGA,{fix['at']},,,,,0,00,99.99,,M,,M,,") + sentence(f"GPRMC,{fix['at']},V,,,,,,,{fix['date']},,,N")
    place = f"{angle(fix['lat'], 2, 'NS')},{angle(fix['lon'], 3, 'EW')}"
    return (sentence(f"GPGGA,{fix['at']},{place},1,{fix['sats']:02d},{fix['hdop']:.2f},15.0,M,11.0,M,,")
            + sentence(f"GPRMC,{fix['at']},A,{place},{fix['knots']:.3f},{fix['course']:.2f},{fix['date']},,,A"))


def drive():
    fixes = []
    for line in (HERE / "shanghai.nmea").read_text().splitlines():
        f = line.split("*")[0].split(",")
        if f[0] == "$GPRMC":
            fixes.append({"at": f[1], "date": f[9], "lat": degrees(f[3], f[4]), "lon": degrees(f[5], f[6]), "knots": float(f[7]), "course": float(f[8]),
                          "hdop": 1.1, "sats": 7})
    return fixes


def canyon(rng):
    fixes = drive()
    for n, fix in enumerate(fixes):
        fix["lat"] += rng.gauss(0, 2) * METRE
        fix["lon"] += rng.gauss(0, 2) * METRE
    for n in range(15, len(fixes), 17):  # one or two fixes a block away
        for k in range(n, min(n + rng.choice((1, 2)), len(fixes))):
            fixes[k]["lat"] += rng.choice((-1, 1)) * rng.uniform(90, 260) * METRE
            fixes[k]["lon"] += rng.choice((-1, 1)) * rng.uniform(90, 260) * METRE
    for n in (22, 23, 58, 96, 97, 131, 132):  # a speed from nowhere
        fixes[n]["knots"] = rng.uniform(80, 180)
    for n in (36, 73, 118):  # standing for one fix
        fixes[n]["knots"] = 0.0
    for n in range(11, len(fixes), 23):  # a course from nowhere
        fixes[n]["course"] = (fixes[n]["course"] + rng.uniform(90, 270)) % 360
    for n in (28, 29, 103):  # says itself that it is poor, and is
        fixes[n]["hdop"], fixes[n]["sats"] = rng.uniform(6, 20), 4
        fixes[n]["lat"] += rng.uniform(100, 400) * METRE
    for n in (64, 125):
        fixes[n]["lat"] = fixes[n]["lon"] = 0.0
    for n in range(80, 87):  # an underpass
        fixes[n]["lat"] = None
    for n in range(110, 114):  # stands still, then catches up
        fixes[n]["lat"], fixes[n]["lon"] = fixes[109]["lat"], fixes[109]["lon"]
    fixes.insert(48, dict(fixes[47], lat=fixes[47]["lat"] + 120 * METRE))  # the same second twice
    return fixes


def kerb(rng):
    """Six minutes at the kerb: wander of some metres, leaps of one to three fixes, and speeds that are none."""
    start = drive()[0]
    north = east = 0.0
    fixes = []
    for n in range(360):
        north += rng.gauss(0, 0.6) - north * 0.02
        east += rng.gauss(0, 0.6) - east * 0.02
        second = 8 * 3600 + n
        fixes.append(dict(start, at=f"{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}.00", lat=start["lat"] + north * METRE,
                          lon=start["lon"] + east * METRE, knots=abs(rng.gauss(0, 0.3)), course=rng.uniform(0, 359)))
    for n in range(40, 360, 41):
        far = rng.uniform(60, 500)
        for k in range(n, n + rng.choice((1, 1, 2))):
            fixes[k]["lat"] += far * METRE
            fixes[k]["knots"] = rng.uniform(0, 40)
    for n in (150, 151, 152, 300):
        fixes[n]["hdop"] = 12.0
        fixes[n]["lon"] += 200 * METRE
    return fixes


def main():
    status = 0
    for name, make, seed in (("canyon", canyon, 20261122), ("kerb", kerb, 20261123)):
        text = "".join(burst(fix) for fix in make(random.Random(seed)))
        path = HERE / f"{name}.nmea"
        if "--check" not in sys.argv[1:]:
            path.write_text(text, newline="")
        elif path.read_bytes() != text.encode():
            print(f"{path.name} is not what make_canyon.py makes")
            status = 1
    return status


sys.exit(main())
