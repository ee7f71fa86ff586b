"""The plate library: scenes path-traced ahead of time, into which products are composited.

`format` says what a plate is, `files` reads and writes one, `library` finds them.
`docs/scenes.md` describes the format in full. `authoring/` bakes plates and is never imported at
request time.
"""
