"""Static files under hashed names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StudioStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and compressed; imports inside ES modules are rewritten to hashed names as well."""

    # Without it Django leaves `import … from "./x.js"` unhashed and old modules live on in caches.
    support_js_module_import_aggregation = True
