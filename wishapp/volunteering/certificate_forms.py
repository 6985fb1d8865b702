"""Forms of certificates: whom to issue one for, what goes on it, and checking one."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from wishapp.kernel.privacy import check_reason
from wishapp.volunteering.certificates import DocumentKind, masked_number
from wishapp.volunteering.record_forms import sane_day
from wishapp.web.forms import Form, obeys, offered

DOCUMENTS = {
    DocumentKind.NONE: _l("None, only the volunteer number"), DocumentKind.IDENTITY_CARD: _l("Identity card"), DocumentKind.PASSPORT: _l("Passport"),
    DocumentKind.TRAVEL_PERMIT: _l("Travel or residence permit"), DocumentKind.OTHER: _l("Another document"),
}
MOST_40 = _l("At most 40 characters, please.")


class HolderForm(Form):
    """Whom it is for, named by telephone, user name or volunteer number."""

    who = StringField(_l("For whom"), validators=[DataRequired(_l("Please say for whom.")), Length(max=40, message=MOST_40)])


class CertificateForm(Form):
    """What goes on the paper, as the holder gives it."""

    holder = StringField(_l("Name as printed"), validators=[
        DataRequired(_l("Please write the name as it is to be printed.")), Length(2, 40, _l("Between 2 and 40 characters, please."))])
    document_kind = SelectField(_l("Document"))
    document_number = StringField(_l("Its number, masked"), validators=[Length(max=24, message=_l("At most 24 characters, please."))])
    since = DateField(_l("From this day on"), validators=[InputRequired(_l("Please give the day.")), sane_day])
    until = DateField(_l("Up to this day"), validators=[InputRequired(_l("Please give the day.")), sane_day])
    issuer_id = SelectField(_l("Issuer"), coerce=int)
    in_charge = StringField(_l("Person in charge"), validators=[Length(max=40, message=MOST_40)])
    handler = StringField(_l("Handled by"), validators=[Length(max=40, message=MOST_40)])
    contact = StringField(_l("Telephone of the office"), validators=[Length(max=40, message=MOST_40)])
    notes = TextAreaField(_l("Notes"), validators=[Length(max=300, message=_l("At most 300 characters, please.")), obeys(check_reason)])

    def for_issuers(self, issuers: list[tuple[int, str]]) -> "CertificateForm":
        """With the places in whose name one may issue."""
        self.issuer_id.choices = offered(issuers)
        self.document_kind.choices = offered((kind.value, words) for kind, words in DOCUMENTS.items())
        return self

    def validate_document_number(self, field: StringField) -> None:
        """Masked, and only with a document."""
        if self.document_kind.data != DocumentKind.NONE:
            obeys(masked_number)(self, field)
            if not field.data:
                raise ValidationError(_l("Please give the number masked, or choose that there is no document."))


class CheckForm(Form):
    """Number and check code from a paper."""

    class Meta(Form.Meta):
        """Asked by address, so that a QR code can do the same: nothing to protect."""

        csrf = False

    request_key = None
    number = StringField(_l("Certificate number"), validators=[Length(max=24)])
    code = StringField(_l("Check code"), validators=[Length(max=16)])
