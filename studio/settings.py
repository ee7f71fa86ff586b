"""Django settings, derived from `studio.configuration`."""

from email.utils import parseaddr
from urllib.parse import urlsplit

import django_stubs_ext
import structlog
from django.templatetags.static import static
from django.urls import reverse_lazy

from studio.configuration import BASE_DIR, Configuration

# Lets Django's generic classes be subscripted at run time, as the type checker wants them.
django_stubs_ext.monkeypatch()

CONFIGURATION = Configuration()
DATA_DIR = CONFIGURATION.data_dir
DATA_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = CONFIGURATION.signing_key()
DEBUG = CONFIGURATION.debug
ALLOWED_HOSTS = [host.strip() for host in CONFIGURATION.hosts.split(",") if host.strip()]
PUBLIC_URL = CONFIGURATION.public_url.rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

ROOT_URLCONF = "studio.urls"
ASGI_APPLICATION = "studio.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
APPEND_SLASH = True

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "ninja",  # serves the API docs page's own files
    "allauth",
    "allauth.account",
    "studio.core",
    "studio.accounts",
    "studio.webhooks",
    "studio.catalog",
    "studio.styles",
    "studio.backdrops",
    "studio.renders",
    "studio.review",
    "studio.publishing",
    "studio.ops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "studio.core.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.accounts.context.membership",
                "studio.review.context.review_queue",
            ],
        },
    },
]

DATABASES = {"default": CONFIGURATION.database()}

if CONFIGURATION.redis_url:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": CONFIGURATION.redis_url,
            "KEY_PREFIX": "softbox",
        }
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [CONFIGURATION.redis_url], "prefix": "softbox"},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# --- sign-in ---------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "studio.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional" if CONFIGURATION.email_url else "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Softbox] "
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"
IS_HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if IS_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 30

if CONFIGURATION.email_url:
    _mail = urlsplit(CONFIGURATION.email_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = _mail.username or ""
    EMAIL_HOST_PASSWORD = _mail.password or ""
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    DEFAULT_FROM_EMAIL = parseaddr(_mail.path.lstrip("/"))[1] or "softbox@localhost"
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# --- files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "incoming")
(DATA_DIR / "incoming").mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MAX_UPLOAD_BYTES = CONFIGURATION.max_upload_mb * 1024 * 1024
if CONFIGURATION.s3_bucket:
    _files: dict[str, object] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": CONFIGURATION.s3_bucket,
            "endpoint_url": CONFIGURATION.s3_endpoint_url or None,
            "region_name": CONFIGURATION.s3_region or None,
            "access_key": CONFIGURATION.s3_access_key or None,
            "secret_key": CONFIGURATION.s3_secret_key or None,
            "file_overwrite": True,
            "querystring_expire": 3600,
        },
    }
else:
    _files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT)},
    }
STORAGES = {
    "default": _files,
    "staticfiles": {"BACKEND": "studio.core.staticfiles.StudioStaticStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

# --- admin -----------------------------------------------------------------------------------
# The studio's one accent, the modelling lamp's amber, from pale to dark.
_AMBER = {
    "50": "rgb(255, 251, 235)",
    "100": "rgb(254, 243, 199)",
    "200": "rgb(253, 230, 138)",
    "300": "rgb(252, 211, 77)",
    "400": "rgb(251, 191, 36)",
    "500": "rgb(217, 119, 6)",
    "600": "rgb(180, 83, 9)",
    "700": "rgb(146, 64, 14)",
    "800": "rgb(120, 53, 15)",
    "900": "rgb(99, 46, 18)",
    "950": "rgb(69, 26, 3)",
}
UNFOLD = {
    "COLORS": {"primary": _AMBER},
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icon.svg")}
    ],
    "SITE_TITLE": "Softbox admin",
    "SITE_HEADER": "Softbox",
    "SITE_URL": "/",
    "SITE_DROPDOWN": [
        {"icon": "memory", "title": "Network weights", "link": reverse_lazy("ops:weights")},
        {"icon": "photo_camera", "title": "Back to the studio", "link": "/"},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}

# --- logs ------------------------------------------------------------------------------------
_SHARED_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[*_SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
_RENDERER = (
    structlog.processors.JSONRenderer()
    if CONFIGURATION.log_format == "json"
    else structlog.dev.ConsoleRenderer(colors=False)
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "studio": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": _RENDERER,
            "foreign_pre_chain": _SHARED_PROCESSORS,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "studio"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "studio": {"level": "INFO"},
        "inference": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
    },
}
