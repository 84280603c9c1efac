"""While a photo is measured Python's other threads run, and photos are measured side by side."""

import multiprocessing
import os
import signal
import sys
import threading
import time

import pytest
import vellus
from conftest import SAMPLES

PHOTO = str(SAMPLES / "unclipped.jpg")
RECORD = []


def test_the_lock_is_released_while_measuring():
    """A thread of Python goes on counting; with the lock held it could not count at all."""
    done, ticks = threading.Event(), []

    def count():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    begin = time.perf_counter()
    vellus.measure(PHOTO, um_per_px=5, threads=1)
    end = time.perf_counter()
    done.set()
    counter.join()
    within = [tick for tick in ticks if begin <= tick <= end]
    longest = max(later - earlier for earlier, later in zip([begin, *within], [*within, end], strict=True))
    assert len(within) > 10 and longest < 0.5 * (end - begin), (len(within), longest, end - begin)


def test_two_threads_of_python_measure_at_the_same_time():
    """Both are inside the extension at once: their calls overlap for most of their time, and both use the processor."""
    spans = []

    def measure():
        begin, used = time.perf_counter(), time.thread_time()
        record = vellus.measure(PHOTO, um_per_px=5, threads=1)
        spans.append((begin, time.perf_counter(), time.thread_time() - used, record))

    alone = vellus.measure(PHOTO, um_per_px=5, threads=1)
    workers = [threading.Thread(target=measure) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    (begin_1, end_1, _, first), (begin_2, end_2, _, second) = spans
    overlap = min(end_1, end_2) - max(begin_1, begin_2)
    assert overlap > 0.5 * min(end_1 - begin_1, end_2 - begin_2)
    assert first == second == alone


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize(
    "call, otherwise",
    [
        (lambda: vellus.measure(PHOTO, um_per_px=5), True),
        (lambda: vellus.batch(SAMPLES, "out", um_per_px=5), True),
        (lambda: vellus.phantom(size=(64, 64)), False),
        (lambda: vellus.phantom_pair("null", size=(64, 64)), False),
        (lambda: vellus.read(RECORD[0]).overlay(), False),
    ],
)
def test_a_fork_is_refused_and_does_not_hang(call, otherwise, tmp_path):
    RECORD[:] = [tmp_path / "record.json"]
    vellus.measure(PHOTO, um_per_px=5).save(RECORD[0])
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            call()
            os.write(writer, b"done")
        except vellus.InputError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    for _ in range(600):
        if os.waitpid(child, os.WNOHANG)[0]:
            break
        time.sleep(0.1)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.fail("the fork hangs")
    said = os.read(reader, 1000).decode()
    assert "spawn" in said and ("threads=1" in said) == otherwise


def count(photo):
    import vellus

    return vellus.measure(photo, um_per_px=5, threads=1).to_json()


def test_spawned_workers_give_the_same_bytes():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(count, [PHOTO, PHOTO])
    assert found == [count(PHOTO)] * 2


def test_the_import_is_quick():
    import subprocess

    code = "import time, numpy; t = time.perf_counter(); import vellus; print(time.perf_counter() - t)"
    times = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(5)]
    assert min(times) < 0.5, times
