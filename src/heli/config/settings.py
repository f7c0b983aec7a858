"""Django's settings, from the environment and HELI_HOME. The variables an operator may set:

HELI_HOME (data, keys; ``./var``) · DATABASE_URL (``postgres://…``; a SQLite file in HELI_HOME when unset) ·
HELI_HOSTS (names the server answers to, separated by commas) · HELI_HTTPS (``1`` behind TLS: secure cookies, HSTS) ·
HELI_PROXIES (how many of our own proxies stand before the server) · HELI_WEB (the folder of the built page) ·
HELI_SMTP (``smtp://user:password@host:587``, ``smtps://`` for TLS from the start; without it mail lies in HELI_HOME/outbox) ·
HELI_MAIL_FROM (the sender's address) · HELI_URL (where people open the page, for the links in mail) ·
HELI_FIELD_KEY and HELI_FIELD_KEY_COMMAND (see docs/howto/field-keys.md).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.utils.csp import CSP

from heli.config import database, home, mail
from heli.kernel.errors import Broken

PACKAGE = Path(__file__).resolve().parent.parent


def _flag(name: str) -> bool:
    value = os.environ.get(name, "0")
    if value not in {"0", "1"}:
        raise Broken(f"{name} is 0 or 1, not {value!r}")
    return value == "1"


def _number(name: str) -> int:
    value = os.environ.get(name, "0")
    if not value.isascii() or not value.isdigit():
        raise Broken(f"{name} is a number, not {value!r}")
    return int(value)


HELI_HOME = home.find()
HELI_WEB = Path(os.environ.get("HELI_WEB") or PACKAGE.parent.parent / "web" / "dist")
HELI_DEMO = home.demo(HELI_HOME)
"""``{"username", "password"}`` of the demo login when this installation shows the demo company, else None."""
HELI_HTTPS = _flag("HELI_HTTPS")

SECRET_KEY = home.secret(HELI_HOME, "secret")
DEBUG = False
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    *(name for name in os.environ.get("HELI_HOSTS", "").replace(" ", "").split(",") if name),
]

LAYERS = (
    "audit", "jobs", "org", "access", "notices", "records", "insight", "policy", "lending", "guard", "flows", "integration", "review", "crm",
    "api",
)  # fmt: skip
"""From the lowest layer to the highest."""
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    *(f"heli.{layer}" for layer in LAYERS),
]
MIDDLEWARE = [
    "heli.api.middleware.api",  # first: API requests are answered there and pass none of the others
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "heli.config.middleware.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "heli.config.urls"
WSGI_APPLICATION = "heli.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.csp"]},  # so a template has the nonce
    }
]
APPEND_SLASH = False

# Data
DATABASES = {"default": database.parse(os.environ.get("DATABASE_URL", ""), HELI_HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared by every process, since the counts that throttle signing in stand here.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "heli_cache"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# Language and time: both languages are sent; the page picks. Moments are UTC; the company's zone is data.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Signing in
AUTH_USER_MODEL = "org.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("MinimumLengthValidator", {"min_length": 10}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ["username", "display_name", "email", "phone"]}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
ACCOUNT_ADAPTER = "heli.config.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/300s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = _number("HELI_PROXIES")
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

SESSION_ENGINE = "heli.api.sessions"  # each session names its person, so that leaving ends them all
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HELI_HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in ALLOWED_HOSTS[3:]] if HELI_HTTPS else []

# What the browser may do
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if HELI_HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None

# Mail: to files of this installation until a server is named
DEFAULT_FROM_EMAIL = os.environ.get("HELI_MAIL_FROM") or "heli@localhost"
HELI_URL = mail.address(os.environ.get("HELI_URL", ""), ALLOWED_HOSTS[3:], secure=HELI_HTTPS)
MAILERS = {"default": mail.mailer(os.environ.get("HELI_SMTP", ""), HELI_HOME)}

# Background work runs in our own lease table behind Django's API.
TASKS = {"default": {"BACKEND": "heli.jobs.backend.LeaseBackend"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"heli": {"level": "INFO"}},
}
