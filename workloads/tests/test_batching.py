import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
import torch

from fashion_mnist.batching import Batcher, Closed, Overloaded


def images(*numbers: int) -> torch.Tensor:
    """Images that are recognised by the number in every pixel."""
    return torch.tensor(numbers, dtype=torch.uint8)[:, None, None].expand(-1, 28, 28)


class Model:
    """Answers every image with its number; can be held up, to let requests gather, and told to fail."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.go = threading.Event()
        self.go.set()
        self.failure: Exception | None = None

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        assert self.go.wait(30)
        if self.failure is not None:
            raise self.failure
        self.batches.append(len(batch))
        return batch[:, 0, :1].float()


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def batcher(model: Model) -> Iterator[Batcher]:
    batcher = Batcher(model, max_batch=8, max_wait_seconds=0, max_queue=20)
    yield batcher
    model.go.set()
    batcher.close(30)


def occupy(batcher: Batcher, model: Model) -> "Future[torch.Tensor]":
    """Has the worker hold one image, so that what comes next waits in the queue."""
    model.go.clear()
    held = batcher.submit(images(0))
    while batcher.queued():
        time.sleep(0.001)
    return held


def test_requests_that_wait_share_one_forward_pass_and_get_their_own_answers(batcher: Batcher, model: Model) -> None:
    occupy(batcher, model)
    futures = [batcher.submit(images(number, number + 1)) for number in (10, 20, 30)]
    model.go.set()
    assert [future.result(30).flatten().tolist() for future in futures] == [[10, 11], [20, 21], [30, 31]]
    assert model.batches == [1, 6]


def test_a_batch_never_exceeds_its_limit_and_keeps_the_order(batcher: Batcher, model: Model) -> None:
    occupy(batcher, model)
    futures = [batcher.submit(images(*range(5))) for _ in range(3)]
    model.go.set()
    for future in futures:
        assert future.result(30).flatten().tolist() == list(range(5))
    assert model.batches == [1, 5, 5, 5]


def test_a_lone_request_is_answered_after_the_wait(model: Model) -> None:
    batcher = Batcher(model, max_batch=8, max_wait_seconds=0.01, max_queue=20)
    assert batcher.submit(images(3)).result(30).item() == 3
    assert batcher.close(30)


def test_a_full_batch_does_not_wait(model: Model) -> None:
    batcher = Batcher(model, max_batch=2, max_wait_seconds=3600, max_queue=20)
    futures = [batcher.submit(images(number)) for number in (1, 2)]
    assert [future.result(30).item() for future in futures] == [1, 2]
    assert batcher.close(30)


def test_a_full_queue_refuses(batcher: Batcher, model: Model) -> None:
    occupy(batcher, model)
    for _ in range(4):
        batcher.submit(images(*range(5)))
    assert batcher.queued() == 20
    with pytest.raises(Overloaded):
        batcher.submit(images(1))


@pytest.mark.parametrize("count", [0, 9])
def test_a_request_takes_one_to_max_batch_images(batcher: Batcher, count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} images; a request takes 1 to 8"):
        batcher.submit(images(*range(count)))


def test_closing_answers_what_waits_and_refuses_what_comes(batcher: Batcher, model: Model) -> None:
    held = occupy(batcher, model)
    waiting = batcher.submit(images(5))
    assert not batcher.close(0)
    with pytest.raises(Closed):
        batcher.submit(images(6))
    model.go.set()
    assert batcher.close(30)
    assert held.result(0).item() == 0
    assert waiting.result(0).item() == 5


def test_a_failed_forward_pass_fails_its_requests_and_liveness(batcher: Batcher, model: Model) -> None:
    assert batcher.unhealthy(30) is None
    model.failure = RuntimeError("CUDA error: an illegal memory access was encountered")
    with pytest.raises(RuntimeError, match="illegal memory access"):
        batcher.submit(images(1)).result(30)
    assert "a forward pass failed: CUDA error" in str(batcher.unhealthy(30))


def test_a_forward_pass_that_hangs_fails_liveness(batcher: Batcher, model: Model) -> None:
    occupy(batcher, model)
    time.sleep(0.01)
    assert "running for over 0 s" in str(batcher.unhealthy(0))
    assert batcher.unhealthy(3600) is None
