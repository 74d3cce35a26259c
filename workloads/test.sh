#!/usr/bin/env bash
# Lint, types and tests of the workloads: on Debian's PyTorch and on the release that ships, as this user and as a pod's.
# `--quick` runs what takes no tens of seconds, on Debian's PyTorch, as this user. Other arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")"

if [[ ! -x .venv/bin/pytest ]]; then
  echo "workloads/.venv is missing: run 'bash workloads/install-test-deps.sh' (as root, on Debian) first." >&2
  exit 1
fi
export PYTHONDONTWRITEBYTECODE=1
# Small batches gain nothing from a second thread, and on a busy machine threads that wait for each other lose a lot.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy

pytest=(-m pytest -p no:cacheprovider)
if [[ "${1:-}" == --quick ]]; then
  shift
  exec .venv/bin/python "${pytest[@]}" -m "not slow" "$@"
fi
shipped="${XDG_CACHE_HOME:-$HOME/.cache}/shared-gpu/pytorch-shipped"
if [[ ! -f "$shipped/requirements-shipped.txt" ]]; then
  echo "$shipped is missing: run 'bash workloads/install-test-deps.sh' first, or pass --quick." >&2
  exit 1
fi
step() { printf '\n=== workloads: %s\n' "$1"; "${@:2}"; }
on_shipped() {
  step "the PyTorch that ships, as a pod" bash as-pod.sh "$shipped" "${pytest[@]}" "$@"
  step "the PyTorch that ships, as this user" "$shipped/bin/python" "${pytest[@]}" -m "not slow" "$@"
}
# Both at once, because each uses one core; what the second says is printed when it has ended.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
(set -e; on_shipped "$@") >"$said" 2>&1 &
failed=0
step "Debian's PyTorch" .venv/bin/python "${pytest[@]}" -m "not accuracy" "$@" || failed=1
step "Debian's PyTorch, as a pod" bash as-pod.sh .venv "${pytest[@]}" -m "not slow" "$@" || failed=1
wait $! || failed=1
cat "$said"
exit "$failed"
