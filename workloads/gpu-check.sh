#!/usr/bin/env bash
# What the programs reach on a GPU: accuracy and time to 94 %, images per second with and without torch.compile, peak memory, and
# what the service answers; under 8 minutes. `gpu-check.sh --device cpu` does the same on a few images, to see that it works.
# PYTHON names the interpreter that has PyTorch, DATA_DIR the data set.
set -euo pipefail
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=. exec "${PYTHON:-python3}" bench/gpu_check.py --data-dir "${DATA_DIR:-/usr/share/datasets/fashion-mnist}" "$@"
