"""Every setting of Leitner, read from the environment here and nowhere else.

The sections follow Django's documentation. `.env.example` lists each variable with its meaning.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from leitner import __version__
from leitner.disks import refuse_throw_away_disk
from leitner.env import (
    env_bool,
    env_caches,
    env_choice,
    env_database,
    env_days,
    env_int,
    env_list,
    env_origin,
    env_path,
    env_rates,
    env_replica,
    env_storage,
    env_str,
    load_env_file,
    secret_key,
)
from leitner.log_settings import logging_settings
from leitner.rates import for_allauth
from leitner.storages import folder

BASE_DIR = Path(__file__).resolve().parent.parent
load_env_file(Path(env_str("ENV_FILE") or BASE_DIR / ".env"))
DATA_DIR = Path(env_str("DATA_DIR") or BASE_DIR / "var")

# Core
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = secret_key(DEBUG)
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
ROOT_URLCONF = "leitner.urls"
WSGI_APPLICATION = "leitner.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "leitner.apps.LeitnerConfig",
    "accounts.apps.AccountsConfig",
    "cards.apps.CardsConfig",
    "backups.apps.BackupsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]
MIDDLEWARE = [
    "leitner.probes.ProbesMiddleware",
    "leitner.requests.RequestMiddleware",
    "leitner.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.BodySizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backups.middleware.MaintenanceMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "leitner.limits.RateLimitMiddleware",
    "accounts.second_factor.StaffTwoFactorMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
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
                "accounts.announcements.for_templates",
            ],
        },
    },
]

# The largest upload is a text import; BodySizeMiddleware refuses a bigger body before it is read.
IMPORT_MAX_BYTES = 32 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = IMPORT_MAX_BYTES + 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Database
POOLED = bool(env_str("DATABASE_DIRECT_URL"))
DATABASES: dict[str, Any] = {
    "default": env_database(
        "DATABASE_URL",
        default=f"sqlite:///{DATA_DIR / 'leitner.sqlite3'}",
        conn_max_age=env_int("CONN_MAX_AGE", 600),
        direct="DATABASE_DIRECT_URL",
    ),
}
DATABASES |= env_replica("DATABASE_REPLICA_URL", DATABASES["default"])
# What the connections are counted by: processes and threads that serve pages, and machines of them.
WEB_CONCURRENCY = env_int("WEB_CONCURRENCY", 2, least=1)
WEB_THREADS = env_int("WEB_THREADS", 8, least=1)
WEB_MACHINES = env_int("WEB_MACHINES", 1, least=1)
# Where gunicorn listens; a host such as Render names the port, and is reached from outside.
HOST = env_str("HOST") or ("0.0.0.0" if env_str("RENDER") else "127.0.0.1")  # noqa: S104
PORT = env_int("PORT", 8000)
DATABASE_ROUTERS = ["leitner.replica.Router"]
REPLICA_MAX_LAG = env_int("REPLICA_MAX_LAG", 60)
ON_RENDER = bool(env_str("RENDER"))  # Render sets it, and the id of the commit.
if "sqlite" in DATABASES["default"]["ENGINE"]:
    refuse_throw_away_disk(ON_RENDER, Path(DATABASES["default"]["NAME"]))
    # A write transaction takes its lock at once (no upgrade that can fail half-way), readers go on
    # beside it (WAL), and a commit is on the disk before the learner is told so (FULL).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000"
        ),
    }

# Cache: shared by all workers with Redis, one per worker without (and while Redis is away).
REDIS_URL = env_str("REDIS_URL")
CACHES = env_caches("REDIS_URL")

# Sessions, cookies and transport
HTTPS = env_bool("HTTPS", not DEBUG)
# What links begin with in mails that no page sends.
SITE_URL = env_str("SITE_URL") or (
    f"{'https' if HTTPS else 'http'}://{(ALLOWED_HOSTS or ['localhost'])[0].removeprefix('.')}"
)
SESSION_ENGINE = "django.contrib.sessions.backends." + ("cached_db" if REDIS_URL else "db")
SESSION_CACHE_ALIAS = "sessions" if REDIS_URL else "default"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 * 2 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env_bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
STATIC_HOST = env_origin("STATIC_HOST")
OURS = [SELF, STATIC_HOST] if STATIC_HOST else [SELF]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": OURS,
        "style-src": OURS,
        "img-src": [*OURS, "data:"],
        "font-src": OURS,
        "connect-src": [SELF],
        "manifest-src": OURS,
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Authentication (django-allauth)
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.FrugalArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "accounts.hashers.WerkzeugPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {"user_attributes": ["email"]}),
        ("MinimumLengthValidator", {"min_length": 8}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "cards:home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_CONFIRMATION_ANONYMOUS_REDIRECT_URL = LOGIN_URL
ACCOUNT_FORMS = {
    "signup": "accounts.forms_allauth.SignupForm",
    "login": "accounts.forms_allauth.LoginForm",
    "add_email": "accounts.forms_allauth.AddEmailForm",
    "change_password": "accounts.forms_allauth.ChangePasswordForm",
    "set_password": "accounts.forms_allauth.SetPasswordForm",
    "reset_password": "accounts.forms_allauth.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms_allauth.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms_allauth.ReauthenticatePasswordForm",
}
# Called with each user who signs up, in the same transaction.
ACCOUNT_CREATED = ["cards.boxes.create_default_boxes"]
# Called for learners whose hour of a reminder has come: what is due for them.
REMINDER_DUE_DECKS = "cards.reminders.due_decks"
# Asked before reminders are sent: whether nothing may be written just now.
REMINDERS_WAIT = "backups.maintenance.is_on"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms_allauth.CodeForm",
    "reauthenticate": "accounts.forms_allauth.ReauthenticateCodeForm",
    "activate_totp": "accounts.forms_allauth.TOTPForm",
    "login_webauthn": "accounts.forms_passkeys.PasskeyLoginForm",
    "authenticate_webauthn": "accounts.forms_passkeys.PasskeyCodeForm",
    "reauthenticate_webauthn": "accounts.forms_passkeys.ReauthenticatePasskeyForm",
    "add_webauthn": "accounts.forms_passkeys.PasskeyForm",
    "edit_webauthn": "accounts.forms_passkeys.PasskeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Leitner"
USERSESSIONS_TRACK_ACTIVITY = False
# Who may use the admin needs a second factor for it.
STAFF_TWO_FACTOR = env_bool("STAFF_TWO_FACTOR", HTTPS)
ADMIN_PATH = env_path("ADMIN_PATH", "admin/")

# Limits: the list is in leitner/rates.py. X-Forwarded-For is believed as far as our own proxies
# wrote it: this many entries from its end.
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", 0)
RATE_LIMITS = env_rates("RATE_LIMITS")
RATELIMIT_USE_CACHE = "limits"
ACCOUNT_RATE_LIMITS = for_allauth(RATE_LIMITS)
MFA_RATE_LIMITS = False

# E-mail: without EMAIL_HOST, messages are files in DATA_DIR/mail, and nobody has to confirm an
# address that no mail can reach.
EMAIL_HOST = env_str("EMAIL_HOST")
EMAIL_PORT = env_int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
EMAIL_SUBJECT_PREFIX = "[Leitner] "  # Of mail to ADMINS.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env_str("DEFAULT_FROM_EMAIL", "Leitner <leitner@localhost>")
ADMINS = [("", address) for address in env_list("ADMINS")]
EMAIL_BACKEND = "leitner.mail." + ("SmtpBackend" if EMAIL_HOST else "FileBackend")
EMAIL_FILE_PATH = DATA_DIR / "mail"
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_HOST else "optional"
MFA_ALLOW_UNVERIFIED_EMAIL = not EMAIL_HOST

# Internationalisation
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True

# Static files: hashed, compressed, cached for ever; through a CDN with STATIC_HOST
STATIC_URL = f"{STATIC_HOST}/static/" if STATIC_HOST else "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

WHITENOISE_ALLOW_ALL_ORIGINS = bool(STATIC_HOST)  # Else a page could not load its modules.

# Backups: a backup is good when every destination holds it.
BACKUP_DIR = BASE_DIR / (env_str("BACKUP_DIR") or DATA_DIR / "backups")
STORAGES["backups"] = env_storage("BACKUP_URL") or folder(BACKUP_DIR)
if backups_second := env_storage("BACKUP_SECOND_URL"):
    STORAGES["backups_second"] = backups_second
# The newest one of each of so many days and months is kept; the newest verified one always is.
BACKUP_KEEP_DAYS = env_int("BACKUP_KEEP_DAYS", 30)
BACKUP_KEEP_MONTHS = env_int("BACKUP_KEEP_MONTHS", 12)
# Public keys of age that can read the backups, and the secret keys to read old ones with; the name
# of the latter has KEY in it so that error reports leave it out.
BACKUP_AGE_RECIPIENTS = env_list("BACKUP_AGE_RECIPIENTS")
BACKUP_AGE_IDENTITY_KEY = env_str("BACKUP_AGE_IDENTITY")

# What is kept for a time only: `manage.py expire_data`, daily. 0 days: for ever.
TRASH_DAYS = env_int("TRASH_DAYS", 30)
UNCONFIRMED_ACCOUNT_DAYS = env_int("UNCONFIRMED_ACCOUNT_DAYS", 30)
ADMIN_LOG_DAYS = env_int("ADMIN_LOG_DAYS", 365)
INACTIVE_ACCOUNT_DAYS = env_days("INACTIVE_ACCOUNT_DAYS", least=180)
# Who runs this site, for the page about privacy.
OPERATOR_NAME = env_str("OPERATOR_NAME")
CONTACT_EMAIL = env_str("CONTACT_EMAIL")

# Logging: everything to standard output, where every host collects it
LOG_FORMAT = env_choice("LOG_FORMAT", ["line", "json"])
LOGGING = logging_settings(form=LOG_FORMAT, level=env_str("LOG_LEVEL", "INFO"))

# Watching: the parts that /ready/ and the admin's status page tell of, each a function that returns
# a `leitner.health.Part`.
HEALTH_CHECKS = [
    "leitner.health.database",
    "leitner.health.migrations",
    "leitner.health.cache",
    "leitner.health.replica",
    "backups.runs.health.backups",
    "accounts.reminders.health.reminders",
    "leitner.health_more.mail",
    "leitner.health_more.disk",
    "cards.health.cards",
]
# /metrics/ is there only for who knows this; the processes of a machine count in this folder.
METRICS_TOKEN = env_str("METRICS_TOKEN")
METRICS_DIR = DATA_DIR / "metrics"
RELEASE = "-".join(filter(None, [__version__, env_str("RENDER_GIT_COMMIT")[:7]]))
SENTRY_DSN = env_str("SENTRY_DSN")

# Leitner
DEMO = env_bool("DEMO", False)
