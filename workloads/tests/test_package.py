import ast
import hashlib
import sys
from pathlib import Path

import h11
import pytest

from fashion_mnist import H11_WHEEL

PACKAGE = H11_WHEEL.parent


@pytest.mark.parametrize("module", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_only_what_every_image_has_is_imported(module: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])
    assert imported <= {*sys.stdlib_module_names, "torch", "h11", "fashion_mnist"}


def test_h11_is_the_wheel_beside_the_programs_as_pypi_has_it() -> None:
    assert str(h11.__file__).startswith(f"{H11_WHEEL}/")
    # https://pypi.org/project/h11/0.16.0/#files
    assert (
        hashlib.sha256(H11_WHEEL.read_bytes()).hexdigest() == "63cf8bbe7522de3bf65932fda1d9c2772064ffb3dae62d55932da54b31cb6c86"
    )
