"""Photos and cutouts as JSON: the same shapes in the API, in page payloads and on the socket."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

from inference.events import LOW_CONFIDENCE
from inference.garments.kinds import KINDS, Kind
from inference.requests import Box
from studio.catalog.hints import hints_of
from studio.catalog.models import Correction, Cutout, Garment, Photo
from studio.core.storage import file_url
from studio.core.work import Work

Json = dict[str, object]
_SEQ_BITS = 16
LAST_SEQ = (1 << _SEQ_BITS) - 1


def subject_of_photo(public_id: object) -> str:
    """The name under which a photo's cutout is watched."""
    return f"photo:{public_id}"


def work_seq(work: Work, engine_seq: int | None = None) -> int:
    """Order the events of one row across attempts; an ended row is newer than all its events.

    The fence rises with every claim, release and retry, so it counts the attempts.
    """
    if engine_seq is None:
        engine_seq = LAST_SEQ if work.is_ended else 0
    return (work.fence << _SEQ_BITS) | min(engine_seq, LAST_SEQ)


def work_json(work: Work) -> Json:
    """What every piece of work says of itself."""
    error = {"code": work.error_code, "message": work.error_message} if work.error_code else None
    return {
        "state": work.state,
        "seq": work_seq(work),
        "progress": None,
        "waiting": None,
        "error": error,
        "timings_ms": work.timings_ms,
    }


def cutout_json(cutout: Cutout) -> Json:
    """A cutout's state; `result` is null until it is finished."""
    return {**work_json(cutout), "result": _cutout_result(cutout)}


def cutout_message(cutout: Cutout, photo_id: object) -> Json:
    """The text frame for a photo's cutout."""
    return {"type": "cutout", "id": str(photo_id), **cutout_json(cutout)}


def _cutout_result(cutout: Cutout) -> Json | None:
    if cutout.state != "finished":
        return None
    measurements = cast("Mapping[str, object]", cutout.measurements)
    return {
        "preview_url": file_url(cutout.preview_key),
        "alpha_url": file_url(cutout.alpha_key),
        "confidence": round(cutout.confidence, 3),
        "is_low_confidence": cutout.confidence < LOW_CONFIDENCE,
        "notice": cutout.notice,
        "width": measurements["width"],
        "height": measurements["height"],
        "subject": measurements["subject"],
        "touches": measurements["touches"],
        "subjects": cutout.machine.get("subjects", []),
        "has_shadow": bool(cutout.machine.get("shadow_key")),
        "translucent_share": round(cutout.machine.get("translucent_share", 0.0), 3),
        "is_corrected": cutout.alpha_key != cutout.machine.get("alpha_key", cutout.alpha_key),
    }


def photo_json(photo: Photo, cutout: Cutout | None) -> Json:
    """A photo's facts with the state of its cutout."""
    return {
        "type": "photo",
        "id": str(photo.public_id),
        "product": str(photo.product.public_id),
        "file_name": photo.file_name,
        "width": photo.width,
        "height": photo.height,
        "format": photo.format,
        "sha256": photo.sha256,
        "size_bytes": photo.size_bytes,
        "thumb_url": file_url(photo.thumb_key),
        "original_url": file_url(photo.original_key),
        "cutout": cutout_json(cutout) if cutout else None,
    }


def corrections_json(photo: Photo, cutout: Cutout | None) -> Json:
    """What a person has changed in a photo's cutout, and the state of what comes of it."""
    steps = photo.corrections
    hints = hints_of(photo)
    subjects = [Box(**each) for each in cutout.machine.get("subjects", ())] if cutout else []
    dropped = hints.dropped(subjects)
    return {
        "version": photo.corrections_version,
        "can_undo": steps.filter(standing=Correction.Standing.DONE).exists(),
        "can_redo": steps.filter(standing=Correction.Standing.UNDONE).exists(),
        "strokes": len(hints.strokes),
        "box": asdict(hints.box) if hints.box else None,
        "kept": [number for number, box in enumerate(subjects) if box not in dropped],
        "has_mask": bool(hints.mask_key),
        "keeps_shadow": hints.keeps_shadow,
        "translucency": hints.translucency.value,
        "cutout": cutout_json(cutout) if cutout else None,
    }


def garment_json(garment: Garment) -> Json:
    """What is known of the garment in a photo."""
    return {
        "kind": garment.kind,
        "label": KINDS[Kind(garment.kind)].label,
        "points": garment.points,
        "confidence": round(garment.confidence, 3),
        "notice": garment.notice,
        "is_placed": garment.is_placed,
    }
