#!/usr/bin/env python3
"""Runs samples/scale-out/dask_batch.py on two spawned workers, kills one in the middle of its share, and compares all tables with
those of `vellus batch`, byte for byte.

usage: dask_killed.py VELLUS SOURCE OUT [--um-per-px N]
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "samples/scale-out"))

import dask_batch  # noqa: E402
from distributed import Client, LocalCluster  # noqa: E402


def share(source, folder, shard, options):
    """The first worker that comes to the third share, which has two photos, kills itself there, once its first record is written."""
    import os
    import pathlib
    import signal
    import threading
    import time

    import dask_batch

    mark = pathlib.Path(folder).parent / "killed"

    def kill():
        while not (records := list(pathlib.Path(folder, "photos").glob("*.jsonl"))):
            time.sleep(0.005)
        mark.write_text(f"{os.getpid()} {len(records)}")
        os.kill(os.getpid(), signal.SIGKILL)

    if shard.startswith("3/") and not mark.exists():
        mark.parent.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=kill, daemon=True).start()
    return dask_batch.share(source, folder, shard, options)


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vellus")
    parser.add_argument("source")
    parser.add_argument("output")
    parser.add_argument("--um-per-px")
    given = parser.parse_args()
    source, output = (str(pathlib.Path(path).resolve()) for path in (given.source, given.output))
    shutil.rmtree(output, ignore_errors=True)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        before = set(client.run(__import__("os").getpid).values())
        came = dask_batch.run(client, source, output, 3, {"um_per_px": given.um_per_px}, share)
        after = set(client.run(__import__("os").getpid).values())
    killed, records = map(int, pathlib.Path(output, "shards/killed").read_text().split())
    assert killed in before and killed not in after and records == 1, (before, after, killed, records)
    scale = ["--um-per-px", given.um_per_px] if given.um_per_px else []
    subprocess.run([given.vellus, "batch", source, "-o", f"{output}/whole", "--quiet", *scale], check=True)
    whole, parts = files(f"{output}/whole/tables"), files(came.tables)
    assert whole == parts, [name for name in whole if whole[name] != parts.get(name)]
    records = [files(f"{output}/{run}/photos") for run in ("whole", "trial")]
    assert records[0] == records[1] and len(records[0]) == came.rows
    print(f"dask: {came.rows} photos in 3 shares on 2 workers, one of which (process {killed}) was killed in the middle of its share;")
    print(f"no row is lost, and {len(whole)} tables and {len(records[0])} records are those of `vellus batch`, byte for byte")


if __name__ == "__main__":
    main()
