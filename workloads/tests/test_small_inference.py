import subprocess
import threading
import time
from pathlib import Path

import pytest
from clients import buckets, running, samples
from conftest import environment, program
from replica import Clients, Replica

from fashion_mnist.service import Service


@pytest.mark.slow
def test_no_request_fails_across_a_rolling_restart(data_dir: Path, tmp_path: Path) -> None:
    replicas = [Replica(data_dir, tmp_path)]
    clients = Clients([replicas[0].port])
    threads = [threading.Thread(target=clients.run, args=(20_000,)) for _ in range(4)]
    try:
        replicas[0].event("ready")
        for thread in threads:
            thread.start()
        # A Deployment's rolling update with maxUnavailable 0: the new pod is ready before the old one is told to go.
        replicas.append(Replica(data_dir, tmp_path))
        replicas[1].event("ready")
        clients.endpoints = [replica.port for replica in replicas]
        time.sleep(0.5)
        replicas[0].terminate()
        while replicas[0].ready():
            time.sleep(0.05)
        clients.endpoints = [replicas[1].port]
        stopped = replicas[0].event("stopped")
        assert replicas[0].exit_code() == 0
        time.sleep(0.5)
        clients.stop.set()
        for thread in threads:
            thread.join(60)
        metrics = samples(replicas[1].port)
    finally:
        clients.stop.set()
        for replica in replicas:
            replica.close()
    assert clients.failures == []
    by_port = {replica.port: clients.answered.count(replica.port) for replica in replicas}
    assert all(count > 0 for count in by_port.values())
    assert stopped["allAnswered"] is True
    assert stopped["requestsTotal"] == by_port[replicas[0].port]
    assert metrics['fashion_mnist_requests_total{code="200"}'] == by_port[replicas[1].port]
    assert buckets(metrics, "fashion_mnist_request_duration_seconds")[-1][1] == by_port[replicas[1].port]


@pytest.mark.slow
def test_self_load_is_counted_and_its_accuracy_is_the_held_out_one(data_dir: Path, tmp_path: Path) -> None:
    replica = Replica(data_dir, tmp_path, "--self-load", "max", "--report-seconds", "1")
    try:
        accuracy = replica.event("ready")["validationAccuracy"]
        while replica.event("serving")["selfLoadImagesTotal"] < 500:
            pass
        metrics = samples(replica.port)
        replica.terminate()
        assert replica.event("stopped")["allAnswered"] is True
        assert replica.exit_code() == 0
    finally:
        replica.close()
    images = metrics['fashion_mnist_images_total{origin="self-load"}']
    assert metrics["fashion_mnist_self_load_correct_total"] / images == pytest.approx(accuracy, abs=0.05)
    assert metrics['fashion_mnist_requests_total{code="200"}'] == 0


@pytest.mark.slow
def test_an_address_in_use_and_no_gpu_have_their_sentences(data_dir: Path, tmp_path: Path) -> None:
    with running(Service(64)) as port:
        for more, code, part in (
            (("--port", str(port), "--device", "cpu"), 78, f"127.0.0.1:{port} cannot be listened on"),
            (("--port", "0", "--expect-profile", "1g.5gb"), 78, "one 1g.5gb MIG device"),
        ):
            done = subprocess.run(
                program("small_inference", "--host", "127.0.0.1", *more, cpu=False),
                env={**environment(), "CUDA_VISIBLE_DEVICES": ""},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert (done.returncode, "Traceback" in done.stderr) == (code, False)
            assert part in done.stderr
