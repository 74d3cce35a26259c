import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from clients import RAW, ask, brightest_corner, buckets, image, running, samples

from fashion_mnist.batching import Batcher, Predict
from fashion_mnist.instances import PIXELS
from fashion_mnist.service import Served, Service, State


class TestPredict:
    def test_raw_images(self, port: int) -> None:
        answer = ask(port, "POST", "/predict", image(9) + image(1), RAW)
        assert answer.status == 200
        assert answer.json["predictions"] == [
            {"class": 9, "label": "Ankle boot", "probability": 1.0},
            {"class": 1, "label": "Trouser", "probability": 1.0},
        ]
        assert answer.json["model"] == {
            "architecture": "mlp",
            "source": "trained at start",
            "epoch": None,
            "heldOutAccuracy": 0.875,
        }

    @pytest.mark.parametrize("nested", [False, True])
    def test_json_instances(self, port: int, nested: bool) -> None:
        pixels: Any = [8.0] + [0] * (PIXELS - 1)
        instance = [pixels[row * 28 : row * 28 + 28] for row in range(28)] if nested else pixels
        answer = ask(port, "POST", "/predict", json.dumps({"instances": [instance]}))
        assert [prediction["label"] for prediction in answer.json["predictions"]] == ["Bag"]

    @pytest.mark.parametrize(
        ("content_type", "body", "reason"),
        [
            ("application/octet-stream", b"", "0 bytes are not a whole number of images"),
            ("application/octet-stream", bytes(PIXELS + 1), "785 bytes are not"),
            ("application/json", b"{", "the body must be"),
            ("application/json", b"[]", "the body must be"),
            ("application/json", b"\xff", "the body must be"),
            ("application/json", b'{"images": []}', "the body must be"),
            ("application/json", b'{"instances": "x"}', "the body must be"),
            ("application/json", b'{"instances": []}', "instances have the shape"),
            ("application/json", b'{"instances": [[1, 2]]}', "instances have the shape (1, 2)"),
            ("application/json", json.dumps({"instances": [[256] + [0] * 783]}).encode(), "from 0 to 255"),
            ("application/json", b'{"instances": [[NaN' + b", 0" * 783 + b"]]}", "from 0 to 255"),
            ("application/octet-stream", bytes(65 * PIXELS), "65 images; a request takes 1 to 64"),
        ],
    )
    def test_a_body_that_is_none_gets_400_and_the_reason(self, port: int, content_type: str, body: bytes, reason: str) -> None:
        answer = ask(port, "POST", "/predict", body, {"Content-Type": content_type})
        assert answer.status == 400
        assert reason in answer.json["error"]

    @pytest.mark.parametrize(
        ("method", "path", "status", "allow"),
        [
            ("GET", "/nothing", 404, None),
            ("POST", "/", 405, "GET"),
            ("GET", "/predict", 405, "POST"),
            ("POST", "/metrics", 405, "GET"),
        ],
    )
    def test_other_paths_and_methods_are_refused(self, port: int, method: str, path: str, status: int, allow: str | None) -> None:
        answer = ask(port, method, path)
        assert (answer.status, answer.headers["Allow"]) == (status, allow)
        assert answer.json["error"]

    def test_a_connection_is_kept_for_the_next_request(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for first_pixel in (3, 4):
            connection.request("POST", "/predict", image(first_pixel), RAW)
            response = connection.getresponse()
            assert json.loads(response.read())["predictions"][0]["class"] == first_pixel
            assert not response.will_close
        connection.close()


class TestLife:
    def test_while_loading_it_lives_is_not_ready_and_answers_503(self) -> None:
        with running(Service(64)) as port:
            assert ask(port, "GET", "/healthz").status == 200
            assert ask(port, "GET", "/readyz").status == 503
            for body in (image(1), image(1) * 64, json.dumps({"instances": [[0.125] * PIXELS] * 64}).encode()):
                answer = ask(port, "POST", "/predict", body, RAW)
                assert answer.status == 503
                assert answer.headers["Retry-After"] == "1"

    def test_ready_then_draining(self, service: Service, port: int) -> None:
        assert ask(port, "GET", "/readyz").body == b"ready\n"
        service.drain()
        assert (ask(port, "GET", "/readyz").status, ask(port, "GET", "/healthz").status) == (503, 200)
        answer = ask(port, "POST", "/predict", image(1), RAW)
        assert answer.status == 200
        assert answer.headers["Connection"] == "close"

    def test_a_model_that_arrives_while_draining_does_not_make_it_ready(self, service: Service) -> None:
        late = Service(64)
        late.drain()
        assert service.served is not None
        late.serve(service.served)
        assert late.state is State.DRAINING

    def test_a_failed_forward_pass_answers_500_and_fails_liveness_and_readiness(self) -> None:
        def fails(_images: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("CUDA error")

        service = Service(8)
        batcher = Batcher(fails, max_batch=8, max_wait_seconds=0, max_queue=8)
        service.serve(Served(batcher, "mlp", "trained at start", None, 0.5, 1))
        with running(service) as port:
            assert ask(port, "POST", "/predict", image(1), RAW).status == 500
            answer = ask(port, "GET", "/healthz")
            assert answer.status == 500
            assert b"CUDA error" in answer.body
            assert ask(port, "GET", "/readyz").status == 503
        batcher.close(30)

    def test_another_model_takes_over_and_what_was_asked_before_is_answered_by_the_one_before(self) -> None:
        service, asked, go = Service(8), threading.Event(), threading.Event()

        def slow(images: torch.Tensor) -> torch.Tensor:
            asked.set()
            assert go.wait(60)
            return brightest_corner(images)

        def served(predict: Predict, epoch: int) -> Served:
            batcher = Batcher(predict, max_batch=8, max_wait_seconds=0, max_queue=8)
            return Served(batcher, "cnn", "medium-training", epoch, 0.5, 1)

        service.serve(served(slow, 1))
        with running(service) as port, ThreadPoolExecutor() as pool:
            before = pool.submit(ask, port, "POST", "/predict", image(4), RAW)
            assert asked.wait(60)
            swap = pool.submit(service.serve, served(brightest_corner, 2))
            while service.served is None or service.served.epoch != 2:
                time.sleep(0.001)
            after = ask(port, "POST", "/predict", image(5), RAW)
            go.set()
            swap.result(60)
            answers = [before.result(60).json, after.json]
        assert [(answer["model"]["epoch"], answer["predictions"][0]["class"]) for answer in answers] == [(1, 4), (2, 5)]
        assert service.swaps.value() == 1

    def test_it_waits_for_requests_in_flight(self, service: Service) -> None:
        with service.in_flight():
            assert not service.wait_until_idle(0.01)
        assert service.wait_until_idle(0.01)


def test_metrics_of_a_bounded_load_agree_with_what_the_clients_saw(service: Service, port: int) -> None:
    clients, requests = 4, 25
    durations: list[float] = []

    def load() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(requests):
            started = time.perf_counter()
            connection.request("POST", "/predict", image(number) * 3, RAW)
            response = connection.getresponse()
            assert json.loads(response.read())["predictions"][0]["class"] == number % 10
            durations.append(time.perf_counter() - started)
        connection.close()

    threads = [threading.Thread(target=load) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    total = clients * requests
    assert len(durations) == total
    metrics = samples(port)
    assert metrics['fashion_mnist_requests_total{code="200"}'] == total
    assert metrics['fashion_mnist_images_total{origin="http"}'] == 3 * total
    assert metrics["fashion_mnist_held_out_accuracy"] == 0.875
    assert metrics["fashion_mnist_ready"] == 1
    assert metrics['fashion_mnist_model_info{architecture="mlp",source="trained at start"}'] == 1
    latency = buckets(metrics, "fashion_mnist_request_duration_seconds")
    assert [count for _, count in latency] == sorted(count for _, count in latency)
    assert latency[-1] == (float("inf"), total)
    assert metrics["fashion_mnist_request_duration_seconds_count"] == total
    # The service's part of the time is within what the clients waited.
    assert 0 < metrics["fashion_mnist_request_duration_seconds_sum"] <= sum(durations)
    for bound, count in latency[:-1]:
        assert count >= sum(duration <= bound for duration in durations)
    assert metrics["fashion_mnist_batch_images_sum"] == 3 * total
    assert 1 <= metrics["fashion_mnist_batch_images_count"] <= total


def test_refusals_are_counted_and_are_no_latency(port: int) -> None:
    assert ask(port, "POST", "/predict", b"{").status == 400
    assert ask(port, "POST", "/predict", bytes(2 * 10**6)).status == 413
    metrics = samples(port)
    assert metrics['fashion_mnist_requests_total{code="400"}'] == 1
    assert metrics['fashion_mnist_requests_total{code="413"}'] == 1
    assert "fashion_mnist_request_duration_seconds_count" not in metrics
