"""Versions of a district's weights: which one is in force, draft a new one, put it to use, throw it away, go back."""

from sqlalchemy import delete, func, select, update

from wishapp.accounts import queries as accounts
from wishapp.jobs import queries as jobs
from wishapp.jobs import service as job_service
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import UPPER_STAFF
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.kernel.text import N_
from wishapp.matching.models import MatchRun, Weighting
from wishapp.matching.scores import TERMS
from wishapp.matching.weights import HOUSE, MOST_PERCENT, SPREADS, STRENGTHS, USUAL, USUAL_PERCENT, Weights
from wishapp.notices import service as notices
from wishapp.places.models import Place
from wishapp.places.queries import ids_of
from wishapp.store import audit
from wishapp.store.db import db

MOST_DRAFTS = 20


def district_of(path: str) -> Place | None:
    """The district a place lies in, or is."""
    return db.session.scalar(select(Place).where(Place.id.in_(ids_of(path)), Place.level == PlaceLevel.DISTRICT))


def weighting_in_force(path: str) -> Weighting | None:
    """The version that counts at this place: the one its district adopted last; None while the district has adopted none (then HOUSE counts)."""
    return db.session.scalar(
        select(Weighting).join(Place, Place.id == Weighting.place_id)
        .where(Weighting.place_id.in_(ids_of(path)), Place.level == PlaceLevel.DISTRICT, Weighting.adopted_at.is_not(None))
        .order_by(Weighting.adopted_at.desc(), Weighting.id.desc()).limit(1))


def weights_of(version: Weighting | None) -> Weights:
    """A version as numbers to count with; HOUSE for none."""
    return HOUSE if version is None else Weights(version.percent, version.spread)


def weights_of_run(run: MatchRun) -> Weights:
    """The numbers a run is (or was) worked out with."""
    return weights_of(db.session.get(Weighting, run.weighting_id) if run.weighting_id else None)


def full(weights: Weights) -> tuple[dict[str, int], dict[str, int]]:
    """(percent by term, strength by spread) with every name spelt out."""
    return {name: weights.of_term(name) for name in TERMS}, {name: weights.strength(name) for name in SPREADS}


def access_weighting(actor: Actor, weighting_id: int, permission: str = "matching.weights_read") -> Weighting:
    """The version, where the actor may read (or change) the weights of its district; NotFound otherwise."""
    found = db.session.get(Weighting, weighting_id)
    if found is None or district_for(actor, found.place_id, permission) is None:
        raise NotFound()
    return found


def districts(actor: Actor, permission: str = "matching.weights_read") -> list[Place]:
    """Districts whose weights the actor may read: those that hold, or lie in, a place where they hold `permission`."""
    paths = actor.paths_for(permission)
    above = {place_id for path in paths for place_id in ids_of(path)}
    if not above:
        return []
    query = select(Place).where(Place.level == PlaceLevel.DISTRICT).order_by(Place.code)
    return [place for place in db.session.scalars(query) if place.id in above or any(place.path.startswith(path) for path in paths)]


def district_for(actor: Actor, place_id: int | None, permission: str = "matching.weights_read") -> Place | None:
    """This district, or the first one of the actor's; None when there is none they may read. To change, the grant must reach it whole."""
    own = districts(actor, permission)
    if permission != "matching.weights_read":
        own = [place for place in own if actor.may(permission, place.path)]
    return next((place for place in own if place_id in (None, place.id)), None)


def versions(place_id: int, limit: int = 60) -> list[Weighting]:
    """Versions and drafts of a district, newest first."""
    return list(db.session.scalars(select(Weighting).where(Weighting.place_id == place_id).order_by(Weighting.number.desc()).limit(limit)))


def draft_weighting(place: Place, *, by: Actor, percent: dict[str, int], spread: dict[str, int], note: str = "") -> Weighting:
    """A new version that counts nowhere yet. What is not named stays as usual.

    Forbidden outside the actor's district; BadInput for names or numbers that do not exist, Refused when too many drafts lie about.
    """
    if place.level != PlaceLevel.DISTRICT or not by.may("matching.weights", place.path):
        raise Forbidden()
    check_numbers(percent, spread)
    _lock(place.id)
    drafts = db.session.scalar(select(func.count()).where(Weighting.place_id == place.id, Weighting.adopted_at.is_(None)))
    if drafts >= MOST_DRAFTS:
        raise Refused(N_("There are %(number)d drafts already. Throw some away first."), number=drafts)
    return _add(place.id, place.path, by=by, percent=percent, spread=spread, note=note)


def check_numbers(percent: dict[str, int], spread: dict[str, int]) -> None:
    """BadInput unless every name is known, every weight 0-300 per cent and every strength 0-3."""
    if set(percent) - set(TERMS) or set(spread) - set(SPREADS):
        raise BadInput(N_("The address of this page names a choice that does not exist."))
    if any(not 0 <= value <= MOST_PERCENT for value in percent.values()) or any(not 0 <= value < len(STRENGTHS) for value in spread.values()):
        raise BadInput(N_("A weight is a whole number from 0 to %(most)d."), most=MOST_PERCENT)


def adopt_weighting(version: Weighting, *, by: Actor, seen: int) -> None:
    """Put a draft to use: every run begun from now on counts by it.

    `seen`: number of the version in force that the person was looking at (0: none). SomeoneWasFaster when another one has been put
    to use since, or this very one; so of two who press at once one wins. Forbidden outside the actor's district.
    """
    place = db.session.get(Place, version.place_id)
    if not by.may("matching.weights", place.path):
        raise Forbidden()
    _lock(place.id)
    _still(place, seen)
    adopted = db.session.execute(
        update(Weighting).where(Weighting.id == version.id, Weighting.adopted_at.is_(None))
        .values(adopted_at=clock.now(), adopted_by_id=by.id).execution_options(synchronize_session=False))
    if adopted.rowcount != 1:
        raise SomeoneWasFaster()
    db.session.refresh(version)
    audit.record("weights", version.id, "adopt", by=by, place_path=place.path, data={"number": version.number})
    _tell(version, place, by=by)


def revert_weighting(version: Weighting, *, by: Actor, seen: int) -> Weighting:
    """Back to an earlier version: a new version equal to it, in force at once. Raises as adopt_weighting does."""
    place = db.session.get(Place, version.place_id)
    if not by.may("matching.weights", place.path):
        raise Forbidden()
    if version.adopted_at is None:
        raise Refused(N_("This one has never been in use. Put it to use instead."))
    _lock(place.id)
    _still(place, seen)
    again = _add(place.id, place.path, by=by, percent=version.percent, spread=version.spread, note=version.note)
    again.adopted_at, again.adopted_by_id = clock.now(), by.id
    db.session.flush()
    audit.record("weights", again.id, "revert", by=by, place_path=place.path, data={"number": again.number, "like": version.number})
    _tell(again, place, by=by)
    return again


def discard_weighting(version: Weighting, *, by: Actor) -> None:
    """Throw a draft away. Refused for a version that has been in use: plans name it. Forbidden outside the actor's district."""
    place = db.session.get(Place, version.place_id)
    if not by.may("matching.weights", place.path):
        raise Forbidden()
    gone = db.session.execute(delete(Weighting).where(Weighting.id == version.id, Weighting.adopted_at.is_(None)).execution_options(synchronize_session=False))
    if gone.rowcount != 1:
        raise Refused(N_("This version is or was in use; it stays for the record."))
    db.session.expunge(version)
    audit.record("weights", version.id, "discard", by=by, place_path=place.path, data={"number": version.number})


def preview_weighting(version: Weighting, *, by: Actor) -> int:
    """Have last month's plan worked out anew by this version, for looking only; returns the job's id. Refused while that is under way."""
    place = db.session.get(Place, version.place_id)
    if not by.may("matching.weights", place.path):
        raise Forbidden()
    job = jobs.job(version.job_id) if version.job_id else None
    if job is not None and job.status in ("waiting", "running"):
        raise Refused(N_("This is already being worked out."))
    version.job_id = job_service.enqueue("preview_weights", {"weighting_id": version.id}, by=by, place_path=place.path).id
    db.session.flush()
    audit.record("weights", version.id, "preview", by=by, place_path=place.path, data={"number": version.number})
    return version.job_id


def _add(
    place_id: int, path: str, *, by: Actor, percent: dict[str, int], spread: dict[str, int], note: str,
) -> Weighting:
    highest = db.session.scalar(select(func.max(Weighting.number)).where(Weighting.place_id == place_id)) or 0
    kept = Weights(percent, spread)
    whole, strengths = full(kept)
    made = Weighting(number=highest + 1, place_id=place_id, percent=whole, spread=strengths, note=note[:200], made_by_id=by.id)
    db.session.add(made)
    db.session.flush()
    audit.record("weights", made.id, "draft", by=by, place_path=path, data={"number": made.number} | changed(kept))
    return made


def changed(weights: Weights) -> dict[str, int]:
    """What differs from the house's own numbers: {"term.near": 150, "spread.unit": 3}."""
    percent, spread = full(weights)
    return {f"term.{name}": value for name, value in percent.items() if value != USUAL_PERCENT} | {
        f"spread.{name}": value for name, value in spread.items() if value != USUAL}


def _lock(place_id: int) -> None:
    """One after the other: whoever changes a district's weights holds its row until the end (SQLite has one writer anyway)."""
    db.session.execute(select(Place.id).where(Place.id == place_id).with_for_update())


def _still(place: Place, seen: int) -> None:
    """SomeoneWasFaster unless the version in force is still the one that was looked at."""
    now = weighting_in_force(place.path)
    if (now.number if now is not None else 0) != seen:
        raise SomeoneWasFaster(N_("Other weights have been put to use in the meantime. This page now shows how things stand."))


def _tell(version: Weighting, place: Place, *, by: Actor) -> None:
    """District and street staff hear which version counts from now on; not the one who pressed."""
    below = accounts.holders_within(UPPER_STAFF, place.path)
    notices.announce("weights", "adopt", thing_id=version.id, people={"staff": [user_id for user_id in below if user_id != by.id]},
                     params={"place": place.name, "number": version.number}, endpoint="weights.show", values={"weighting_id": version.id})
