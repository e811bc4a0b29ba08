#!/bin/sh
# The calibrations that come with the library, judged on VTB13, and what the search brings back.
# To be run again when a preset changes. Needs MFST_DATA and MFST_WEIGHTS; what was gathered is kept
# in data/results/calibration/records, so that a second call fits in seconds.
set -eu
mfst() { "${MFST:-mfst}" "$@"; }
out=data/results
for pair in default:efficientnet_lite0 default:mobilenet_v3_large beyond-lite0:efficientnet_lite0; do
  preset=${pair%%:*} backbone=${pair##*:}
  mfst calibrate --preset "$preset" --backbone "$backbone" --judge vtb13 --seeds 0,1,2 \
    --out "$out/calibration" --ship --workers "${WORKERS:-1}"
done
# With 8 bits the tracker reads the same evidence: is the calibration as good there?
for preset in default beyond-lite0; do
  name="$preset-efficientnet_lite0"
  mfst calibrate --preset "$preset" --set numbers=8-bit --calibration "$name" --judge vtb13 \
    --seeds 0,1,2 --out "$out/calibration/8-bit" --workers "${WORKERS:-1}"
done
for preset in default beyond-lite0; do
  "${PYTHON:-python}" "$out/redetection.py" "$preset" efficientnet_lite0
done
