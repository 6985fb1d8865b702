"""The wall and the page of one wish, for everybody: what stands there depends on who looks."""

from pathlib import Path
from typing import Any

from flask import current_app, redirect, render_template, request, send_from_directory, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from wishapp.accounts.service import show_phone
from wishapp.kernel.errors import NotFound
from wishapp.supporters import queries as supporters
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import Form
from wishapp.web.guards import public
from wishapp.wishes import queries, stories, wall, words
from wishapp.wishes.blueprint import blueprint
from wishapp.wishes.forms import ConfirmForm, ThankForm, WhyForm
from wishapp.wishes.models import Urgency, Wish, WishKind
from wishapp.wishes.review import is_reviewed_twice


def filters() -> wall.WallFilters:
    """What the address asks for."""
    home = current_user.community if current_user.is_authenticated else None
    return wall.WallFilters(
        community_id=arguments.number("community"), kind=arguments.choice("kind", WishKind), urgency=arguments.choice("urgency", Urgency),
        state=arguments.choice("state", wall.WallState), order=arguments.choice("order", wall.WallOrder) or wall.WallOrder.URGENT,
        near=arguments.choice("near", wall.WallNear), q=arguments.text("q", most=60),
        origin=(home.latitude, home.longitude) if home and home.latitude else None)


def link(**changes: object) -> str:
    """This list's address with some of its parameters changed; the page number starts anew unless it is what changes."""
    values = {**arguments.kept(), **request.view_args, "page": None, **changes}
    return url_for(request.endpoint, **{name: value for name, value in values.items() if value not in (None, "")})


@blueprint.get("/", endpoint="wall")
@public
def wall_page() -> str:
    """Wishes of the neighbours."""
    asked = filters()
    counts = wall.kind_counts(asked)
    return render_template(
        "wishes/wall.html", found=wall.wall(asked, arguments.page()), asked=asked, counts=counts, total=sum(counts.values()),
        waiting=wall.waiting(asked.community_id), echoes=wall.echoes(), communities=wall.communities(), words=words, link=link,
        may_claim=current_actor().may("wishes.claim"))


def show_wish(wish: Wish, *, form: Form | None = None, restricted: dict | None = None, status: int = 200) -> Any:
    """The page of a wish for whoever looks; `form` is one that was just refused, `restricted` what was just unlocked."""
    actor = current_actor()
    viewer = stories.viewer_of(wish, actor)
    mine = supporters.supporters_of(actor.id) if wish.state == "open" and actor.may("wishes.claim") and stories.OWN not in viewer.kinds else []
    may_review = actor.may("wishes.review", wish.place_path) and actor.id != wish.beneficiary_id
    page = render_template(
        "wishes/show.html", wish=wish, viewer=viewer, words=words, story=queries.timeline(wish, viewer), turn=stories.turn(wish, viewer),
        steps=stories.STEPS, stage=stories.PLACE_ON_PATH.get(wish.state, -1), helpers=wall.helper_names([wish.id]).get(wish.id, ""),
        supporters=mine, restricted=restricted, show_phone=show_phone,
        enrol_url=_address("supporters.join"), offers_url=_address("matching.offers"), capacity=queries.may_read_restricted(wish, actor),
        reads=queries.count_reads(wish.id) if viewer.kinds else 0, may_review=may_review,
        may_publish=may_review and (actor.may("wishes.second_review", wish.place_path) if wish.state == "seconded" else not is_reviewed_twice(wish))
        if wish.state in ("submitted", "seconded") else False,
        may_second=may_review and wish.state == "submitted" and is_reviewed_twice(wish),
        may_judge=_may_judge(wish, viewer), confirm_form=form if isinstance(form, ConfirmForm) else ConfirmForm(),
        thank_form=form if isinstance(form, ThankForm) else ThankForm(), why_form=form if isinstance(form, WhyForm) else WhyForm(),
        alike=_twins(wish) if may_review and wish.state in ("submitted", "seconded") else [])
    return page, status


def _twins(wish: Wish) -> list[tuple[Wish, float]]:
    """Wishes of the street that say nearly the same: on the wall, or in review in the reader's own places."""
    actor = current_actor()
    return [(other, score) for other, score in wall.alike(wish, for_staff=True)
            if other.state in queries.PUBLIC_STATES or actor.may("wishes.review", other.place_path)]


def _address(endpoint: str) -> str:
    """Address of a page of another slice, when this installation has it."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""


def _may_judge(wish: Wish, viewer: stories.Viewer) -> bool:
    return wish.state in ("delivered", "fulfilled") and stories.HELPER not in viewer.kinds and (
        stories.OWN in viewer.kinds or viewer.actor.may("wishes.verify_on_site", wish.place_path))


@blueprint.get("/wishes/<int:wish_id>")
@public
def show(wish_id: int) -> Any:
    """One wish."""
    wish = queries.access_wish(current_actor(), wish_id, "wall.read")
    if wish.state == "draft":
        return redirect(url_for("wishes.draft", wish_id=wish.id, step="words"), 303)
    return show_wish(wish)


@blueprint.get("/wishes/<int:wish_id>/photos/<int:photo_id>")
@public
def photo(wish_id: int, photo_id: int) -> Response:
    """A photo: the story's for whoever may see the wish, proofs for those concerned."""
    wish = queries.access_wish(current_actor(), wish_id, "wall.read")
    found = next((row for row in wish.photos if row.id == photo_id), None)
    if found is None or (found.purpose == "proof" and not stories.viewer_of(wish, current_actor()).kinds):
        raise NotFound()
    folder = Path(current_app.config["UPLOAD_FOLDER"]).resolve()
    if not (folder / found.file_name).is_file():
        raise NotFound()
    answer = send_from_directory(folder, found.file_name, mimetype="image/jpeg", max_age=0)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
