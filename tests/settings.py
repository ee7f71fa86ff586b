"""The studio's settings, away from a developer's own data and with the fake engine."""

import os
import tempfile

os.environ["SOFTBOX_DATA_DIR"] = tempfile.mkdtemp(prefix="softbox-tests-")
os.environ.setdefault("SOFTBOX_ENGINE", "fake")
os.environ["SOFTBOX_DEMO"] = "0"
# The thread that renews leases has no database in a test; it sleeps through all of them.
os.environ["SOFTBOX_LEASE_S"] = "36000"

from studio.settings import *  # noqa: F403  # the environment must stand first

# Pages are tested without collecting static files first; the browser tests collect them.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
# Hashing a password for real would take most of the suite's time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
