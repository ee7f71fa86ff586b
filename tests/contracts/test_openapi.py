"""The API's schema against the stored one: a change to it is seen and meant."""

import json
import os
from pathlib import Path

from django.test import Client

STORED = Path(__file__).parent.parent / "fixtures" / "openapi.json"


def test_the_schema_is_the_stored_one(client: Client, db: None) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    if os.environ.get("SOFTBOX_RECORD"):
        STORED.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n")
    assert schema == json.loads(STORED.read_text())


PROMISED = {
    ("post", "/api/v1/products"),
    ("get", "/api/v1/products"),
    ("post", "/api/v1/products/{product_id}/photos"),
    ("get", "/api/v1/photos/{photo_id}"),
    ("get", "/api/v1/styles"),
    ("post", "/api/v1/renders"),
    ("get", "/api/v1/renders/{render_id}"),
    ("post", "/api/v1/renders/{render_id}/cancel"),
    ("post", "/api/v1/renders/{render_id}/submit"),
    ("post", "/api/v1/batches"),
    ("get", "/api/v1/review/queue"),
    ("post", "/api/v1/review/{render_id}/decision"),
    ("post", "/api/v1/renders/{render_id}/publish"),
    ("get", "/api/v1/publications/{publication_id}"),
}


def test_everything_promised_is_there() -> None:
    paths = json.loads(STORED.read_text())["paths"]
    there = {(method, path) for path, methods in paths.items() for method in methods}
    assert there >= PROMISED
