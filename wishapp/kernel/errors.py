"""What a service may answer instead of doing its work. The web layer shows the message in the reader's language."""

from wishapp.kernel.text import N_


class WishappError(Exception):
    """An expected refusal.

    message: English message id with %(name)s placeholders; params fill them; status: HTTP status shown to the person.
    """

    status = 500

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class BadInput(WishappError):
    """What was sent cannot be understood (422)."""

    status = 422


class Refused(WishappError):
    """Understood, but the rules or the present state say no (409)."""

    status = 409


class SomeoneWasFaster(Refused):
    """The thing changed since it was read."""

    def __init__(self, message: str = N_("Someone was faster. This page now shows how things stand."), **params: object) -> None:
        super().__init__(message, **params)


class Forbidden(WishappError):
    """The person may not do this at all (403)."""

    status = 403

    def __init__(self, message: str = N_("This is not yours to do. Ask your community if you think it should be."), **params: object) -> None:
        super().__init__(message, **params)


class NotFound(WishappError):
    """No such thing, or none this person may know of: both answer alike (404)."""

    status = 404

    def __init__(self, message: str = N_("There is nothing here, or it is not for you to see."), **params: object) -> None:
        super().__init__(message, **params)


class Busy(WishappError):
    """The database was too busy even after several tries (503)."""

    status = 503

    def __init__(self, message: str = N_("Many people are here at once. Please try again in a moment; nothing was lost."), **params: object) -> None:
        super().__init__(message, **params)
