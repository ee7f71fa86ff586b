"""Photos and cutouts as JSON: the same shapes in the API, in page payloads and on the socket."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

from inference.enhance.recipe import Network, network_files
from inference.events import LOW_CONFIDENCE
from inference.garments.kinds import KINDS, Kind
from inference.networks.weights import status
from inference.requests import Box
from inference.scenes.fit import is_posture_clear
from studio.catalog.hints import hints_of
from studio.catalog.models import Correction, Cutout, Enhancement, Garment, Photo
from studio.core.storage import file_url
from studio.core.work import Work

Json = dict[str, object]
_SEQ_BITS = 16
LAST_SEQ = (1 << _SEQ_BITS) - 1


def subject_of_photo(public_id: object) -> str:
    """The name under which a photo's cutout is watched."""
    return f"photo:{public_id}"


def subject_of_enhancement(public_id: object) -> str:
    """The name under which an enhancement is watched."""
    return f"enhancement:{public_id}"


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
        "pitch_deg": measurements["pitch_deg"],
        "subjects": cutout.machine.get("subjects", []),
        "has_shadow": bool(cutout.machine.get("shadow_key")),
        "translucent_share": round(cutout.machine.get("translucent_share", 0.0), 3),
        "is_corrected": cutout.alpha_key != cutout.machine.get("alpha_key", cutout.alpha_key),
    }


def enhancement_json(enhancement: Enhancement) -> Json:
    """An enhancement's state; `result` is null until it is finished."""
    return {
        "type": "enhancement",
        "id": str(enhancement.public_id),
        "photo": str(enhancement.photo.public_id),
        "tier": enhancement.get_tier_display(),
        "recipe": enhancement.recipe,
        "window": {"x": enhancement.window_x, "y": enhancement.window_y},
        **work_json(enhancement),
        "is_dropped": enhancement.dropped_at is not None,
        "kept_as": str(enhancement.kept_as.public_id) if enhancement.kept_as else "",
        "result": _enhancement_result(enhancement),
    }


def enlarging_json() -> list[Json]:
    """The networks that enlarge, and whether their files are on this machine."""
    installed = {each.weights.name: each for each in status()}
    found: list[Json] = []
    for network in Network:
        files = [installed[name] for name in network_files(network)]
        found.append(
            {
                "network": network.value,
                "is_installed": all(each.path is not None for each in files),
                "licence": files[0].weights.weights_licence,
                "notice": files[0].weights.notice,
            }
        )
    return found


def _enhancement_result(enhancement: Enhancement) -> Json | None:
    if enhancement.state != "finished":
        return None
    is_whole = enhancement.is_final and enhancement.dropped_at is None
    return {
        "url": file_url(enhancement.result_key) if is_whole else "",
        "display_url": file_url(enhancement.whole_key),
        "before_url": file_url(enhancement.before_key),
        "after_url": file_url(enhancement.after_key),
        "width": enhancement.width,
        "height": enhancement.height,
        "sha256": enhancement.result_sha256,
        "condition": enhancement.condition,
        "notes": enhancement.notes,
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
        "version_of": str(photo.version_of.public_id) if photo.version_of else "",
        "enhancements": list(photo.enhancements),
        "is_taken_out": photo.taken_out_at is not None,
        "facts": facts_json(photo, cutout),
        "cutout": cutout_json(cutout) if cutout else None,
    }


def facts_json(photo: Photo, cutout: Cutout | None) -> Json:
    """What a person has said of the product, and whether its outline says how it stands."""
    measured = cutout.measured if cutout is not None and cutout.state == "finished" else None
    return {
        "posture": photo.posture or None,
        "height_cm": photo.product.height_cm,
        "is_furniture": photo.product.is_furniture,
        "is_posture_clear": measured is not None and is_posture_clear(measured),
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
