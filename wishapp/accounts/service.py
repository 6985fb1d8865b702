"""Verbs on people: creating them, their roles, their account. Every step is written to the record (kind "user")."""

import re
import unicodedata
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from wishapp.accounts import queries, rights
from wishapp.accounts.models import RoleGrant, User
from wishapp.accounts.passwords import check_password, hash_password, make_password
from wishapp.accounts.phones import mask_phone, read_phone, show_phone
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.types import blind_index

__all__ = [
    "LISTENERS", "change_password", "change_profile", "check_password", "create_user", "disable_user", "enable_user", "grant_role", "hash_password",
    "make_password", "mask_name", "mask_phone", "read_phone", "register_user", "reset_password", "reset_two_step", "revoke_role", "show_phone",
]
USERNAME = re.compile(r"[a-z0-9\u3400-\u9fff][a-z0-9._\-\u3400-\u9fff]{1,39}")
RESERVED = frozenset({"admin", "administrator", "root", "system", "wishapp"})
# zh-file: Chinese surnames, and the sign that stands for a hidden given name
DOUBLE_SURNAMES = frozenset({
    "欧阳", "上官", "司马", "诸葛", "司徒", "皇甫", "尉迟", "公孙", "令狐", "慕容", "东方", "西门", "南宫", "夏侯", "长孙", "宇文", "轩辕", "端木", "独孤",
})
LISTENERS: list[Callable[[str, User, Actor], None]] = []  # called inside the transaction with "disable" or "register", the person, by whom


def mask_name(full_name: str) -> str:
    """What the public may see of a name: surname and 某 ("王某", "欧阳某"); of a Latin name the first letter ("J.")."""
    name = unicodedata.normalize("NFKC", full_name).strip()
    if not name:
        return "某"
    if name[0].isascii():
        return f"{name[0].upper()}."
    return f"{name[:2] if name[:2] in DOUBLE_SURNAMES and len(name) > 2 else name[0]}某"


def check_username(text: str) -> str:
    """The user name as it is kept; raises BadInput when it cannot be one (2 to 40 letters, digits, Chinese; not all digits)."""
    name = queries.normal_username(text)
    if not USERNAME.fullmatch(name):
        raise BadInput(N_("A user name has 2 to 40 letters, digits or Chinese characters, without blanks."))
    if name in RESERVED:
        raise BadInput(N_("This user name is kept for the site itself. Please take another."))
    if re.fullmatch(r"[0-9._\-]+", name):
        raise BadInput(N_("A user name needs at least one letter, or it would be taken for a phone number."))
    return name


def create_user(
    *, username: str, display_name: str, phone: str | None = None, password_hash: str | None = None, community_id: int | None = None,
    grid_id: int | None = None, is_password_temporary: bool = False, by: Actor,
) -> User:
    """A new person without any role. `password_hash` None: they cannot sign in.

    People may create others only within their own subtree (Forbidden). Raises BadInput for an unusable name, phone or place,
    Refused when user name or phone belong to somebody already.
    """
    community = _community(community_id)
    if not by.is_system and (community is None or not by.may("accounts.manage", community.path)):
        raise Forbidden()
    if grid_id is not None:
        grid = places.place(grid_id)
        if grid is None or grid.parent_id != community_id:
            raise BadInput(N_("This grid does not lie in the community."))
    number = read_phone(phone) if phone else None
    made = User(
        username=check_username(username), display_name=_display_name(display_name), phone=number,
        phone_index=blind_index(number) if number else None, password_hash=password_hash, community_id=community_id, grid_id=grid_id,
        is_password_temporary=is_password_temporary,
    )
    if db.session.query(User.id).filter(User.username == made.username).first():
        raise Refused(N_("Somebody has this user name already. Please take another."))
    if number and queries.user_by_phone(number):
        raise Refused(N_("This phone number belongs to an account already. Sign in with it, or ask your community."))
    _flush_unique(made)
    _record(made, "create", by=by)
    return made


def register_user(*, username: str, display_name: str, phone: str, password_hash: str, community_id: int, by: Actor) -> User:
    """A resident who registers: create_user in the system's name, consent noted, the resident's role given. `by`: the system."""
    made = create_user(
        username=username, display_name=display_name, phone=phone, password_hash=password_hash, community_id=community_id, by=by)
    made.consented_at = clock.now()
    grant_role(made, Role.RESIDENT, _community(community_id), by=by)
    for listener in LISTENERS:
        listener("register", made, by)
    return made


def grant_role(user: User, role: Role, place: Place, *, by: Actor) -> RoleGrant:
    """Give a role at a place; giving one already held changes nothing. A new role ends the person's older sessions.

    Own subtree and own level only (rights.may_grant), else Forbidden; people may make themselves resident or volunteer.
    Raises BadInput when the role does not belong to a place of this level.
    """
    role = Role(role)
    is_own_choice = by.id is not None and by.id == user.id and role in rights.OWN_CHOICE
    if not (is_own_choice or rights.may_grant(by, role, place.path)):
        raise Forbidden()
    if not rights.fits(role, place.level):
        raise BadInput(N_("This role belongs to another kind of place."))
    held = next((grant for grant in user.grants if grant.role == role and grant.place_id == place.id), None)
    if held is not None:
        return held
    held = RoleGrant(role=str(role), place_id=place.id, place=place)
    user.grants.append(held)
    if not is_own_choice:
        end_sessions(user)
    db.session.flush()
    audit.record("user", user.id, "grant_role", by=by, place_path=place.path, data={"role": str(role), "place_id": place.id})
    return held


def revoke_role(user: User, role: Role, place: Place, *, by: Actor) -> None:
    """Take a role away; ends the person's sessions. Forbidden as in grant_role; Refused when it is not held, or one's own."""
    if not rights.may_grant(by, Role(role), place.path):
        raise Forbidden()
    if by.id is not None and by.id == user.id:
        raise Refused(N_("You cannot take a role from yourself. Ask a colleague."))
    held = next((grant for grant in user.grants if grant.role == role and grant.place_id == place.id), None)
    if held is None:
        raise Refused(N_("This role is not held any more."))
    user.grants.remove(held)
    end_sessions(user)
    audit.record("user", user.id, "revoke_role", by=by, place_path=place.path, data={"role": str(role), "place_id": place.id})


def disable_user(user: User, *, by: Actor) -> None:
    """Nobody can sign in as this person any more, at once. Forbidden outside one's reach, Refused for oneself."""
    _check_may_manage(user, by)
    if not user.is_enabled:
        raise Refused(N_("This account is switched off already."))
    user.is_enabled = False
    end_sessions(user)
    _record(user, "disable", by=by)
    for listener in LISTENERS:
        listener("disable", user, by)


def enable_user(user: User, *, by: Actor) -> None:
    """Let the person sign in again; also ends a lock after wrong passwords."""
    _check_may_manage(user, by)
    user.is_enabled = True
    user.failed_count, user.locked_until = 0, None
    _record(user, "enable", by=by)


def reset_password(user: User, *, password_hash: str, by: Actor) -> None:
    """Put a temporary password (hash_password(make_password()), shown once) that must be changed at the next sign-in."""
    _check_may_manage(user, by)
    user.password_hash, user.is_password_temporary = password_hash, True
    user.failed_count, user.locked_until = 0, None
    end_sessions(user)
    _record(user, "reset_password", by=by)


def reset_two_step(user: User, *, by: Actor) -> None:
    """Take the second step off for somebody who lost their device."""
    _check_may_manage(user, by)
    user.totp_secret, user.totp_last_step = None, None
    end_sessions(user)
    _record(user, "reset_two_step", by=by)


def change_password(user: User, *, password_hash: str, by: Actor) -> None:
    """The person's own new password (check_password it first); ends every other session."""
    if by.id != user.id:
        raise Forbidden()
    user.password_hash, user.is_password_temporary = password_hash, False
    end_sessions(user)
    _record(user, "change_password", by=by)


def change_profile(user: User, *, display_name: str, phone: str | None, community_id: int | None, by: Actor) -> None:
    """The person's own name, phone and community. Raises BadInput, Refused when the phone belongs to somebody else."""
    if by.id != user.id:
        raise Forbidden()
    number = read_phone(phone) if phone else None
    other = queries.user_by_phone(number) if number else None
    if other is not None and other.id != user.id:
        raise Refused(N_("This phone number belongs to an account already. Sign in with it, or ask your community."))
    moved = community_id is not None and community_id != user.community_id
    if moved:
        _move_home(user, _community(community_id), by)
    changed = [name for name, differs in (
        ("display_name", display_name.strip() != user.display_name), ("phone", number != user.phone), ("community", moved)) if differs]
    user.display_name, user.phone, user.phone_index = _display_name(display_name), number, blind_index(number) if number else None
    if changed:
        _record(user, "change_profile", by=by, data={"changed": changed})


def end_sessions(user: User) -> None:
    """Make every cookie given out so far worthless."""
    user.session_version = (user.session_version or 1) + 1


def _move_home(user: User, home: Place, by: Actor) -> None:
    """A new community: the resident's role moves along, a grid of the old one is left."""
    for grant in [grant for grant in user.grants if grant.role == Role.RESIDENT]:
        user.grants.remove(grant)
    user.community_id, user.grid_id = home.id, None
    grant_role(user, Role.RESIDENT, home, by=by)


def _community(community_id: int | None) -> Place | None:
    if community_id is None:
        return None
    found = places.place(community_id)
    if found is None or found.level != "community":
        raise BadInput(N_("Please choose the community you live in."))
    return found


def _display_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= 30:
        raise BadInput(N_("A name has 1 to 30 characters."))
    return name


def _check_may_manage(user: User, by: Actor) -> None:
    if by.id is not None and by.id == user.id:
        raise Refused(N_("This is your own account. Ask a colleague, or use your own page."))
    if not rights.may_manage(by, user.actor.grants, user.community.path if user.community else None):
        raise Forbidden()


def _flush_unique(user: User) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:
        raise Refused(N_("Somebody just took this user name or phone number. Please take another.")) from error


def _record(user: User, action: str, *, by: Actor, data: dict | None = None) -> None:
    home = user.community.path if user.community else None
    path = home or (user.grants[0].place.path if user.grants else None)
    audit.record("user", user.id, action, by=by, place_path=path, data=data)
