"""Settings. Everything that differs between machines comes from the environment."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from pratique.kit import logs
from pratique.kit.embedded import django_database

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("PRATIQUE_VAR", ROOT / "var"))

# One county is one schema (docs/adr/0001). The map from county to server is here from the first
# day, even while every entry is the same server.
COUNTY = os.environ.get("PRATIQUE_COUNTY", "xing")
APP_ROLE = "pratique_app"
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://postgres@/postgres")
APP_DATABASE_URL = os.environ.get("APP_DATABASE_URL")
COUNTY_DATABASES = {COUNTY: DATABASE_URL}

DATABASES = {
    "default": (
        django_database(APP_DATABASE_URL, schema=COUNTY)
        if APP_DATABASE_URL
        else django_database(DATABASE_URL, schema=COUNTY, role=APP_ROLE)
    ),
    "owner": django_database(DATABASE_URL, schema=COUNTY),
}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

KEY_FILE = Path(os.environ.get("PRATIQUE_KEY_FILE", VAR / "keys.json"))
SECRET_FILE = VAR / "secret"
SECRET_KEY = os.environ.get("PRATIQUE_SECRET") or (
    SECRET_FILE.read_text() if SECRET_FILE.exists() else "made by ./run setup"
)
DEBUG = False
ALLOWED_HOSTS = os.environ.get("PRATIQUE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "ninja",  # its pages' scripts come from here, not from somebody's server
    "django_htmx",
    "pratique.journal",
    "pratique.custody",
    "pratique.registry",
    "pratique.checkpoint",
    "pratique.specimens",
    "pratique.transfer",
    "pratique.isolation",
    "pratique.standing",
    "pratique.duties",
    "pratique.pathway",
    "pratique.command",
    "pratique.api",
    "pratique.feeds",
    "pratique.field",
    "pratique.desks",
    "pratique.cli",
]
_STAFF_EXISTS = (ROOT / "pratique" / "registry" / "models.py").exists()
AUTH_USER_MODEL = "registry.Staff" if _STAFF_EXISTS else "auth.User"
MIDDLEWARE = [
    "pratique.kit.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "pratique.kit.compressed.CompressedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pratique.kit.access.AccessMiddleware",
    "pratique.api.pace.PaceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
# Calls of one device to the API that a web process answers in a minute; 0 = without a limit.
REQUESTS_A_MINUTE_MAX = int(os.environ.get("PRATIQUE_REQUESTS_A_MINUTE_MAX", "600"))
# Calls of so few facts that wait for one another are recorded together (pratique.api.together); a
# larger one goes alone and keeps nobody waiting. 0 = each call alone.
FACTS_OF_A_SMALL_CALL_MAX = int(os.environ.get("PRATIQUE_FACTS_OF_A_SMALL_CALL_MAX", "20"))
# request -> Actor or None; the one function that knows sessions and device tokens.
ACTOR_OF_REQUEST = "pratique.kit.doors.actor_of_request"
ROOT_URLCONF = "pratique.urls"
WSGI_APPLICATION = "pratique.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pratique.desks.frame.frame",
            ]
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "pratique" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
COUNTY_ZONE = os.environ.get("PRATIQUE_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True
# Pages and scripts of the field app: the same bytes for everybody, no secret on them. The API
# compresses for itself.
COMPRESSED_BELOW = ("/field/",)
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60  # a shift
# A call of the facts door carries at most 5 MiB (pratique/api); a form of a long manifest, this.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
BEHIND_HTTPS = os.environ.get("PRATIQUE_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_HSTS_SECONDS = 30 * 24 * 60 * 60 if BEHIND_HTTPS else 0
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if BEHIND_HTTPS else []
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# Everything that a page loads comes from this server; no script stands in a page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'wasm-unsafe-eval'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = logs.configure()
