"""Forms of accounts."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from wishapp.accounts.service import check_password, check_username, read_phone
from wishapp.kernel.errors import BadInput
from wishapp.kernel.permissions import Role
from wishapp.web.forms import Form, obeys, said
from wishapp.web.words import ROLES

REQUIRED = InputRequired(_l("This is still empty."))
PASSWORD = [REQUIRED, Length(max=128, message=_l("That is too long: at most 128 characters."))]


class SignInForm(Form):
    """User name or phone, and password. Sent again and again while it is wrong, so it has no request key."""

    request_key = None
    username = StringField(_l("User name or phone number"), [REQUIRED, Length(max=80, message=_l("That is too long."))])
    password = PasswordField(_l("Password"), PASSWORD)
    remember = BooleanField(_l("Keep me signed in on this device"))
    next = HiddenField()


class CodeForm(Form):
    """The second step."""

    request_key = None
    code = StringField(_l("Six-digit code"), [REQUIRED, Length(max=20, message=_l("That is too long."))])


class NewPassword:
    """Mixed into forms that set a password: its rules, checked against the other fields of the form."""

    password = PasswordField(_l("Password"), PASSWORD)

    def validate_password(self, field: PasswordField) -> None:
        """The service's rules."""
        names = {name: self[name].data or "" for name in ("username", "phone") if name in self}
        try:
            check_password(field.data, **names)
        except BadInput as error:
            raise ValidationError(said(error)) from error


class RegisterForm(NewPassword, Form):
    """A resident registers."""

    display_name = StringField(_l("What should we call you?"), [REQUIRED, Length(max=30, message=_l("A name has 1 to 30 characters."))])
    phone = StringField(_l("Mobile number"), [REQUIRED, Length(max=40, message=_l("That is too long.")), obeys(read_phone)])
    username = StringField(_l("User name"), [Optional(), Length(max=40, message=_l("That is too long.")), obeys(check_username)])
    community_id = IntegerField(_l("Community"), [REQUIRED], widget=HiddenInput())
    consent = BooleanField(_l("I am 14 or older, and agree to how my details are kept"), [InputRequired(_l("Please tick this if you agree."))])


class ChangePasswordForm(NewPassword, Form):
    """One's own new password. The old one is not asked for when it is a temporary one."""

    request_key = None
    old_password = PasswordField(_l("Password so far"), [Optional(), Length(max=128, message=_l("That is too long: at most 128 characters."))])
    password = PasswordField(_l("New password"), PASSWORD)


class ConfirmForm(Form):
    """An act that asks for the password once more."""

    request_key = None
    password = PasswordField(_l("Your password"), PASSWORD)


class ProfileForm(Form):
    """One's own basics."""

    display_name = StringField(_l("What should we call you?"), [REQUIRED, Length(max=30, message=_l("A name has 1 to 30 characters."))])
    phone = StringField(_l("Mobile number"), [Optional(), Length(max=40, message=_l("That is too long.")), obeys(read_phone)])


class PlaceForm(Form):
    """A place picked from the tree."""

    place_id = IntegerField(_l("Community"), [REQUIRED], widget=HiddenInput())


class CreateUserForm(Form):
    """Staff open an account for somebody."""

    display_name = StringField(_l("Name"), [REQUIRED, Length(max=30, message=_l("A name has 1 to 30 characters."))])
    phone = StringField(_l("Telephone"), [Optional(), Length(max=40, message=_l("That is too long.")), obeys(read_phone)])
    username = StringField(_l("User name"), [Optional(), Length(max=40, message=_l("That is too long.")), obeys(check_username)])
    community_id = IntegerField(_l("Community"), [REQUIRED], widget=HiddenInput())
    role = SelectField(_l("Role"))


class RoleForm(Form):
    """A role at a place, to be given or taken."""

    role = SelectField(_l("Role"), choices=[SelectChoice(str(role), name) for role, name in ROLES.items()])
    place_id = IntegerField(_l("Place"), [REQUIRED], widget=HiddenInput())


def role_choices(roles: list[Role]) -> list[SelectChoice]:
    """Choices of a role field."""
    return [SelectChoice(str(role), ROLES[role]) for role in roles]
