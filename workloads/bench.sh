#!/usr/bin/env bash
# Images per second against the article's loop (bench/bench.py) in the environment that install-test-deps.sh makes.
set -euo pipefail
cd "$(dirname "$0")"

if [[ ! -x .venv/bin/python ]]; then
  echo "workloads/.venv is missing: run 'bash workloads/install-test-deps.sh' (as root, on Debian) first." >&2
  exit 1
fi
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=. exec .venv/bin/python bench/bench.py "$@"
