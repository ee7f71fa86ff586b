"""Renders as JSON and previews as binary frames. `static/js/lib/wire.js` mirrors this module.

A binary frame is a 16-byte big-endian header and the encoded picture:

| bytes | field |
| --- | --- |
| 0 | version, 1 |
| 1 | tier: 0 thumb, 1 preview, 2 final |
| 2–3 | index of the subject in the connection's watch list |
| 4–7 | seq; a frame that is not newer than the last one of its subject is dropped |
| 8–9, 10–11 | width, height in pixels |
| 12 | encoding: 1 JPEG, 2 WebP, 3 PNG, 4 AVIF |
| 13–15 | zero |
"""

import struct

from inference.requests import Tier
from studio.catalog.wire import Json, work_json
from studio.core.live import Frame
from studio.core.storage import file_url
from studio.core.work import State
from studio.renders.models import Render

WIRE_VERSION = 1
_HEADER = struct.Struct(">BBHIHHB3x")
MEDIA_CODES = {"image/jpeg": 1, "image/webp": 2, "image/png": 3, "image/avif": 4}


def subject_of_render(public_id: object) -> str:
    """The name under which a render is watched."""
    return f"render:{public_id}"


def pack_frame(frame: Frame, *, index: int) -> bytes:
    """The binary frame for the connection in which the subject has this index."""
    header = _HEADER.pack(
        WIRE_VERSION,
        frame.tier,
        index,
        frame.seq,
        frame.width,
        frame.height,
        MEDIA_CODES[frame.media_type],
    )
    return header + frame.data


def render_json(render: Render) -> Json:
    """A render's state: the text frame, the API's answer and the page's payload."""
    return {
        "type": "render",
        "id": str(render.public_id),
        "photo": str(render.photo.public_id),
        "style": render.style.slug,
        "tier": Tier(render.tier).name.lower(),
        **work_json(render),
        "params": render.params,
        "output": {"size": render.longest_side_px, "aspect": render.aspect},
        "created_at": render.queued_at.isoformat(),
        "result": _result_json(render),
        "review": review_json(render),
    }


def render_event(render: Render) -> Json:
    """What webhooks say of a picture; no address, because a signed one would expire."""
    product = render.photo.product
    return {
        "render": str(render.public_id),
        "style": render.style.slug,
        "product": {"id": str(product.public_id), "title": product.title, "sku": product.sku},
        "width": render.width,
        "height": render.height,
        "sha256": render.result_sha256,
    }


def _result_json(render: Render) -> Json | None:
    if render.state != State.FINISHED:
        return None
    return {
        "url": file_url(render.result_key),
        "display_url": file_url(render.display_key),
        "width": render.width,
        "height": render.height,
        "sha256": render.result_sha256,
        "media_type": render.media_type,
        "bytes": render.result_bytes,
        "was_cached": render.was_cached,
    }


_REVIEW_STATES = {"approve": "approved", "return": "returned", "reject": "rejected"}


def review_json(render: Render) -> Json:
    """Where a picture stands with the reviewers. Decisions live in the app above this one."""
    decision = getattr(render, "decision", None)
    asked = {
        "due_at": render.due_at.isoformat() if render.due_at else None,
        "channels": render.channels,
    }
    if decision is None:
        state = "submitted" if render.submitted_at else "draft"
        nothing: Json = {
            "reasons": [],
            "reason_labels": [],
            "note": "",
            "region": None,
            "fixes": [],
        }
        return {"state": state, **nothing, **asked}
    return {
        "state": _REVIEW_STATES[decision.verdict],
        "reasons": decision.reasons,
        "reason_labels": decision.reason_labels,
        "note": decision.note,
        "region": decision.region,
        "fixes": decision.fixes,
        **asked,
    }
