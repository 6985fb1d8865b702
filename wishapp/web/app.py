"""The Flask class of the house: runs a view again when the database asks for it, and answers a repeated send once."""

from typing import Any

from flask import Flask, Response, flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from wishapp.kernel.errors import BadInput, Busy
from wishapp.kernel.text import N_
from wishapp.store import idempotency
from wishapp.store.db import db
from wishapp.store.transaction import TRIES, Conflict, before_commit, is_retryable, pause, transaction
from wishapp.web import assets
from wishapp.web.actor import current_actor

KEY_FIELD = "request_key"
# secrets stay out of the stored fingerprint: a digest of one could be guessed at
UNCOUNTED = {"csrf_token", KEY_FIELD, "password", "old_password", "code"}


class WishApp(Flask):
    """Views are written as if they ran once; conflicts (see store.transaction) make the whole view run again."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """How long browsers may keep a file without asking."""
        return assets.max_age(self.static_folder, filename)

    def dispatch_request(self) -> Any:
        for attempt in range(TRIES):
            try:
                return self._answer_once()
            except (Conflict, OperationalError) as error:
                if not is_retryable(error):
                    raise
                db.session.rollback()
                pause(attempt)
                for _name, upload in request.files.items(multi=True):
                    upload.stream.seek(0)
        raise Busy()

    def _answer_once(self) -> Any:
        key = request.form.get(KEY_FIELD, "") if request.method == "POST" else ""
        if not key or request.url_rule is None:
            return super().dispatch_request()
        actor_id = current_actor().id or 0
        fields = [(name, value) for name, value in request.form.items(multi=True) if name not in UNCOUNTED]
        print_ = idempotency.fingerprint(request.path, fields)
        known = idempotency.find(actor_id, key[:64])
        if known:
            return _stored_answer(known, print_)
        before_commit(lambda: idempotency.keep(actor_id, key[:64], print_))
        answer = super().dispatch_request()
        _keep_location(actor_id, key[:64], answer)
        return answer


def _stored_answer(known: idempotency.RequestKey, print_: str) -> Any:
    if known.fingerprint != print_:
        raise BadInput(N_("This form was already sent with other content. Please open it anew."))
    flash(_("That had already arrived; it was not done twice."), "done")
    return redirect(known.location or "/", 303)


def _keep_location(actor_id: int, key: str, answer: Any) -> None:
    if not isinstance(answer, Response) and not hasattr(answer, "location"):
        return
    stored = idempotency.find(actor_id, key)
    if stored and answer.location and not stored.location:
        with transaction():
            idempotency.find(actor_id, key).location = answer.location
