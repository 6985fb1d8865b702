"""`advance()`: the only writer of `state`, with its sisters for many at once. Checks the lifecycle table, writes only if nobody was
faster, records the step."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, insert, update
from sqlalchemy.orm import Mapped, mapped_column, validates
from sqlalchemy.orm.attributes import set_committed_value

from wishapp.kernel.errors import BadInput, Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.workflows.lifecycle import Lifecycle, Step


class Staged:
    """Mixin of everything with a lifecycle: set `__lifecycle__` to its table. New rows begin in the table's first state."""

    __lifecycle__: Lifecycle
    state: Mapped[str] = mapped_column(String(20), index=True)

    def __init__(self, **values: object) -> None:
        if "state" in values:
            raise AttributeError("a new thing begins in its lifecycle's first state")
        super().__init__(**values)
        self.__dict__["_beginning"] = True
        self.state = self.__lifecycle__.initial

    @validates("state")
    def _refuse_assignment(self, _key: str, value: str) -> str:
        if self.__dict__.pop("_beginning", False):
            return value
        raise AttributeError("state is written by store.transitions.advance() only")

    @property
    def audit_path(self) -> str | None:
        """Path of the place under which the record files this thing."""
        return getattr(self, "place_path", None)


def advance(thing: Staged, action: str, *, by: Actor, note: str | None = None, **data: object) -> None:
    """Take one step of the thing's lifecycle inside the caller's transaction.

    Raises Refused when the table has no such step out of the present state, Forbidden when the actor's roles do not permit
    it (recorded by the web layer), BadInput when a needed reason is missing, SomeoneWasFaster when the row moved meanwhile.
    `data` (ids and plain words only) goes into the record.
    """
    step = _step(thing, action, by, note)
    source = thing.state
    _move([thing], source, step.target)
    audit.record(
        thing.__lifecycle__.name, thing.id, action, by=by, from_state=source, to_state=step.target,
        place_path=thing.audit_path, note=note, data=data,
    )


def advance_many(
    things: Sequence[Staged], action: str, *, by: Actor, note: str | None = None, data: Sequence[dict[str, Any]] | None = None,
) -> None:
    """advance() of several things of one kind, all or none, in a few statements. `data`: one dict for each of them.

    Raises what advance() would raise for one of them; the caller then rolls back.
    """
    groups: dict[tuple[str, str], list[Staged]] = {}
    rows = []
    for thing, given in zip(things, data if data is not None else [{}] * len(things), strict=True):
        target = _step(thing, action, by, note).target
        groups.setdefault((thing.state, target), []).append(thing)
        rows.append({"thing_id": thing.id, "from_state": thing.state, "to_state": target, "place_path": thing.audit_path, "note": note, "data": given})
    for (source, target), own in groups.items():
        _move(own, source, target)
    if rows:
        audit.record_many(things[0].__lifecycle__.name, action, rows, by=by)


def begin_many(model: type[Staged], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert new things in their lifecycle's first state, in one statement; their ids in the order of `rows`."""
    if not rows:
        return []
    db.session.flush()
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, [{**row, "state": model.__lifecycle__.initial} for row in rows]))


def _step(thing: Staged, action: str, by: Actor, note: str | None) -> Step:
    """The step the table has for this, or what speaks against it."""
    step = thing.__lifecycle__.step(action, thing.state)
    if step is None:
        raise Refused(N_("This can no longer be done: it has moved on in the meantime."))
    if not thing.__lifecycle__.permits(step, by):
        raise Forbidden()
    if step.needs_note and not (note or "").strip():
        raise BadInput(N_("Please say why, in a few words."))
    return step


def _move(things: list[Staged], source: str, target: str) -> None:
    """The one statement that writes `state`: all of these (of one kind), or none."""
    model = type(things[0])
    db.session.flush()
    moved = db.session.execute(
        update(model).where(model.id.in_([thing.id for thing in things]), model.state == source).values(state=target)
        .execution_options(synchronize_session=False))
    if moved.rowcount != len(things):
        raise SomeoneWasFaster()
    for thing in things:
        set_committed_value(thing, "state", target)
