#!/usr/bin/env python3
"""How fast `vellus batch` is and how much memory it takes, beside decoding alone and beside a scripted peer.

usage: batch_speed.py VELLUS FOLDER [--photos 500] [--few 50] [--shared ../shared]

Photos: those of SHARED/clinic, filled up with drawn ones of the same size. In one run, each on the same photos: two
threads, one thread, decoding alone (a stage of `measure --timings`), and the Sato pipeline of SHARED/peers/peer.py, kept
warm in two workers of one thread each. Needs numpy, scipy, pillow, scikit-image, skan for the peer; without SHARED it is
left out.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")
UM_PER_PX = 5.54
PEER = {}


def load_peer(path):
    """The peer's functions, without running its command line."""
    source = path.read_text().rsplit("main()", 1)[0]
    exec(compile(source, str(path), "exec"), PEER)


def peer(photo):
    import numpy as np
    from PIL import Image
    grey = np.asarray(Image.open(photo).convert("L")).astype(float) / 255
    return len(PEER["sato"](grey, UM_PER_PX))


def batch(vellus, photos, folder, threads):
    """Seconds and peak memory in MiB of a batch from nothing."""
    manifest, out = folder / "speed.csv", folder / "speed-out"
    manifest.write_text("photo\n" + "".join(f"{photo}\n" for photo in photos))
    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    child = subprocess.Popen([vellus, "batch", manifest, "-o", out, "--um-per-px", str(UM_PER_PX), "--threads", str(threads), "--quiet"])
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, status
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def decoding(vellus, photos):
    """Seconds of decoding all photos, on one thread."""
    told = subprocess.run([vellus, "measure", *photos, "--quiet", "--timings", "--threads", "1"], stderr=subprocess.PIPE, text=True)
    return float(re.search(r"decode +([0-9.]+) ms", told.stderr)[1]) / 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vellus"), parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--photos", type=int, default=500), parser.add_argument("--few", type=int, default=50)
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    a = parser.parse_args()
    vellus = os.path.realpath(a.vellus)
    drawn = a.folder.resolve() / "drawn"
    clinic = sorted((a.shared / "clinic").resolve().glob("*.jpg"))[: a.photos]
    if len(clinic) < a.photos:
        subprocess.run([vellus, "phantom", "--scene", "clipped_typical", "--size", "1280x1024", "--seeds", f"1..{a.photos - len(clinic)}",
                        "-o", drawn], check=True, stdout=subprocess.DEVNULL)
    # In turn, so that few photos are the same mix as many.
    photos = sorted([*clinic, *sorted(drawn.glob("*.jpg"))[: a.photos - len(clinic)]], key=lambda path: hash_of(path.name))
    say = lambda what, seconds, more="": print(f"{what:32} {len(photos) / seconds:7.2f} photos/s {seconds:8.1f} s  load {os.getloadavg()[0]:.1f} {more}", flush=True)
    _, memory = batch(vellus, photos[: a.few], a.folder, 2)
    print(f"memory with {a.few} photos: {memory:.0f} MiB", flush=True)
    two, memory = batch(vellus, photos, a.folder, 2)
    say("vellus batch, two threads", two, f"{memory:.0f} MiB")
    if (a.shared / "peers/peer.py").exists():
        load_peer(a.shared / "peers/peer.py")
        with concurrent.futures.ProcessPoolExecutor(2) as workers:
            list(workers.map(peer, photos[:4]))
            start = time.perf_counter()
            list(workers.map(peer, photos))
            say("peer (Sato), two workers", time.perf_counter() - start)
    one, _ = batch(vellus, photos, a.folder, 1)
    say("vellus batch, one thread", one, f"two threads are {one / two:.2f} times as fast")
    say("decoding alone, one thread", decoding(vellus, photos))


def hash_of(name):
    """An order that does not depend on the run."""
    import hashlib
    return hashlib.sha256(name.encode()).hexdigest()


if __name__ == "__main__":
    main()
