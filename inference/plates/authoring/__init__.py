"""Author scenes and bake them into plates; development only, needs the extra `authoring`.

`scenes/` holds one file a scene. They are described with plain arrays (`shapes`, `textures`,
`materials`, `lights`, `props`); only `renderer` speaks to Mitsuba.
"""
