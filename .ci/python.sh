#!/usr/bin/env bash
# Builds the Python package's wheel, installs it in a fresh environment and tests it: against the command line, by mypy, with the
# guide, in napari, and on dask with a worker that is killed.
# usage: python.sh VELLUS TOOLS FOLDER     TOOLS is a virtual environment with maturin, mypy, pytest, pandas and so on
set -euo pipefail
VELLUS=$(realpath "$1"); tools=$(realpath "$2"); folder=$3
export VELLUS
rm -rf "$folder"
mkdir -p "$folder"
folder=$(realpath "$folder")
begin=$SECONDS
# In the target directory and with the profile of the other steps.
"$tools/bin/maturin" build --release --quiet -m crates/vellus-python/Cargo.toml --out "$folder"
wheel=$(ls "$folder"/*.whl)
echo "wheel: $(basename "$wheel"), $(($(stat -c %s "$wheel") / 1024)) KiB, built in $((SECONDS - begin)) s"
# With nothing but what the wheel asks for.
python3 -m venv "$folder/fresh"
"$folder/fresh/bin/pip" install --quiet "$wheel"
(cd "$folder" && fresh/bin/python - "$OLDPWD/samples/clipped.jpg" <<'PYTHON'
import sys, time
import numpy
begin = time.perf_counter()
import vellus
print(f"import: {1e3 * (time.perf_counter() - begin):.0f} ms after numpy's")
assert vellus.measure(sys.argv[1], um_per_px=5).summary.hair_count == 12
PYTHON
)
"$tools/bin/pip" install --quiet --no-deps --force-reinstall "$wheel"
(
    cd crates/vellus-python
    "$tools/bin/mypy" -p vellus
    "$tools/bin/mypy" guide.py
    "$tools/bin/python" -m mypy.stubtest vellus._vellus
    # Plugins of other packages are not needed.
    PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 "$tools/bin/python" -m pytest -q -p no:cacheprovider
)
"$tools/bin/python" .ci/dask_killed.py "$VELLUS" samples/scale-out/samples.csv "$folder/dask"
"$tools/bin/python" .ci/python_speed.py "$VELLUS" samples/unclipped.jpg
echo "Python: $((SECONDS - begin)) s"
