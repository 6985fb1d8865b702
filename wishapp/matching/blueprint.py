"""The office's blueprint: every view module hangs its routes on it."""

from flask import Blueprint

blueprint = Blueprint("matching", __name__)
