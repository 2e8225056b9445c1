"""Every setting of Duly; what differs between machines comes from the environment.

Unset DATABASE_URL and REDIS_URL mean the embedded PostgreSQL and Valkey under
DULY_HOME; nothing else in the code knows the difference. Nothing leaves the house
until a channel is given a provider (EMAIL_URL, TWILIO_…): until then all go to the
sandbox.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config import env, keys, logs, providers
from config.breakers import Breakers
from config.embedded.address import Address

BASE_DIR = Path(__file__).resolve().parent.parent
DULY_HOME = Path(env.text("DULY_HOME", str(BASE_DIR / "var"))).resolve()

# The house -------------------------------------------------------------------

embedded = Address.read(DULY_HOME)
_given_database = env.secret("DATABASE_URL")
_keys = keys.read(embedded, has_database=bool(_given_database))
SECRET_KEY = _keys.secret
SECRET_KEY_FALLBACKS = env.secrets_list("SECRET_KEY_FALLBACKS")
# Keys the suppression list, which outlives customers and every SECRET_KEY: were it to
# change, all stops would be forgotten.
SUPPRESSION_KEY = _keys.suppression
# Seal what is personal (customers.vault), newest first: kid:base64key,kid2:base64key2.
FIELD_KEYS = _keys.fields
# Signs the daily roots of the consent history (consent.roots), whose copies go to a
# file off the database: keep both where whoever rules the database does not.
LEDGER_KEY = _keys.ledger
# Former ones, with commas between, so that old roots still verify.
LEDGER_KEY_FALLBACKS = env.secrets_list("LEDGER_KEY_FALLBACKS")
LEDGER_FILE = env.text("LEDGER_FILE", str(DULY_HOME / "ledger" / "roots.jsonl"))
DEBUG = env.flag("DEBUG", default=False)
# By the last ones the machine asks itself (/healthz), whatever its public name.
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("HTTPS", default=False)
# Where customers reach the public pages, such as https://bills.example.com; without
# it no notice carries a link to them.
PUBLIC_URL = (env.text("PUBLIC_URL") or embedded.public_url).rstrip("/")

INSTALLED_APPS = [
    "config",
    "campaigns",
    "notices",
    "consent",
    "customers",
    "django_htmx",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every page needs a log-in unless its view says otherwise.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    # Whose work it is, for the database's own log of changes.
    "config.actor.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
            ],
        },
    }
]

# The truth -------------------------------------------------------------------

DATABASES = {
    "default": {
        **env.database(_given_database or embedded.database_url),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
# What is asked on every page stays planned (customers.prepared). A connection pooler
# that knows no prepared statements needs this off.
DATABASES["default"]["OPTIONS"].setdefault(
    "prepare_threshold", 5 if env.flag("DATABASE_PREPARES", default=True) else None
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The bell --------------------------------------------------------------------

REDIS_URL = env.secret("REDIS_URL") or embedded.redis_url

# What leaves the house -------------------------------------------------------

EMAIL_URL = env.secret("EMAIL_URL")
# Connections of one worker to the provider of e-mail. An HTTP provider takes its time
# with each message; of a mail server, the second asks while the first waits its turn.
EMAIL_CONNECTIONS = env.number(
    "EMAIL_CONNECTIONS",
    8 if EMAIL_URL and not EMAIL_URL.startswith("smtp") else 2,
    least=1,
)
EMAIL_PROVIDER = ""
ANYMAIL: dict[str, Any] = {}
if EMAIL_URL:
    globals().update(providers.email(EMAIL_URL, connections=EMAIL_CONNECTIONS))
else:
    # Django's own mail (a lost password, say) is printed to the log.
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

TWILIO_ACCOUNT_SID = env.secret("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.secret("TWILIO_AUTH_TOKEN")
TWILIO_MESSAGING_SERVICE_SID = env.secret("TWILIO_MESSAGING_SERVICE_SID")
# A number of ours, where there is no Messaging Service.
TWILIO_FROM = env.text("TWILIO_FROM")
# Another address for Twilio's interface: a region of theirs, or a test.
TWILIO_API_URL = env.text("TWILIO_API_URL", "https://api.twilio.com")
# Nothing is texted anywhere else, whatever number somebody typed in.
SMS_COUNTRIES = frozenset(word.upper() for word in env.words("SMS_COUNTRIES"))
# Texts of one worker on their way at once, and the seconds Twilio may think.
SMS_CONNECTIONS = env.number("SMS_CONNECTIONS", 48, least=1)
SMS_TIMEOUT = env.number("SMS_TIMEOUT", 20, least=1, most=env.LONGEST_THOUGHT)
providers.require_texts(
    account=TWILIO_ACCOUNT_SID,
    token=TWILIO_AUTH_TOKEN,
    sender=TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM,
    countries=SMS_COUNTRIES,
)

# Which sender serves each channel; calls wait at the desk, paper in the print room.
CHANNELS = providers.channels(
    email=EMAIL_PROVIDER,
    texts=bool(TWILIO_ACCOUNT_SID),
    own=providers.own_senders(env.words("SENDERS")),
)

# Messages a second that all workers together may hand to a provider (of texts: parts);
# 0, the default: as fast as it takes them.
LANE_RATES = {
    lane: rate
    for lane, rate in {
        EMAIL_PROVIDER: env.number("EMAIL_PER_SECOND", 0, least=0),
        "twilio": env.number("SMS_PER_SECOND", 0, least=0),
    }.items()
    if lane and rate
}

# What the provider asks for one part of a text message, shown to authors.
SMS_PART_PRICE = env.price("SMS_PART_PRICE")

# A claim whose worker has been silent this long is taken for dead. Half of it must be
# longer than the slowest provider may take for one message (EMAIL_URL's timeout).
LEASE_SECONDS = env.number("LEASE_SECONDS", 600, least=8)

# When a campaign pauses by itself. Providers review an account at 5 % of addresses that
# do not exist and pause it at 10 %, and look at complaints from one in a thousand on.
BREAKERS = Breakers(
    # Below so many messages a rate says nothing.
    least_messages=env.number("BREAKER_LEAST_MESSAGES", 50, least=10),
    hard_percent=env.number("BREAKER_HARD_PERCENT", 8, least=1),
    # Full mailboxes and phones that are off are common; a third of all is a block.
    soft_percent=env.number("BREAKER_SOFT_PERCENT", 33, least=1),
    # One person may press the button by mistake.
    least_complaints=env.number("BREAKER_LEAST_COMPLAINTS", 3, least=1),
    complaints_per_mille=env.number("BREAKER_COMPLAINTS_PER_MILLE", 3, least=1),
)

# A worker that lets rings wait so long while it has nothing to do ends itself, to be
# started again. Celery's own check of a silent connection takes up to 51 seconds.
WATCHDOG_SECONDS = env.number("WATCHDOG_SECONDS", 60, least=1)

# Machines of one house that share a database share this word; without it the house is
# known by a file in DULY_HOME and the name of its machine. A restored copy of the
# database finds neither, and does not send.
INSTALLATION_ID = env.secret("INSTALLATION_ID")

# What providers tell us ------------------------------------------------------

# Providers that report to us beside those of CHANNELS, such as postmark behind a plain
# EMAIL_URL. Each needs its secrets below, or the system check refuses to start.
HOOK_PROVIDERS = env.words("HOOK_PROVIDERS")
# user:password pairs in the addresses Postmark, Brevo, Mailjet and Mailgun are given;
# more than one while a new one is brought in.
HOOK_PASSWORD = env.secrets_list("HOOK_PASSWORD")
MAILGUN_SIGNING_KEY = env.secret("MAILGUN_SIGNING_KEY")
# The SNS topics Amazon may speak to us through; each subscription is confirmed by hand.
SES_TOPICS = env.words("SES_TOPICS")
# Shared keys Twilio may sign with instead: id=secret, with commas between.
TWILIO_SHARED_KEYS = env.pairs("TWILIO_SHARED_KEYS")
# Whether Twilio itself answers its own words STOP, START and HELP, as it does unless
# told otherwise; what it does not understand is answered by us in any case.
PROVIDER_ANSWERS_KEYWORDS = env.flag("PROVIDER_ANSWERS_KEYWORDS", default=True)

# People ----------------------------------------------------------------------

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Words, time, looks ----------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
# Files are served from where they lie: no collecting step can be forgotten.
WHITENOISE_USE_FINDERS = True

# Safety ----------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# A probe on the machine speaks plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Who was erased, once more, for when a restored backup has forgotten: where whoever
# restores the database does not reach. Unset: DULY_HOME/ledger/erasures.jsonl.
ERASURES_FILE = env.text("ERASURES_FILE")

# What is deleted by itself -----------------------------------------------------

# Days after their last day of use that links to customers' pages are kept.
KEEP_LINKS_DAYS = env.number("KEEP_LINKS_DAYS", 30, least=1)
# Days that a person's data stands ready for whoever asked for it.
KEEP_EXPORTS_DAYS = env.number("KEEP_EXPORTS_DAYS", 7, least=1)
# Days that what providers told us is kept as it came, for what could not be read.
KEEP_HOOKS_DAYS = env.number("KEEP_HOOKS_DAYS", 30, least=1)
# Days that rows of imports which could not be taken wait to be put right.
KEEP_REJECTS_DAYS = env.number("KEEP_REJECTS_DAYS", 90, least=1)
# Years that the words of messages are kept; never fewer than the rules of law say.
KEEP_COPIES_YEARS = env.number("KEEP_COPIES_YEARS", 7, least=1)

# What Prometheus must show to read /metrics ("Authorization: Bearer ..."). Without one
# only this machine itself may, and only where no proxy stands in front.
METRICS_TOKEN = env.secret("METRICS_TOKEN")

# No line of the log holds anybody's address or the key of a link.
logs.install()
LOGGING = logs.to_console(env.text("LOG_LEVEL", "INFO"))
