#!/usr/bin/env bash
# Lint, types and tests of the workloads. `--quick` leaves out the tests marked slow; other arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")"

if [[ ! -x .venv/bin/pytest ]]; then
  echo "workloads/.venv is missing: run 'bash workloads/install-test-deps.sh' (as root, on Debian) first." >&2
  exit 1
fi
selection=()
if [[ "${1:-}" == --quick ]]; then
  selection=(-m "not slow")
  shift
fi
export PYTHONDONTWRITEBYTECODE=1
# Small batches gain nothing from a second thread, and on a busy machine threads that wait for each other lose a lot.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
exec .venv/bin/pytest "${selection[@]}" "$@"
