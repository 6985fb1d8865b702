"""What a lifecycle is: a table of steps, read by services, tests, timelines and the audit check alike."""

from dataclasses import dataclass

from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor


@dataclass(frozen=True)
class Step:
    """One action: from any of `sources` to `target`; `who` may do it; `needs_note` when a reason must be given.

    `who` names roles; relations to the thing (its poster, its claimer) are checked by the service that does the step.
    """

    action: str
    sources: frozenset[str]
    target: str
    who: frozenset[Role]
    needs_note: bool = False


@dataclass(frozen=True)
class Lifecycle:
    """A named table of steps. `states` in the order of a thing's life; the first is where it begins."""

    name: str
    states: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def initial(self) -> str:
        """The state in which a thing begins."""
        return self.states[0]

    def step(self, action: str, state: str) -> Step | None:
        """The step for `action` out of `state`, or None when it is not allowed there."""
        return next((step for step in self.steps if step.action == action and state in step.sources), None)

    def actions(self, state: str, actor: Actor) -> list[str]:
        """Actions somebody with these roles could take in this state (relations not considered)."""
        return [step.action for step in self.steps if state in step.sources and self.permits(step, actor)]

    @staticmethod
    def permits(step: Step, actor: Actor) -> bool:
        """Does the actor hold a role that the step asks for."""
        return bool(step.who & actor.roles)

    @property
    def final(self) -> frozenset[str]:
        """States nothing leads out of."""
        left = {source for step in self.steps for source in step.sources}
        return frozenset(set(self.states) - left)


def step(action: str, sources: str, target: str, who: frozenset[Role] | set[Role], *, needs_note: bool = False) -> Step:
    """Shorthand for tables: sources as words separated by blanks."""
    return Step(action, frozenset(sources.split()), target, frozenset(who), needs_note)
