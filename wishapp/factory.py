"""Putting the application together, shelf by shelf."""

import os
from pathlib import Path

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from wishapp import wiring
from wishapp.config import ROOT
from wishapp.kernel import faults
from wishapp.store.db import db, engine_options
from wishapp.store.types import set_data_key
from wishapp.web import assets, errors, filters, guards, headers, health, i18n, logs, ui
from wishapp.web.app import WishApp
from wishapp.web.arguments import IdConverter

migrate = Migrate(directory=str(Path(__file__).parent / "store" / "migrations"), render_as_batch=True, compare_type=True)


def build(settings: dict) -> WishApp:
    """The application for these settings (see config.load)."""
    app = WishApp("wishapp", root_path=str(ROOT / "wishapp"), template_folder=str(ROOT / "templates"),
                  static_folder=str(ROOT / "static"), static_url_path="/static", instance_path=settings["INSTANCE"])
    app.config.update(settings)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(settings["SQLALCHEMY_DATABASE_URI"]))
    app.url_map.converters["int"] = IdConverter
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.add_extension("jinja2.ext.do")
    Path(settings["INSTANCE"]).mkdir(parents=True, exist_ok=True)
    set_data_key(settings["DATA_KEY"])
    faults.arm(bool(settings.get("TESTING")), os.environ.get("WISHAPP_FAULTS", ""))
    logs.init_app(app)
    if int(settings["TRUSTED_PROXIES"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=int(settings["TRUSTED_PROXIES"]), x_proto=1, x_host=1)
    db.init_app(app)
    migrate.init_app(app, db)
    headers.init_app(app)
    login = LoginManager(app)
    login.session_protection = None
    app.extensions["wishapp_login"] = login
    CSRFProtect(app)
    app.extensions["wishapp_limiter"] = Limiter(get_remote_address, app=app, storage_uri=settings["LIMITS_URL"], enabled=not app.testing)
    for shelf in (assets, i18n, filters, errors, ui, health):
        shelf.init_app(app)
    guards.init_app(app)
    wiring.wire(app)
    return app
