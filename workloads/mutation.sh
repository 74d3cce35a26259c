#!/usr/bin/env bash
# Puts small faults into the programs, one at a time, and asks of each whether a test finds it (mutmut). `mutation.sh PATTERN...` does
# it for some modules, for example "fashion_mnist.recipes*". What survives is listed, then the score.
set -euo pipefail
cd "$(dirname "$0")"

if [[ ! -x .venv/bin/mutmut ]]; then
  echo "workloads/.venv is missing: run 'bash workloads/install-test-deps.sh --quick' (as root, on Debian) first." >&2
  exit 1
fi
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
.venv/bin/mutmut run "$@"
.venv/bin/mutmut results
.venv/bin/mutmut export-cicd-stats
.venv/bin/python - <<'PYTHON'
import json
from pathlib import Path

found = json.loads(Path("mutants/mutmut-cicd-stats.json").read_text())
killed, asked = found["killed"] + found["timeout"], found["killed"] + found["timeout"] + found["survived"] + found["no_tests"]
print(f"mutation score: {killed} of {asked}" + (f" ({killed / asked:.1%})" if asked else ""))
PYTHON
