"""People and the roles they hold."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor, Grant
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.types import EncryptedText, UTCDateTime


class User(UserMixin, db.Model):
    """A person. Name and phone are encrypted; `phone_index` is the blind index for sign-in by phone.

    `password_hash` None: cannot sign in (registered in bulk, or only represented by a grid worker).
    `community_id`: where the person lives. `session_version` rises with every sign-out, password or role change.
    `is_password_temporary`: given by staff, to be changed at the next sign-in. `consented_at`: when the privacy notice was agreed to.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(EncryptedText)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(EncryptedText)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText)
    totp_last_step: Mapped[int | None] = mapped_column(Integer)
    session_version: Mapped[int] = mapped_column(Integer, default=1)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    is_password_temporary: Mapped[bool] = mapped_column(Boolean, default=False)
    consented_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failed_count: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    prefers_lang: Mapped[str | None] = mapped_column(String(8))
    prefers_elder: Mapped[str | None] = mapped_column(String(1))
    prefers_theme: Mapped[str | None] = mapped_column(String(8))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)

    community: Mapped[Place | None] = relationship(foreign_keys=[community_id])
    grants: Mapped[list["RoleGrant"]] = relationship(back_populates="user", cascade="all, delete-orphan", lazy="selectin")
    __mapper_args__ = {"version_id_col": version}

    @property
    def is_active(self) -> bool:
        """Flask-Login: may this person be signed in."""
        return self.is_enabled

    def get_id(self) -> str:
        """Flask-Login: id and session version, so that an older cookie names nobody."""
        return f"{self.id}:{self.session_version}"

    @property
    def actor(self) -> Actor:
        """The person as the services know people."""
        grants = tuple(Grant(Role(held.role), held.place_id, held.place.path) for held in self.grants)
        return Actor(id=self.id, name=self.display_name, grants=grants)


class RoleGrant(db.Model):
    """A role held at a place (and over its subtree)."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("user_id", "role", "place_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)

    user: Mapped[User] = relationship(back_populates="grants")
    place: Mapped[Place] = relationship(lazy="joined")


class RecoveryCode(db.Model):
    """A one-time stand-in for the code of the authenticator app. Only a keyed digest is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class UnknownName(db.Model):
    """Wrong sign-ins under a name nobody has, so that such a name is locked like a real one and tells nothing."""

    __tablename__ = "unknown_names"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed_count: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
