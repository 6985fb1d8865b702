"""The administrative tree. Codes are the statistical division codes; a grid's code adds three digits to its community's."""

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wishapp.store.db import db


class Place(db.Model):
    """A place. `path` is "/1/14/207/": ids from the root down, with a separator at both ends, so /1/ is no prefix of /11/.

    Coordinates are schematic degrees (see demo). `phone` is the public telephone of a community's service centre.
    `is_two_level`: on a street, whether wishes need the street's second review.
    """

    __tablename__ = "places"
    __table_args__ = (CheckConstraint("level IN ('city','district','street','community','grid')", name="level_known"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(15), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(12))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), index=True)
    path: Mapped[str] = mapped_column(String(120), unique=True)
    latitude: Mapped[float] = mapped_column(Float, default=0.0)
    longitude: Mapped[float] = mapped_column(Float, default=0.0)
    phone: Mapped[str] = mapped_column(String(20), default="")
    is_two_level: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)

    parent: Mapped["Place | None"] = relationship(remote_side=[id])
    __mapper_args__ = {"version_id_col": version}
