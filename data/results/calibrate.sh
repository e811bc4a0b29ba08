#!/bin/sh
# The calibrations that come with the library, judged on VTB13, and what the search brings back.
# To be run again when a preset changes. Needs MFST_DATA and MFST_WEIGHTS; what was gathered is kept
# in data/results/calibration/records, so that a second call fits in seconds.
set -eu
mfst() { "${MFST:-mfst}" "$@"; }
out=data/results
for backbone in efficientnet_lite0 mobilenet_v3_large; do
  mfst calibrate --preset "${PRESET:-default}" --backbone "$backbone" --judge vtb13 --seeds 0,1,2 \
    --out "$out/calibration" --ship --workers "${WORKERS:-1}"
  "${PYTHON:-python}" "$out/redetection.py" "$backbone"
done
