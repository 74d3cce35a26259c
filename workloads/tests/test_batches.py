import pytest
import torch

from fashion_mnist.batches import MEAN, PADDING, STANDARD_DEVIATION, STORED_SIZE, EpochPlan, TrainingBatches, normalise, resize
from fashion_mnist.data import FashionMnist, Split


def batches(split: Split, size: int = 16, resolution: int = 28, seed: int = 1) -> TrainingBatches:
    return TrainingBatches(split, size, resolution, torch.Generator().manual_seed(seed))


def plan_of(source: TrainingBatches, order: list[int], row: int, column: int, flip: bool) -> EpochPlan:
    shape = (len(order),)
    return source.plan(torch.tensor(order), torch.full(shape, row), torch.full(shape, column), torch.full(shape, flip))


def test_the_constants_are_the_training_sets(fashion_mnist: FashionMnist) -> None:
    pixels = fashion_mnist.train.images.double() / 255
    assert float(pixels.mean()) == pytest.approx(MEAN, abs=5e-4)
    assert float(pixels.std()) == pytest.approx(STANDARD_DEVIATION, abs=5e-4)


def test_normalise_scales_to_the_unit_interval_then_to_mean_0_and_deviation_1() -> None:
    images = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16)
    expected = (images.double() / 255 - MEAN) / STANDARD_DEVIATION
    assert torch.allclose(normalise(images).double(), expected.unsqueeze(1), atol=1e-6)


def test_the_middle_crop_without_flip_is_the_image_itself(fashion_mnist: FashionMnist) -> None:
    split = fashion_mnist.train.first(32)
    source = batches(split)
    images, labels = source.batch(plan_of(source, list(range(32)), PADDING, PADDING, flip=False), 1)
    assert torch.equal(images, normalise(split.images[16:32]))
    assert torch.equal(labels, split.labels[16:32].long())


@pytest.mark.parametrize("row", range(2 * PADDING + 1))
@pytest.mark.parametrize("column", range(2 * PADDING + 1))
@pytest.mark.parametrize("flip", [False, True])
def test_a_crop_shifts_the_image_and_fills_with_black(fashion_mnist: FashionMnist, row: int, column: int, flip: bool) -> None:
    split = fashion_mnist.train.first(16)
    source = batches(split)
    images, _ = source.batch(plan_of(source, list(range(15, -1, -1)), row, column, flip), 0)
    expected = torch.zeros_like(split.images)
    for y in range(28):
        for x in range(28):
            from_y, from_x = y + row - PADDING, x + column - PADDING
            if 0 <= from_y < 28 and 0 <= from_x < 28:
                expected[:, y, x] = split.images[:, from_y, 27 - from_x if flip else from_x]
    assert torch.equal(images, normalise(expected.flip(0)))


def test_an_epoch_shows_every_image_once_and_leaves_the_remainder_out(fashion_mnist: FashionMnist) -> None:
    source = batches(fashion_mnist.train.first(100), size=16)
    plan = source.draw_plan()
    assert source.batches == 6
    assert sorted(plan.order.tolist()) == list(range(100))


def test_epochs_differ_and_equal_generators_draw_equal_plans(fashion_mnist: FashionMnist) -> None:
    first, second = batches(fashion_mnist.train.first(100)), batches(fashion_mnist.train.first(100))
    plans = [first.draw_plan(), first.draw_plan()]
    again = [second.draw_plan(), second.draw_plan()]
    assert not torch.equal(plans[0].order, plans[1].order)
    for one, other in zip(plans, again, strict=True):
        assert all(torch.equal(getattr(one, name), getattr(other, name)) for name in vars(one))


def test_a_plan_can_be_drawn_again_from_the_generators_state(fashion_mnist: FashionMnist) -> None:
    generator = torch.Generator().manual_seed(3)
    source = TrainingBatches(fashion_mnist.train.first(100), 16, 28, generator)
    state = generator.get_state()
    plan = source.draw_plan()
    generator.set_state(state)
    assert torch.equal(source.draw_plan().order, plan.order)


def test_augmentation_draws_every_shift_and_both_sides_and_can_be_turned_off(fashion_mnist: FashionMnist) -> None:
    split = fashion_mnist.train.first(2_000)
    plan = batches(split).draw_plan()
    image, within = plan.starts // STORED_SIZE**2, plan.starts % STORED_SIZE**2
    assert torch.equal(image % len(split), plan.order)
    assert 0.4 < float((image >= len(split)).float().mean()) < 0.6
    shifts = {divmod(int(start), STORED_SIZE) for start in within}
    assert shifts == {(row, column) for row in range(2 * PADDING + 1) for column in range(2 * PADDING + 1)}
    plain = TrainingBatches(split, 16, 28, torch.Generator().manual_seed(1), augment=False)
    plan = plain.draw_plan()
    images, _ = plain.batch(plan, 0)
    assert torch.equal(images, normalise(split.images[plan.order[:16]]))


def test_images_are_enlarged_on_request_only(fashion_mnist: FashionMnist) -> None:
    source = batches(fashion_mnist.train.first(16), resolution=224)
    assert source.batch(source.draw_plan(), 0)[0].shape == (16, 1, 224, 224)
    native = torch.zeros(1, 1, 28, 28)
    assert resize(native, 28) is native


def test_a_batch_larger_than_the_split_is_refused(fashion_mnist: FashionMnist) -> None:
    with pytest.raises(ValueError, match="larger than the 8 training images"):
        batches(fashion_mnist.train.first(8))
