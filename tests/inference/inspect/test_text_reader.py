"""Lines of text are found as slanted boxes and read by the best path."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inference.errors import WeightsMissing
from inference.networks.text_reader import TextReader, load_text_reader


@dataclass
class Answers:
    """A session that gives one answer and keeps what it was shown."""

    answer: NDArray[np.float32]
    metadata: dict[str, str] = field(default_factory=dict)
    memory_bytes: int = 1
    seen: list[NDArray[np.float32]] = field(default_factory=list)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        self.seen.append(batch)
        return np.repeat(self.answer, len(batch), axis=0) if len(self.answer) == 1 else self.answer


def _reader(chances: NDArray[np.float32], path: list[int]) -> TextReader:
    scores = np.full((1, len(path), 4), 0.01, dtype=np.float32)
    scores[0, np.arange(len(path)), path] = 0.9
    return TextReader(Answers(chances), Answers(scores, {"character": "A\nB"}))


def test_the_best_path_leaves_out_blanks_and_repeats() -> None:
    chances = np.zeros((1, 1, 64, 64), dtype=np.float32)
    reader = _reader(chances, [0, 1, 1, 0, 1, 2, 2, 3, 1, 0])
    quad = np.array([[5, 5], [40, 5], [40, 20], [5, 20]], dtype=np.float32)
    (line,) = reader.read(np.zeros((64, 64, 3), dtype=np.uint8), [quad])
    assert line.text == "AAB A"
    assert line.confidence == pytest.approx(0.9)


def test_a_slanted_bar_is_found_with_its_direction() -> None:
    image = Image.new("L", (192, 128), 0)
    bar = Image.new("L", (192, 128), 0)
    ImageDraw.Draw(bar).rectangle((50, 58, 140, 70), fill=255)
    image.paste(bar.rotate(20, resample=Image.Resampling.BILINEAR))
    chances = (np.asarray(image, dtype=np.float32) / np.float32(255))[None, None]
    reader = _reader(chances, [0])
    (quad,) = reader.find(np.zeros((128, 192, 3), dtype=np.uint8), longest_side_px=192, most=5)
    along = quad[1] - quad[0]
    assert np.degrees(np.arctan2(-along[1], along[0])) == pytest.approx(20, abs=2)
    # Grown back: the detector marks only the heart of the letters.
    assert np.linalg.norm(along) > 95
    assert np.linalg.norm(quad[3] - quad[0]) > 20


def test_faint_marks_and_specks_are_no_text() -> None:
    chances = np.zeros((1, 1, 64, 64), dtype=np.float32)
    chances[0, 0, 10:20, 10:50] = 0.4
    chances[0, 0, 40:42, 40:42] = 0.9
    reader = _reader(chances, [0])
    assert reader.find(np.zeros((64, 64, 3), dtype=np.uint8), longest_side_px=64, most=5) == []
    assert reader.read(np.zeros((64, 64, 3), dtype=np.uint8), []) == []


def test_real_letters_are_read() -> None:
    try:
        reader = load_text_reader(threads=1)
    except WeightsMissing:
        pytest.skip("the text reader’s weights are not installed")
    image = Image.new("RGB", (480, 200), (250, 246, 240))
    font = ImageFont.load_default(size=56)
    ImageDraw.Draw(image).text((60, 60), "Softbox 42", fill=(30, 40, 60), font=font)
    rgb = np.asarray(image)
    lines = reader.read(rgb, reader.find(rgb, longest_side_px=480, most=4))
    assert [line.text.replace(" ", "") for line in lines] == ["Softbox42"]
    assert lines[0].confidence > 0.9
