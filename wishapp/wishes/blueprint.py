"""The blueprint all pages of this slice hang on."""

from flask import Blueprint

blueprint = Blueprint("wishes", __name__)
