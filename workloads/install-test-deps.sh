#!/usr/bin/env bash
# Installs what `test.sh` and the benchmark need on Debian 12 or later: PyTorch for the CPU, the data set, and the Python
# tools in workloads/.venv. Run as root; running it again changes nothing.
#
# PyTorch comes from Debian: 152 MB to download with everything it needs, against 4.1 GB for torch 2.10 from PyPI, whose
# only Linux wheel for x86-64 brings the CUDA libraries. It is an older release (1.13 in Debian 12) than the NGC image's
# (2.10), so the programs are written for both.
set -euo pipefail
cd "$(dirname "$0")"

# OpenBLAS because Debian's PyTorch otherwise multiplies matrices with the reference BLAS.
packages=(python3-torch python3-pil python3-venv libopenblas0-pthread dataset-fashion-mnist)
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
