"""Who somebody is, and where. A grant is a role bound to one place; a person may hold several."""

from dataclasses import dataclass, field
from enum import StrEnum

from wishapp.kernel.permissions import PERMISSIONS, Role


class PlaceLevel(StrEnum):
    """Levels of the administrative tree, outermost first."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"


@dataclass(frozen=True)
class Grant:
    """A role at a place. `path` is the place's materialised path, e.g. "/1/14/207/"; the grant reaches the whole subtree."""

    role: Role
    place_id: int
    path: str

    def reaches(self, path: str) -> bool:
        """True when `path` lies in this grant's subtree (paths end with a separator, so /1/ is no prefix of /11/)."""
        return path.startswith(self.path)


@dataclass(frozen=True)
class Actor:
    """The person (or the system) in whose name something happens. id None is the system itself."""

    id: int | None
    name: str
    grants: tuple[Grant, ...] = field(default=())
    is_system: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held anywhere, and ANYONE; signed-in people are also MEMBER_OF_PUBLIC."""
        held = {grant.role for grant in self.grants} | {Role.ANYONE}
        if self.id is not None:
            held.add(Role.SIGNED_IN)
        if self.is_system:
            held.add(Role.SYSTEM)
        return frozenset(held)

    def may(self, permission: str, path: str | None = None) -> bool:
        """Does this person hold `permission`: anywhere (path None), or at the place with this path.

        ANYONE, SIGNED_IN and SYSTEM hold theirs everywhere; the others within their grant's subtree. Unknown permission: KeyError.
        """
        allowed = PERMISSIONS[permission]
        if allowed & (self.roles & {Role.ANYONE, Role.SIGNED_IN, Role.SYSTEM}):
            return True
        return any(grant.role in allowed and (path is None or grant.reaches(path)) for grant in self.grants)

    def paths_for(self, permission: str) -> list[str]:
        """Paths of the subtrees in which the person holds `permission`; nested ones are dropped."""
        paths = sorted({grant.path for grant in self.grants if grant.role in PERMISSIONS[permission]})
        return [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]

    def has(self, role: Role) -> bool:
        """Does the person hold this role anywhere."""
        return role in self.roles


SYSTEM = Actor(id=None, name="system", is_system=True)
NOBODY = Actor(id=None, name="")
