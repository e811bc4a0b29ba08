#!/bin/sh
# The stored runs that the book draws from. Needs MFST_DATA (a folder with VTB13's sequences and
# others to choose on) and MFST_WEIGHTS (with *.weights.h5). What is there and fits is kept; times
# are measured at the end, side by side.
set -eu
mfst() { "${MFST:-mfst}" "$@"; }
out=data/results
for table in table1 table2; do
  mfst reproduce "$table" --out "$out" --workers "${WORKERS:-1}"
done
for backbone in efficientnet_lite0 mobilenet_v3_large mobilenet_v3_small; do
  mfst eval --tasks vtb13 --preset default --backbone "$backbone" --seeds 0,1,2 \
    --out "$out/vtb13" --no-plots --workers "${WORKERS:-1}"
done
mfst reproduce table3 --out "$out" --workers "${WORKERS:-1}"
for name in beyond-lite0 beyond-lite0-8bit beyond-v3l beyond-v3s beyond-v3s-160px ridge-lite0 ridge-v3l ridge-v3s; do
  mfst eval --tasks vtb13 --preset "$name" --seeds 0,1,2,3,4 \
    --out "$out/vtb13" --no-plots --workers "${WORKERS:-1}"
done
mfst reproduce ablations --out "$out" --workers "${WORKERS:-1}"
mfst bench --presets default@efficientnet_lite0,default@mobilenet_v3_large,default@mobilenet_v3_small,beyond-v3l,beyond-v3s,beyond-lite0,ridge-v3l,ridge-v3s,ridge-lite0,v3l-s,v3l-sc,v3l-c,v3s-s,v3s-sc,v3s-c,vgg-s,vgg-sc,vgg-c \
  --out "$out/speed.json"
"${PYTHON:-python}" "$out/readme_table.py"
