"""Staff accounts, and web sessions of staff and patients alike."""

from __future__ import annotations

from datetime import datetime

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, LargeBinary, Table
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from screening.crypto import EncryptedText
from screening.models.base import Model, UtcDateTime

user_role = Table(
    "user_role",
    Model.metadata,
    Column("user_id", ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Model, RoleMixin):
    """A role by its access.Role name. What it may do stands in access.py alone."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class User(Model, UserMixin):
    """A member of staff. Ending an account clears `active` and changes `fs_uniquifier`, which ends its sessions."""

    __tablename__ = "staff_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    password: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    """Whether the password was made by somebody else and is good for one sign-in alone."""
    one_time_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when such a password is good; without an end where it is older than this column."""
    demo: Mapped[bool] = mapped_column(default=False)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    create_datetime: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # type: ignore[assignment]
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None] = mapped_column(EncryptedText)
    """The key of the authenticator app, in base32."""
    totp_last_counter: Mapped[int | None]
    """The period of the newest code that was used: it and those before it are worth nothing."""
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    roles: Mapped[list[Role]] = relationship(secondary=user_role)  # type: ignore[assignment]


class WebSession(Model):
    """A server-side session. The cookie holds the random id; only its hash is kept here."""

    __tablename__ = "web_session"

    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    owner: Mapped[str | None] = mapped_column(index=True)
    """The `fs_uniquifier` of who is signed in; none of a patient's."""
