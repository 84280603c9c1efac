#!/usr/bin/env python3
"""A trial on the workers of a dask cluster, or a folder of photos: the tables are the bytes of one `vellus batch`.

    python samples/scale-out/dask_batch.py trial.csv out --um-per-px 5.54 --workers 4
    python samples/scale-out/dask_batch.py photos out --um-per-px 5.54 --scheduler tcp://head:8786

Needs the Python package (`pip install ./crates/vellus-python`) and `distributed`. Each task is a share of the photos, on one thread
of a worker of its own: dask spawns its workers, as threads do not survive a fork. If a worker is killed, dask gives its task to
another one, which goes on where the first one was. All workers must see the folders under the same names.
"""

import argparse
from pathlib import Path
from typing import Any

import vellus
from distributed import Client, LocalCluster, as_completed


def share(source: str, folder: str, shard: str, options: dict[str, Any]) -> str:
    """Measures a share of the photos; gives its folder."""
    vellus.batch(source, folder, shard=shard, threads=1, **options)
    return folder


def run(client: Client, source: str, output: str, shards: int, options: dict[str, Any], task: Any = share) -> vellus.BatchOutcome:
    """Has all shares measured and puts them together."""
    folders = [f"{output}/shards/{k}" for k in range(1, shards + 1)]
    tasks = [
        client.submit(task, source, folder, f"{k}/{shards}", options, pure=False, retries=3)
        for k, folder in enumerate(folders, 1)
    ]
    for done in as_completed(tasks):
        print("measured:", done.result(), flush=True)
    return vellus.merge(folders, f"{output}/trial")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures a trial's photos on the workers of a dask cluster.")
    parser.add_argument("source", help="manifest (CSV) or folder of photos")
    parser.add_argument("output", help="folder for records and tables")
    parser.add_argument("--um-per-px", help="scale, such as 5.54 or 5.54±0.03")
    parser.add_argument("--pattern", help="how the names of a folder's files are read, such as {subject}_{visit}")
    parser.add_argument("--shards", type=int, default=8, help="shares of the work; more than workers, so that none waits long")
    parser.add_argument("--workers", type=int, default=2, help="processes of a cluster on this machine")
    parser.add_argument("--scheduler", help="address of a cluster that is there, instead")
    given = parser.parse_args()
    source, output = (str(Path(path).resolve()) for path in (given.source, given.output))
    options = {"um_per_px": given.um_per_px, "pattern": given.pattern}
    if given.scheduler:
        with Client(given.scheduler) as client:
            came = run(client, source, output, given.shards, options)
    else:
        with LocalCluster(n_workers=given.workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
            came = run(client, source, output, given.shards, options)
    print(f"{came.rows} photos, {came.measured} measured, {sum(came.failed.values())} failed; tables: {came.tables}")
    for doubt in came.doubts:
        print("  •", doubt)


# Workers import this file when they are spawned.
if __name__ == "__main__":
    main()
