"""The clinic's own policy, where it differs from the defaults in clinic.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from screening.models.base import Model


class ClinicSetting(Model):
    __tablename__ = "clinic_setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    """A field of clinic.Clinic."""
    value: Mapped[Any] = mapped_column(JSON)
