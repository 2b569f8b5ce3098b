"""Django's settings: from the environment (see config.py), safe unless told otherwise, never a default password."""

import os
import sys
from datetime import timedelta

from csp.constants import NONE, SELF

from rukun.server.config import ConfigurationError, clock_time, from_environment

CONFIG = from_environment()
HOME = CONFIG.home
if CONFIG.key is None:
    raise ConfigurationError(f"there is no secret key in {HOME}: run `rukun init` first, or set RUKUN_HOME")
SECRET_KEY = CONFIG.key
DEBUG = False
ALLOWED_HOSTS = list(CONFIG.hosts)
ROOT_URLCONF = "rukun.server.urls"
WSGI_APPLICATION = "rukun.server.wsgi.application"
DATABASES = {"default": CONFIG.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"

INSTALLED_APPS = [
    "rukun.server.audit",
    "rukun.server.territory",
    "rukun.server.people",
    "rukun.server.reports",
    "rukun.server.forecasts",
    "rukun.server.prevention",
    "rukun.server.rumours",
    "rukun.server.oversight",
    "rukun.server.night",
    "rukun.server.interface",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "ninja",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "rukun.server.guards.NoStore",
    "rukun.server.faults.Faults",
    "rukun.server.guards.Size",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rukun.server.guards.Idle",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "rukun.server.people.second_factor.SecondFactor",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rukun.server.interface.context.page",
            ]
        },
    }
]

# -- accounts ---------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# accounts are made by an administrator; nobody signs up, and there is no mail to reset a password by
ACCOUNT_ADAPTER = "rukun.server.people.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Rukun"
MFA_ADAPTER = "rukun.server.people.accounts.SecondFactorAdapter"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "rukun.server.people.accounts.locked_out"
AXES_CLIENT_IP_CALLABLE = "rukun.server.limits.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
# the trail says who signed in; a second record with addresses and browsers is data that nobody needs
AXES_DISABLE_ACCESS_LOG = True

# -- sessions, cookies, headers ---------------------------------------------------------------------------------------
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
#: A browser that wasn't used for so long is signed out.
RUKUN_IDLE_SECONDS = 60 * int(os.environ.get("RUKUN_IDLE_MINUTES", "60"))
if not CONFIG.plain_http:
    # a browser takes these only over TLS, from this very host and for all of it
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not CONFIG.plain_http
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 0 if CONFIG.plain_http else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not CONFIG.plain_http
#: A proxy in front ends TLS, and says so and who asks; without it nobody's word on either is taken.
RUKUN_BEHIND_PROXY = os.environ.get("RUKUN_BEHIND_PROXY", "") not in ("", "0")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if RUKUN_BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# -- language, time, files --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
TIME_ZONE = os.environ.get("RUKUN_TIME_ZONE", "Asia/Makassar")
USE_I18N = USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = HOME / "photos"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
FILE_UPLOAD_PERMISSIONS = 0o600
# files, so that the limits of signing in hold over all web processes; the API's are in limits.py
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": HOME / "cache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

#: Days that each kind of record is kept; then photos and text are deleted and counts by village and week stay.
RUKUN_RETENTION_DAYS = {
    "photos": int(os.environ.get("RUKUN_KEEP_PHOTOS_DAYS", "180")),
    "reports": int(os.environ.get("RUKUN_KEEP_REPORTS_DAYS", "730")),
    "visits": int(os.environ.get("RUKUN_KEEP_VISITS_DAYS", "730")),
    "outcomes": int(os.environ.get("RUKUN_KEEP_OUTCOMES_DAYS", "730")),
    "tasks": int(os.environ.get("RUKUN_KEEP_TASKS_DAYS", "730")),
    # from when it was seen: its words and picture's hash go, that it was seen stays for the counts of its rumour
    "sightings": int(os.environ.get("RUKUN_KEEP_SIGHTINGS_DAYS", "180")),
    # of which nothing was published, from when they were last seen or worked on
    "rumours": int(os.environ.get("RUKUN_KEEP_RUMOURS_DAYS", "730")),
    # what is left of signing in and of jobs, from when it ended
    "devices": int(os.environ.get("RUKUN_KEEP_DEVICES_DAYS", "90")),
    "sessions": int(os.environ.get("RUKUN_KEEP_SESSIONS_DAYS", "1")),
    "attempts": int(os.environ.get("RUKUN_KEEP_ATTEMPTS_DAYS", "7")),
    "jobs": int(os.environ.get("RUKUN_KEEP_JOBS_DAYS", "30")),
}
#: When the night's jobs are due, in local time (see night/).
RUKUN_NIGHT = clock_time("RUKUN_NIGHT", os.environ.get("RUKUN_NIGHT", "02:00"))
#: Requests a minute that one account may make of the API.
RUKUN_API_RATE = int(os.environ.get("RUKUN_API_RATE", "600"))

# -- the rumour desk's intake -----------------------------------------------------------------------------------------
#: Secrets of the message services that may call /hooks/...; an address without one is closed.
RUKUN_HOOKS = {
    "whatsapp": {
        "secret": os.environ.get("RUKUN_WHATSAPP_APP_SECRET", ""),
        "verify": os.environ.get("RUKUN_WHATSAPP_VERIFY_TOKEN", ""),
    },
    "telegram": {"secret": os.environ.get("RUKUN_TELEGRAM_SECRET_TOKEN", "")},
    "rapidpro": {"secret": os.environ.get("RUKUN_RAPIDPRO_TOKEN", "")},
}
#: The desk's mailbox, imaps://user:password@host/FOLDER; none is read without it.
RUKUN_MAIL = os.environ.get("RUKUN_MAIL", "")
#: Hosts inside the own network that feeds may be read from (host or host:port), besides every public one.
RUKUN_FEED_HOSTS = tuple(host.strip() for host in os.environ.get("RUKUN_FEED_HOSTS", "").split(",") if host.strip())
#: Messages of so many days are compared with what comes in.
RUKUN_SORT_DAYS = int(os.environ.get("RUKUN_SORT_DAYS", "30"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "rukun.server.logs.Masked",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"axes": {"level": "ERROR"}, "rukun": {"level": "INFO"}},
}
