"""Forms of places."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from wishapp.places.service import check_telephone
from wishapp.web.forms import Form, obeys


class SettingsForm(Form):
    """What staff may change about a place; `version` says which state of it was seen."""

    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())
    phone = StringField(_l("Telephone people can call"), [Optional(), Length(max=20, message=_l("That is too long.")), obeys(check_telephone)])
    is_two_level = BooleanField(_l("The street reviews every wish a second time"))
