"""Settings and their environment names. Everything that differs between machines is here."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_SECRET = "development-only-secret"

# setting -> (environment name, default)
ENVIRONMENT = {
    "ENV": ("WISHAPP_ENV", "development"),
    "SECRET_KEY": ("WISHAPP_SECRET_KEY", DEFAULT_SECRET),
    "DATA_KEY": ("WISHAPP_DATA_KEY", DEFAULT_SECRET),
    "SQLALCHEMY_DATABASE_URI": ("WISHAPP_DATABASE_URL", ""),
    "QUEUE_URL": ("WISHAPP_QUEUE_URL", ""),
    "UPLOAD_FOLDER": ("WISHAPP_UPLOAD_FOLDER", ""),
    "INSTANCE": ("WISHAPP_INSTANCE", ""),
    "MAIL_URL": ("WISHAPP_MAIL_URL", "console:"),
    "WEBHOOK_URL": ("WISHAPP_WEBHOOK_URL", "console:"),
    "PUBLIC_URL": ("WISHAPP_PUBLIC_URL", "http://127.0.0.1:5000"),
    "LOG_LEVEL": ("WISHAPP_LOG_LEVEL", "INFO"),
    "TRUSTED_PROXIES": ("WISHAPP_TRUSTED_PROXIES", "0"),
    "LIMITS_URL": ("WISHAPP_LIMITS_URL", "memory://"),
    "SURE_PERCENT": ("WISHAPP_SURE_PERCENT", "95"),
}

FIXED = {
    "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 512 * 1024,
    "MAX_FORM_PARTS": 500,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_HTTPONLY": True,
    "REMEMBER_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_DURATION": 30 * 24 * 3600,
    "WTF_CSRF_TIME_LIMIT": None,
    "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
}


class BadSettings(RuntimeError):
    """The settings do not allow a safe start."""


def load(overrides: dict | None = None) -> dict:
    """All settings: fixed ones, then the environment, then `overrides`; raises BadSettings on unsafe production settings."""
    settings = dict(FIXED)
    settings.update({key: os.environ.get(name, default) for key, (name, default) in ENVIRONMENT.items()})
    settings.update(overrides or {})
    instance = Path(settings["INSTANCE"] or ROOT / "instance")
    settings["INSTANCE"] = str(instance)
    settings["SQLALCHEMY_DATABASE_URI"] = settings["SQLALCHEMY_DATABASE_URI"] or f"sqlite:///{instance / 'wishapp.sqlite'}"
    settings["UPLOAD_FOLDER"] = settings["UPLOAD_FOLDER"] or str(instance / "uploads")
    settings["QUEUE_URL"] = settings["QUEUE_URL"] or f"sqlite:///{instance / 'queue.sqlite'}"
    settings["SURE_PERCENT"] = _percent("SURE_PERCENT", settings["SURE_PERCENT"])
    production = settings["ENV"] == "production"
    settings["SESSION_COOKIE_SECURE"] = settings["REMEMBER_COOKIE_SECURE"] = production
    if production:
        for key in ("SECRET_KEY", "DATA_KEY"):
            if settings[key] == DEFAULT_SECRET or len(settings[key]) < 32:
                raise BadSettings(f"{ENVIRONMENT[key][0]} must be set to a secret of at least 32 characters in production")
    return settings


def _percent(key: str, value: str | int) -> int:
    """A whole number from 50 to 99; raises BadSettings for anything else."""
    text = str(value)
    if not text.isdecimal() or not 50 <= int(text) <= 99:
        raise BadSettings(f"{ENVIRONMENT[key][0]} must be a whole number from 50 to 99")
    return int(text)
