#!/usr/bin/env python3
"""Writes the committed tracks: round blocks of made-up streets with rounded corners, in WGS 84 (see sim/track.h).

    make_tracks.py FOLDER
"""
import math
import os
import sys

RADIUS_M = 6371008.8


def round_block(width_m, height_m, corner_m, fast_kmh, slow_kmh, turn_kmh):
    """East, north (m) and km/h of a rectangle driven anticlockwise, starting in the middle of its south side."""
    points = []
    half_w, half_h = width_m / 2, height_m / 2
    corners = [(half_w, -half_h, -90), (half_w, half_h, 0), (-half_w, half_h, 90), (-half_w, -half_h, 180)]

    def straight(a, b, kmh, step_m=60.0):
        way = math.dist(a, b)
        for i in range(max(1, round(way / step_m))):
            f = i * step_m / way
            if f < 1:
                points.append((a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1]), kmh))

    here = (0.0, -half_h)
    for n, (cx, cy, start_deg) in enumerate(corners):
        centre = (cx - math.copysign(corner_m, cx), cy - math.copysign(corner_m, cy))
        arc = [(centre[0] + corner_m * math.cos(math.radians(start_deg + d)),
                centre[1] + corner_m * math.sin(math.radians(start_deg + d))) for d in range(0, 91, 10)]
        straight(here, arc[0], fast_kmh if n % 2 else slow_kmh)
        points.extend((e, north, turn_kmh) for e, north in arc[:-1])
        here = arc[-1]
    straight(here, (0.0, -half_h), slow_kmh)
    return points


def write(path, title, lat, lon, height_m, geoid_m, rotate_deg, points):
    turn = math.radians(rotate_deg)
    with open(path, "w", encoding="ascii") as out:
        out.write(f"# {title}\n# Made by make_tracks.py; no real drive.\ngeoid {geoid_m}\nloop\n")
        for east, north, kmh in points:
            e = east * math.cos(turn) - north * math.sin(turn)
            n = east * math.sin(turn) + north * math.cos(turn)
            p_lat = lat + math.degrees(n / RADIUS_M)
            p_lon = lon + math.degrees(e / (RADIUS_M * math.cos(math.radians(lat))))
            up = height_m + 4 * math.sin(e / 300)
            out.write(f"{p_lat:.7f} {p_lon:.7f} {up:.1f} {kmh}\n")


def main():
    folder = sys.argv[1]
    write(os.path.join(folder, "shanghai.track"), "A block in the centre of Shanghai", 31.23, 121.47, 14.0, 11.0, 12,
          round_block(1500, 800, 15, 60, 50, 25))
    write(os.path.join(folder, "stuttgart.track"), "A larger block in Stuttgart, one side a fast road", 48.7758, 9.1829, 300.0, 48.2, -25,
          round_block(1900, 1200, 22, 80, 50, 30))


if __name__ == "__main__":
    main()
