#!/usr/bin/env python3
"""Turns a receiver's NMEA log into the recording format of bench_chunk: nmea_samples.py LOG > OUT.samples (see make_drive.py)."""
import sys


def degrees_e7(text, half):
    dot = text.index(".")
    value = round((int(text[:dot - 2]) + float(text[dot - 2:]) / 60) * 1e7)
    return -value if half in "SW" else value


def main(path):
    altitude, first, last, day = None, None, None, 0
    for line in open(path, encoding="ascii", errors="replace"):
        field = line.strip().split("*")[0].split(",")
        if field[0][3:] == "GGA" and field[9]:
            altitude = round(float(field[9]) * 100)
        if field[0][3:] != "RMC" or not field[3] or not field[1]:
            continue
        ms = round((int(field[1][:2]) * 3600 + int(field[1][2:4]) * 60 + float(field[1][4:])) * 1000) + day
        if last is not None and ms < last - 43200000:
            day += 86400000
            ms += 86400000
        if last is not None and ms <= last:
            continue
        last = ms
        first = ms if first is None else first
        out = ["20=%d" % degrees_e7(field[3], field[4]), "21=%d" % degrees_e7(field[5], field[6])]
        if altitude is not None:
            out.append("22=%d" % altitude)
        if field[8]:
            out.append("23=%d" % round(float(field[8]) * 100))
        if field[7]:
            out.append("1=%d" % round(float(field[7]) * 1.852 * 100))
        print(ms - first, " ".join(out))


main(sys.argv[1])
