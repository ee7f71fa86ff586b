import pytest
import torch

from inference.pixels.resize import Axis, Kernel, blur, resample


def _step(length: int = 64) -> torch.Tensor:
    planes = torch.zeros((1, length, length))
    planes[:, length // 4 : 3 * length // 4, length // 4 : 3 * length // 4] = 1.0
    return planes


def test_a_whole_pixel_shift_at_native_size_is_a_plain_copy() -> None:
    planes = torch.rand((4, 9, 7))
    moved = resample(planes, rows=Axis(20, 1.0, 3.0), columns=Axis(20, 1.0, 5.0))
    assert torch.equal(moved[:, 3:12, 5:12], planes)
    assert moved.sum() == pytest.approx(planes.sum().item(), rel=1e-5)


def test_a_copy_is_cropped_where_it_leaves_the_frame() -> None:
    planes = torch.rand((1, 9, 9))
    moved = resample(planes, rows=Axis(5, 1.0, -2.0), columns=Axis(5, 1.0, -3.0))
    assert torch.equal(moved[0], planes[0, 2:7, 3:8])


@pytest.mark.parametrize("kernel", list(Kernel))
@pytest.mark.parametrize("scale", [0.17, 0.5, 0.93, 1.0, 2.7])
def test_a_flat_area_keeps_its_value_at_any_scale(kernel: Kernel, scale: float) -> None:
    planes = torch.full((2, 80, 80), 0.6)
    size = int(80 * scale)
    resized = resample(
        planes, rows=Axis(size, scale, 0.3), columns=Axis(size, scale, -0.4), kernel=kernel
    )
    margin = max(3, int(3 * scale))
    inner = resized[:, margin:-margin, margin:-margin]
    assert inner.numel() > 0
    assert torch.allclose(inner, torch.full_like(inner, 0.6), atol=1e-5)


@pytest.mark.parametrize("scale", [0.3, 0.7, 1.9])
def test_a_shape_lands_where_scale_and_offset_say(scale: float) -> None:
    resized = resample(_step(), rows=Axis(200, scale, 11.5), columns=Axis(200, scale, 30.25))
    weights = resized[0] / resized[0].sum()
    places = torch.arange(200) + 0.5
    centre_row = float((weights.sum(dim=1) * places).sum())
    centre_column = float((weights.sum(dim=0) * places).sum())
    assert centre_row == pytest.approx(32 * scale + 11.5, abs=0.05)
    assert centre_column == pytest.approx(32 * scale + 30.25, abs=0.05)


def test_an_edge_does_not_ring_outside_after_clipping() -> None:
    resized = resample(_step(), rows=Axis(23, 0.37, 0.0), columns=Axis(23, 0.37, 0.0))
    assert resized.clamp(min=0)[0, :3].max() == 0.0


def test_fine_detail_averages_out_when_minified() -> None:
    stripes = torch.zeros((1, 120, 120))
    stripes[:, :, ::2] = 1.0
    small = resample(stripes, rows=Axis(30, 0.25, 0.0), columns=Axis(30, 0.25, 0.0))
    inner = small[:, 3:-3, 3:-3]
    assert torch.allclose(inner, torch.full_like(inner, 0.5), atol=0.02)


def test_what_lies_outside_the_frame_leaves_it_empty() -> None:
    away = resample(_step(), rows=Axis(10, 0.5, 500.0), columns=Axis(10, 0.5, 0.0))
    assert torch.equal(away, torch.zeros((1, 10, 10)))


@pytest.mark.parametrize("sigma", [0.8, 3.0, 12.0])
def test_a_blur_keeps_the_amount_of_light(sigma: float) -> None:
    planes = torch.zeros((1, 160, 160))
    planes[:, 70:90, 60:80] = 1.0
    blurred = blur(planes, sigma)
    assert blurred.sum().item() == pytest.approx(400.0, rel=0.02)
    assert 0.2 < blurred[0, 80, 59] < 0.6
    assert blurred.max() <= 1.0 + 1e-5


def test_a_tiny_blur_changes_nothing_and_returns_a_new_tensor() -> None:
    planes = torch.rand((1, 8, 8))
    same = blur(planes, 0.1)
    assert torch.equal(same, planes)
    assert same.data_ptr() != planes.data_ptr()
