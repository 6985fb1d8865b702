"""Forms of the inbox."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField
from wtforms.validators import Length, Optional, Regexp

from wishapp.web.forms import Form

ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?\.[A-Za-z]{2,24}$"


class AddressForm(Form):
    """An e-mail address, or none."""

    email = EmailField(_l("E-mail address"), validators=[
        Optional(), Length(max=200, message=_l("This does not look like an e-mail address.")),
        Regexp(ADDRESS, message=_l("This does not look like an e-mail address."))])
