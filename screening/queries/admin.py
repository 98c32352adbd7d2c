"""The accounts that an admin looks after."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from screening.models import User, db


def accounts() -> tuple[User, ...]:
    """All accounts, those in use first, by name."""
    query = select(User).options(selectinload(User.roles)).order_by(User.active.desc(), User.full_name, User.id)
    return tuple(db.session.scalars(query))


def account(user_id: int) -> User | None:
    return db.session.get(User, user_id)
