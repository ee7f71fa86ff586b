"""Public identifiers."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """Return a time-ordered UUID, version 7.

    Rows made together lie together in an index, and the id tells no count.
    Source: RFC 9562, section 5.7 (Python gains `uuid.uuid7` only in 3.14).
    """
    unix_ms = time.time_ns() // 1_000_000
    value = (unix_ms & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
