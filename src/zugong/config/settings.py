"""Every setting of the site, from the environment alone; what cannot be read stops the start."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from zugong.core.database import Role, address, home


def env(name: str, default: str) -> str:
    """Give the variable `name`, or `default` where it is absent or empty."""
    return os.environ.get(name, "").strip() or default


def envbool(name: str, default: bool) -> bool:
    """Read a yes or a no; anything else is refused rather than guessed."""
    word = env(name, "yes" if default else "no").lower()
    if word in {"1", "yes", "true", "on"}:
        return True
    if word in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {word!r}.")


def envint(name: str, default: int) -> int:
    """Read a whole number."""
    word = env(name, str(default))
    if not word.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {word!r}.")
    return int(word)


def envchoice(name: str, default: str, choices: set[str]) -> str:
    """Read one of the words in `choices`."""
    word = env(name, default)
    if word not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(choices))}, not {word!r}.")
    return word


def envlist(name: str, default: str) -> list[str]:
    """Read words separated by commas."""
    return [word.strip() for word in env(name, default).split(",") if word.strip()]


def own_secret(home: Path) -> str:
    """Give the installation's own key, made once and readable by its keeper alone."""
    file = home / "secret_key"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, file)  # the first of two starts wins, and both read the same key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()


# --- Where things are -------------------------------------------------------

HOME = home(os.environ)
PACKS = Path(env("ZUGONG_PACKS", "packs")).resolve()
SITE_URL = env("ZUGONG_URL", "http://127.0.0.1:8000")
RUNS = HOME / "runs"  # a folder for each run of a scorecard; the database names it
STATIC_ROOT = HOME / "static"
STATIC_URL = "/static/"
PROGRAM = Path(__file__).resolve().parent.parent

# --- What this installation is ----------------------------------------------

DEMO = envbool("ZUGONG_DEMO", False)
DEBUG = envbool("ZUGONG_DEBUG", False)
SECRET_KEY = env("ZUGONG_SECRET_KEY", "") or own_secret(HOME)
ALLOWED_HOSTS = envlist("ZUGONG_HOSTS", f"{urlsplit(SITE_URL).hostname},127.0.0.1,localhost,testserver")

# --- The program ------------------------------------------------------------

# In the order of the ladder, the lowest last: a higher app may override a lower one's templates.
INSTALLED_APPS = [
    "zugong.web",
    "zugong.imports",
    "zugong.bulletins",
    "zugong.scorecards",
    "zugong.duties",
    "zugong.cases",
    "zugong.surveys",
    "zugong.activities",
    "zugong.ledgers",
    "zugong.accounts",
    "zugong.registry",
    "zugong.core.pending",
    "zugong.core.pacing",
    "zugong.core.outbox",
    "zugong.core.files",
    "zugong.core.journal",
    "zugong.core.install",
    "procrastinate.contrib.django",
    "axes",
    "django_htmx",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # adds random bytes, so that lengths tell no secret (BREACH)
    "csp.middleware.CSPMiddleware",
    "zugong.web.middleware.one_day",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "zugong.web.open311.writing.in_its_format",
    "zugong.web.plain.plain_text",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zugong.web.middleware.headers",
    "zugong.web.middleware.time_outs",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "zugong.web.middleware.first_things_first",
    "zugong.web.middleware.other_editions",
    "zugong.web.middleware.in_words",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zugong.config.urls"
WSGI_APPLICATION = "zugong.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zugong.web.context.frame",
            ]
        },
    }
]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "zugong.web.storage.Collected"},
}
WHITENOISE_USE_FINDERS = True
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The database -----------------------------------------------------------

# Pages and jobs enter as the application; `zugong migrate` and `restore` enter as the owner.
DATABASE_ROLE = Role(envchoice("ZUGONG_DATABASE_ROLE", "app", {"app", "owner"}))
DATABASE_APP_ROLE = address(HOME, Role.APP, os.environ).user
DATABASES = {
    "default": {
        **address(HOME, DATABASE_ROLE, os.environ).for_django(),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
}

# --- Days and languages -----------------------------------------------------

TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [PROGRAM / "web" / "locale"]

# --- Sign-in and sessions (等保 8.1.4.1) --------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "zugong.accounts.backends.SignIn",
]
LOGIN_URL = "/signin"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

# 等保 wants composition and rotation, ASVS 5.0 V6.2.5 and V6.2.10 forbid both: a county says which it obeys.
PASSWORD_PROFILE = envchoice("PASSWORD_PROFILE", "asvs" if DEMO else "dengbao", {"dengbao", "asvs"})
_COMPOSED = {"dengbao": True, "asvs": False}[PASSWORD_PROFILE]
PASSWORD_MIN_LENGTH = 10 if _COMPOSED else 12
PASSWORD_MIN_CLASSES = 3 if _COMPOSED else 0
PASSWORD_MAX_AGE_DAYS = 90 if _COMPOSED else 0  # 0: a password does not age
PASSWORD_HISTORY = 5 if _COMPOSED else 0
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 20 / 60  # hours: twenty minutes
# An account rests for the address that failed: nobody can shut an administrator out from elsewhere. One address that
# tries many accounts rests too, later, because a whole office shares one.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "zugong.web.accounts.signing.locked_out"
AXES_ENABLE_ADMIN = False
ADDRESS_FAILURE_LIMIT = 50
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = envint("ZUGONG_PROXIES", 0)

SESSION_IDLE_MINUTES = envint("ZUGONG_SESSION_IDLE_MINUTES", 20)
SESSION_ABSOLUTE_HOURS = envint("ZUGONG_SESSION_ABSOLUTE_HOURS", 12)
SINGLE_SESSION = envbool("ZUGONG_SINGLE_SESSION", False)  # signing in anew ends the session before
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# --- The wire ---------------------------------------------------------------

HTTPS = urlsplit(SITE_URL).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# What somebody without an account may do within an hour: one address, which a whole mobile network may share, and all
# together; and how often one address may be wrong about a code. The hotline takes in whatever comes.
PUBLIC_ASKS = envint("ZUGONG_PUBLIC_ASKS", 30)
PUBLIC_ASKS_IN_ALL = envint("ZUGONG_PUBLIC_ASKS_IN_ALL", 1000)
PUBLIC_WRONG_CODES = envint("ZUGONG_PUBLIC_WRONG_CODES", 20)
PUBLIC_PICTURE_MB = envint("ZUGONG_PUBLIC_PICTURE_MB", 10)
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

# --- Jobs -------------------------------------------------------------------

DAILY = "zugong.config.schedule.DAILY"
PROCRASTINATE_IMPORT_PATHS = ["zugong.config.schedule"]

# --- What is written down ---------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "zugong.core.trouble.InOneLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
