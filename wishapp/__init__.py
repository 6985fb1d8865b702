"""wishapp: neighbourhood micro-wishes, matched fairly and followed to the end."""

from typing import Any


def create_app(overrides: dict | None = None) -> Any:
    """The Flask application. `overrides` go over the environment's settings (see config.py); raises BadSettings.

    Imports stand inside so that `import wishapp.solver` loads neither Flask nor SQLAlchemy.
    """
    from wishapp import config, factory

    return factory.build(config.load(overrides))
