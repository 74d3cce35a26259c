import base64
import io
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from clients import ask, brightest_corner, running
from PIL import Image
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from fashion_mnist import small_inference
from fashion_mnist.batching import Batcher
from fashion_mnist.data import FashionMnist
from fashion_mnist.page import Epoch, Example, page
from fashion_mnist.pictures import data_address, png
from fashion_mnist.service import Served, Service

HISTORY = (Epoch(1, 55_000, 0.7512, 0.8446), Epoch(2, 110_000, 0.8911, 0.9144), Epoch(3, 165_000, 0.9, 0.9))


def test_a_picture_is_the_image(fashion_mnist: FashionMnist) -> None:
    for image in fashion_mnist.validation.images[:10]:
        decoded = Image.open(io.BytesIO(png(image)))
        assert (decoded.mode, decoded.size) == ("L", (28, 28))
        assert decoded.tobytes() == bytes(image.flatten().tolist())
        assert base64.b64decode(data_address(image).removeprefix("data:image/png;base64,")) == png(image)


def test_what_a_name_contains_is_text() -> None:
    written = page(("<b>&", 0.5, 10), (), (Example("data:,", "<i>", "<u>", 0.5),))
    assert "<b>" not in written
    assert "<i>" not in written
    assert "<u>" not in written


@pytest.mark.parametrize(
    "history",
    [(), HISTORY[:1], HISTORY, (Epoch(1, 32, 1.0, 1.0),), (Epoch(1, 32, 0.0, 0.0),)],
    ids=["none", "one", "three", "all right", "all wrong"],
)
def test_every_curve_can_be_drawn(history: tuple[Epoch, ...]) -> None:
    written = page(("cnn", 0.5, 10), history, ())
    assert ("<svg" in written) is bool(history)
    assert "nan" not in written


@pytest.fixture
def address(fashion_mnist: FashionMnist) -> Iterator[str]:
    """The page of a service that has swapped to the second epoch, and gets every second class right."""
    service = Service(64)
    batcher = Batcher(brightest_corner, max_batch=64, max_wait_seconds=0, max_queue=64)
    held_out = fashion_mnist.validation

    def predict(images: torch.Tensor) -> torch.Tensor:
        right = torch.nn.functional.one_hot(held_out.labels[: len(images)].long() // 2 * 2, 10).float()
        return right * 0.75

    examples = small_inference.examples(predict, held_out)
    service.history = HISTORY
    service.serve(Served(batcher, "cnn", "medium-training", 2, 0.9144, 5000, examples))
    with running(service) as port:
        yield f"http://127.0.0.1:{port}/"
    batcher.close(30)


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or chromium is None:
        pytest.fail("there is no chromium: run workloads/install-test-deps.sh")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1000,1400"):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options, ChromeService(driver))
    yield chrome
    chrome.quit()


def names_by_role(browser: Chrome) -> dict[str, list[str]]:
    """What a screen reader finds: the names of the nodes of the accessibility tree, by role."""
    found: dict[str, list[str]] = {}
    nodes: list[dict[str, Any]] = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    for node in nodes:
        if not node["ignored"]:
            found.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    return found


def test_a_browser_shows_the_page_whole_and_asks_for_nothing_else(browser: Chrome, address: str) -> None:
    browser.get(address)
    assert browser.title == "Fashion-MNIST"
    text = browser.find_element("tag name", "main").text
    assert "cnn (medium-training), epoch 2" in text
    assert "91.44 % right on 5,000 held-out images" in text
    pictures = browser.execute_script(
        "return Array.from(document.images, image => [image.complete, image.naturalWidth, image.naturalHeight])"
    )
    assert pictures == [[True, 28, 28]] * small_inference.EXAMPLES
    wrong, right = browser.find_elements("css selector", "li.wrong"), browser.find_elements("css selector", "li:not(.wrong)")
    assert wrong
    assert all("wrong: it is" in item.text for item in wrong)
    assert all("75%, right" in item.text for item in right)
    box = browser.find_element("tag name", "svg").rect
    assert box["width"] > 300
    assert box["height"] > 100
    assert browser.execute_script("return document.querySelectorAll('polyline').length") == 2
    assert browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)") == []
    logged: list[dict[str, Any]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry["message"] for entry in logged] == []


def test_a_screen_reader_finds_what_the_pictures_say(browser: Chrome, address: str) -> None:
    browser.get(address)
    found = names_by_role(browser)
    assert found["heading"] == ["Fashion-MNIST", "Learning curve", "Predictions"]
    assert len(found["main"]) == 1
    images = found.get("image", []) + found.get("img", [])
    assert len(images) == small_inference.EXAMPLES + 1
    assert any("After 3 epoch(s), 165,000 images: validation 90.00 %" in name for name in images)
    assert all(images)
    assert browser.execute_script("return document.documentElement.lang") == "en"
    browser.find_element("tag name", "summary").click()
    rows = [row.text for row in browser.find_elements("css selector", "tbody tr")]
    assert rows[1] == "2 110,000 89.11 % 91.44 %"


def test_a_narrow_window_scrolls_down_only(browser: Chrome, address: str) -> None:
    browser.set_window_size(400, 800)
    browser.get(address)
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


def test_the_page_comes_while_the_model_loads() -> None:
    with running(Service(1)) as port:
        answer = ask(port, "GET", "/")
    assert answer.status == 200
    assert "still loading" in answer.body.decode()
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
