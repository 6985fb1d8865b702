"""The blueprint all pages of this slice hang on."""

from flask import Blueprint

blueprint = Blueprint("volunteering", __name__)
