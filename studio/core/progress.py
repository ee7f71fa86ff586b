"""The engine's events as frames and JSON."""

from inference.events import EncodedImage, StageStarted
from studio.core.live import Frame


def frame_of(image: EncodedImage, *, tier: int, seq: int) -> Frame:
    """A picture of the engine as a frame to be watched."""
    return Frame(
        seq=seq,
        tier=int(tier),
        width=image.width,
        height=image.height,
        media_type=image.media_type.value,
        data=image.data,
    )


def progress_json(event: StageStarted) -> dict[str, object]:
    """Stages begun over stages planned; `share` is weighted by measured time."""
    return {
        "stage": event.stage,
        "label": event.label,
        "index": event.index,
        "total": event.total,
        "share": round(event.share_done, 3),
        "tier": event.tier.name.lower(),
    }
