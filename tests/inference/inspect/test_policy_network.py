"""The content classifier is read from its package’s scripts, never run, and computes rightly."""

import base64

import numpy as np
import pytest

from inference.errors import WeightsCorrupt, WeightsMissing
from inference.networks.policy import (
    SIDE_PX,
    build_content_classifier,
    load_content_classifier,
)
from inference.synthetic import synthetic_photo

# One pixel in 32 of the input, five classes; the numbers are 0.5 × byte - 1.
_WEIGHTS = (
    '{name:"conv/kernel",shape:[1,1,3,2],dtype:"float32",quantization:{min:-1,scale:.5,'
    'dtype:"uint8"}},'
    '{name:"out/kernel",shape:[2,5],dtype:"float32",quantization:{min:-1,scale:.5,dtype:"uint8"}},'
    '{name:"out/bias",shape:[5],dtype:"float32",quantization:{min:-0,scale:.5,dtype:"uint8"}}'
)
_LAYERS = (
    '{name:"in",class_name:"InputLayer",config:{},inbound_nodes:[]},'
    '{name:"conv",class_name:"Conv2D",config:{strides:[1,1],padding:"same",use_bias:!1,'
    'activation:"linear"},inbound_nodes:[[["in",0,0,{}]]]},'
    '{name:"pool",class_name:"AveragePooling2D",config:{pool_size:[224,224]},'
    'inbound_nodes:[[["conv",0,0,{}]]]},'
    '{name:"flat",class_name:"Flatten",config:{},inbound_nodes:[[["pool",0,0,{}]]]},'
    '{name:"out",class_name:"Dense",config:{use_bias:!0,activation:"softmax"},'
    'inbound_nodes:[[["flat",0,0,{}]]]}'
)
_KERNEL = [4, 2, 2, 4, 2, 2]  # (3, 2): 1 0 / 0 1 / 0 0 → red and green
_OUT = [2, 2, 2, 4, 2, 2, 4, 2, 2, 2]  # (2, 5): red speaks for class 3, green for class 1
_BIAS = [0, 0, 2, 0, 0]  # a unit for class 2


def _scripts(layers: str = _LAYERS, values: bytes = bytes([*_KERNEL, *_OUT, *_BIAS])) -> list[str]:
    plan = (
        "{modelTopology:{model_config:{config:{layers:[" + layers + "]}}},"
        'weightsManifest:[{paths:["x"],weights:[' + _WEIGHTS + "]}]}"
    )
    text = '"' + base64.b64encode(values).decode() + '"'
    frame = (
        "!function(e){{}}(function(){{return 1}}({{1:[function(e,h,n){{h.exports={}}},{{}}]}}));"
    )
    return [frame.format(plan), frame.format(text)]


def test_a_plan_and_its_numbers_become_the_network_they_describe() -> None:
    classifier = build_content_classifier(*_scripts())
    picture = np.zeros((SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    picture[..., 0], picture[..., 1] = 255, 51
    scores = classifier.judge(picture)
    raw = np.exp([0, 0.2, 1, 1, 0])
    expected = raw / raw.sum()
    found = [
        scores.drawing,
        scores.explicit_drawing,
        scores.neutral,
        scores.explicit,
        scores.suggestive,
    ]
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(
    "scripts",
    [
        ["nothing", "at all"],
        _scripts(values=bytes(3)),
        _scripts(layers=_LAYERS.replace("Flatten", "Reshape")),
    ],
)
def test_what_is_not_that_network_is_refused(scripts: list[str]) -> None:
    with pytest.raises(WeightsCorrupt, match="could not be read"):
        build_content_classifier(*scripts)


def test_the_real_classifier_finds_a_product_photo_harmless() -> None:
    try:
        classifier = load_content_classifier()
    except WeightsMissing:
        pytest.skip("the content classifier’s weights are not installed")
    scores = classifier.judge(synthetic_photo(480, 360)[0])
    assert scores.explicit + scores.explicit_drawing < 0.5
    total = scores.drawing + scores.explicit_drawing + scores.neutral
    assert total + scores.explicit + scores.suggestive == pytest.approx(1, abs=1e-4)
