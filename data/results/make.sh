#!/bin/sh
# The stored runs that the book draws from. Needs MFST_DATA (a folder with VTB13's sequences) and
# MFST_WEIGHTS (with mobilenet_v3_*.weights.h5). One process, so that the times mean something.
set -eu
run() {
  "${MFST:-mfst}" eval --tasks vtb13 --seeds 0,1,2 --out data/results/vtb13 --no-plots "$@"
}
run --preset default
run --preset v3l-s
run --preset v3s-s
"${PYTHON:-python}" data/results/readme_table.py
