"""Fashion-MNIST programs that show what one MIG slice is worth: two trainings and an inference service.

They import the standard library, PyTorch, and h11, whose wheel lies beside these files. So the same files run from a
ConfigMap on the plain NGC PyTorch image and from the image that workloads/Dockerfile bakes.
"""

import sys
from pathlib import Path

from fashion_mnist import pod_environment

H11_WHEEL = Path(__file__).with_name("h11-0.16.0-py3-none-any.whl")
"""HTTP/1.1 without I/O, pure Python: imported from the wheel as PyPI has it, so that what runs is what is tested."""

pod_environment.provide()
sys.path.insert(0, str(H11_WHEEL))
