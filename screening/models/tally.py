"""How many cases and forms are in each state. Triggers of the database keep the numbers, in the transaction itself."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from screening.models.base import Model


class Tally(Model):
    """One state, and how many are in it. Written by triggers alone (migration 0004) and by a recount."""

    __tablename__ = "tally"

    subject: Mapped[str] = mapped_column(primary_key=True)
    """"case", or "draft" for the open forms, whose other parts are all 0."""
    tier: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    printed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """0: never; 1: as it stands; 2: before it changed."""
    reviewed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    to_call: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]
