#!/usr/bin/env bash
# Installs what `test.sh` and the benchmark need on Debian 12 or later: PyTorch twice, the data set, a browser, and the Python
# tools in workloads/.venv. Run as root; running it again changes nothing.
#
# The one PyTorch is Debian's: 152 MB to download with everything it needs, and old (1.13 in Debian 12). The other is the release
# of the NGC image (2.10), from PyPI, whose only Linux wheel for x86-64 brings the CUDA libraries: 4 GB to download and 6.8 GB on
# disk, in ~/.cache/shared-gpu. `--quick` leaves it out; `test.sh --quick` does without it.
set -euo pipefail
cd "$(dirname "$0")"

# OpenBLAS because Debian's PyTorch otherwise multiplies matrices with the reference BLAS.
packages=(python3-torch python3-pil python3-venv libopenblas0-pthread dataset-fashion-mnist chromium chromium-driver util-linux)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep --quiet '^install ok installed' || missing+=("$package")
done
if ((${#missing[@]} > 0)); then
  apt-get update --quiet
  DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
fi

if [[ ! -x .venv/bin/python ]]; then
  /usr/bin/python3 -m venv --system-site-packages .venv
fi
if ! cmp --silent requirements-dev.txt .venv/requirements-dev.txt; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
  cp requirements-dev.txt .venv/requirements-dev.txt
fi
.venv/bin/python -c 'import torch; print(f"PyTorch {torch.__version__}, Fashion-MNIST and the tools are installed")'

if [[ "${1:-}" == --quick ]]; then
  exit
fi
shipped="${XDG_CACHE_HOME:-$HOME/.cache}/shared-gpu/pytorch-shipped"
if ! cmp --silent requirements-shipped.txt "$shipped/requirements-shipped.txt"; then
  rm -rf "$shipped"
  mkdir -p "$shipped"
  free=$(($(df --output=avail -B 1M "$shipped" | tail -1) / 1024))
  if ((free < 10)); then
    echo "PyTorch as shipped needs 10 GiB in $shipped while it is installed, and $free GiB are free: make room, or pass --quick." >&2
    exit 1
  fi
  /usr/bin/python3 -m venv --without-pip "$shipped"
  .venv/bin/uv pip install --quiet --no-cache --python "$shipped/bin/python" --requirement requirements-shipped.txt
  # Last, so that an installation that was cut off is begun anew.
  cp requirements-shipped.txt "$shipped/requirements-shipped.txt"
fi
"$shipped/bin/python" -c 'import torch; print(f"PyTorch {torch.__version__} is installed")'
