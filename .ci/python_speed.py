#!/usr/bin/env python3
"""Time per photo through the Python package beside the command line, in pairs; medians.

usage: python_speed.py VELLUS PHOTO [PAIRS]

Both read the photo, measure it on one thread and make the record's JSON; Python makes its dataclasses and columns, too. The command
line's time has the start of its process in it; that of Python has not, as a notebook is there already.
"""

import statistics
import subprocess
import sys
import time

import vellus


def main(program, photo, pairs=5):
    command = [program, "measure", photo, "--um-per-px", "5", "--threads", "1", "--json", "-"]
    vellus.measure(photo, um_per_px=5, threads=1)
    times = {"command line": [], "Python": []}
    for _ in range(int(pairs)):
        begin = time.perf_counter()
        text = subprocess.run(command, capture_output=True, check=True).stdout
        times["command line"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        record = vellus.measure(photo, um_per_px=5, threads=1)
        times["Python"].append(time.perf_counter() - begin)
        assert (record.to_json() + "\n").encode() == text
    for name, seconds in times.items():
        print(f"{name}: {1e3 * statistics.median(seconds):.0f} ms per photo (median of {pairs})")
    ratios = [b / a for a, b in zip(*times.values(), strict=True)]
    print(f"Python / command line: {statistics.median(ratios):.3f} (median of the pairs)")


if __name__ == "__main__":
    main(*sys.argv[1:])
