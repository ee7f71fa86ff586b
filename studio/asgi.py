"""ASGI: pages and API by Django, the live socket by Channels, uploads limited before both."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
_http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  # needs the app registry
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from studio.core.uploads import LimitBody  # noqa: E402
from studio.renders.routing import websocket_urlpatterns  # noqa: E402

application = LimitBody(
    ProtocolTypeRouter(
        {
            "http": _http,
            "websocket": AllowedHostsOriginValidator(
                AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
            ),
        }
    ),
    # A multipart envelope adds a little to the file itself.
    max_bytes=settings.MAX_UPLOAD_BYTES + 64 * 1024,
)
