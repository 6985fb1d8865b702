"""Forms of the ledger."""

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from wishapp.web.forms import Form


class ReverseForm(Form):
    """Why points are taken back."""

    note = StringField(validators=[InputRequired(), Length(max=200)])
