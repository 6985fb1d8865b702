"""Where devices send what they kept, in JSON; and the worker that keeps the pages of the day for them."""

from typing import Any

from flask import Response, abort, current_app, jsonify, request, send_from_directory
from flask_wtf.csrf import generate_csrf

from wishapp.kernel.errors import BadInput
from wishapp.volunteering import sending
from wishapp.volunteering.blueprint import blueprint
from wishapp.web.actor import current_actor
from wishapp.web.filters import local
from wishapp.web.forms import readable_text, said
from wishapp.web.guards import public

MOST_BYTES = 128 * 1024


@blueprint.route("/volunteer/send-check-ins", methods=["GET", "POST"])
@public
def send_check_ins() -> Any:
    """GET: who is signed in, and a fresh token for sending. POST {"presses": […], "guest": secret}: each is answered for itself."""
    actor = current_actor()
    if request.method in ("GET", "HEAD"):
        answer = jsonify(who=actor.id or 0, csrf=generate_csrf())
    else:
        presses, guest = sending.read_batch(_body())
        answer = jsonify(answers=[_say(sent) for sent in sending.do_all(presses, guest=guest, by=actor)])
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _body() -> object:
    if (request.content_length or 0) > MOST_BYTES:
        abort(413)
    try:
        return request.get_json(force=True, silent=True, cache=False)
    except RecursionError as error:
        raise BadInput(sending.UNREADABLE) from error


def _say(sent: sending.Sent) -> dict[str, object]:
    if sent.answer is None:
        return {"key": sent.key if readable_text(sent.key) else "", "is_done": False, "words": said(sent.refusal)}
    return {"key": sent.key, "is_done": True, "is_new": sent.answer.is_new, "at": f"{local(sent.answer.at):%H:%M}"}


@blueprint.get("/sw.js")
@public
def service_worker() -> Response:
    """The worker that keeps the pages of the day; at the root, for it may only look after what lies below its own address."""
    answer = send_from_directory(current_app.static_folder, "js/worker.js", mimetype="text/javascript", max_age=0)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
