import pytest
import torch
from torch import nn

from fashion_mnist import averaging
from fashion_mnist.averaging import WeightAverage


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def set_all(model: nn.Module, value: float) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)


def test_weights_are_averaged_step_by_step() -> None:
    trained = network()
    average, expected = WeightAverage(trained), weights(trained)
    for step in range(1, 1_001):
        set_all(trained, step)
        average.follow(step)
        decay = min(0.99, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
    assert torch.allclose(weights(average.model), expected)
    # The weights of step n are n: an average over the last 100 steps lags about 100 behind.
    assert weights(average.model).mean().item() == pytest.approx(900, abs=5)


def test_the_trained_network_is_left_alone() -> None:
    trained = network()
    average = WeightAverage(trained)
    set_all(trained, 7)
    average.follow(1)
    average.settle([torch.randn(8, 2)])
    assert torch.equal(weights(trained), torch.full((10,), 7.0))
    assert torch.equal(trained[1].running_mean, torch.zeros(2))


def test_steady_weights_are_their_own_average() -> None:
    trained = network()
    average, before = WeightAverage(trained), weights(trained)
    for step in (1, 2, 10_000):
        average.follow(step)
    assert torch.allclose(weights(average.model), before)


def test_the_average_goes_on_from_weights_that_are_loaded_into_it() -> None:
    trained, other = network(), network()
    average = WeightAverage(trained)
    average.model.load_state_dict(other.state_dict())
    average.follow(10_000)
    mixed = averaging.DECAY * weights(other) + (1 - averaging.DECAY) * weights(trained)
    assert torch.allclose(weights(average.model), mixed)


def test_settling_estimates_the_statistics_of_the_averaged_weights_from_these_images_only() -> None:
    average = WeightAverage(network())
    normalisation = average.model[1]
    batches = [torch.randn(64, 2) + 5, torch.randn(64, 2) - 1]
    for _ in range(2):
        average.settle(batches)
        with torch.no_grad():
            seen = [average.model[0](batch) for batch in batches]
        mean = torch.stack([batch.mean(0) for batch in seen]).mean(0)
        variance = torch.stack([batch.var(0) for batch in seen]).mean(0)
        assert torch.allclose(normalisation.running_mean, mean, atol=1e-5)
        assert torch.allclose(normalisation.running_var, variance, atol=1e-5)
    assert normalisation.momentum == 0.1
