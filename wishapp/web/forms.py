"""Form base: every field trimmed, checked for characters no database takes, and named in its own error."""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, StopValidation, ValidationError

from wishapp.kernel.errors import BadInput, WishappError

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
MAX_ID = 2**31 - 1


def tidy(value: Any) -> Any:
    """Trim; unify line ends. Leaves anything that is no text alone."""
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else value


def readable_text(value: str) -> bool:
    """No NUL, control characters, lone surrogates or direction overrides."""
    return not _FORBIDDEN.search(value)


def readable(_form: FlaskForm, field: Any) -> None:
    """WTForms validator over `readable_text`."""
    if isinstance(field.data, str) and not readable_text(field.data):
        raise ValidationError(_l("There is a character in here that cannot be stored. Please type it again."))


def within_ids(_form: FlaskForm, field: Any) -> None:
    """Refuse numbers no database id can have."""
    if field.data is not None and not 0 <= field.data <= MAX_ID:
        raise StopValidation(_l("This number is out of range."))  # NumberRange would choke on very large ones


def filled(_form: FlaskForm, field: Any) -> None:
    """Blanks alone are nothing: InputRequired looks at what was sent, not at what is left of it."""
    needed = next((check for check in field.validators if isinstance(check, InputRequired)), None)
    if needed and field.data == "" and field.raw_data and field.raw_data[0]:
        raise StopValidation(needed.message or _l("This is still empty."))


def said(error: WishappError) -> str:
    """What a service's refusal says, in the reader's language."""
    return _(error.message) % error.params if error.params else _(error.message)


def obeys(rule: Callable[[str], Any]) -> Callable[[FlaskForm, Any], None]:
    """WTForms validator over a service's own check: its BadInput becomes the field's error; empty fields are left to others."""

    def check(_form: FlaskForm, field: Any) -> None:
        if not field.data:
            return
        try:
            rule(field.data)
        except BadInput as error:
            raise ValidationError(said(error)) from error

    return check


def offered(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Pairs of value and words as choices of a SelectField or RadioField."""
    return [SelectChoice(value, said_as) for value, said_as in pairs]


class Form(FlaskForm):
    """Base of all forms: CSRF, the request key that makes a second send harmless, tidy text.

    A form that may be sent again with other content after it has written something (sign-in) sets `request_key = None`.
    """

    request_key = HiddenField()

    class Meta:
        """WTForms settings."""

        def bind_field(self, form: FlaskForm, unbound_field: Any, options: dict) -> Any:
            kind = unbound_field.field_class
            if issubclass(kind, (StringField, TextAreaField)):
                options["filters"] = [tidy, *unbound_field.kwargs.get("filters", ())]
                unbound_field.kwargs.pop("filters", None)
            bound = unbound_field.bind(form=form, **options)
            extra = [readable, filled] if issubclass(kind, StringField) else [within_ids] if issubclass(kind, IntegerField) else []
            bound.validators = [*extra, *bound.validators]
            return bound

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request_key is not None and not self.is_submitted():
            self.request_key.data = uuid.uuid4().hex


class PressForm(Form):
    """A form that is only a button."""
