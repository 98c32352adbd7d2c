"""Pages of staff: each test of a page runs on one kind of database, half of them on either. What reads and writes
the database in ways of its own (queries, alerts, rule sets, tallies, exports) runs on both.
"""

from __future__ import annotations

import os
from zlib import crc32

import pytest

PAGES = frozenset({"test_front_desk", "test_review", "test_admin", "test_sign_in", "test_rules_versions"})
EVERYTHING = "ALL_DATABASES"
"""An environment variable: set, these run on both kinds too."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if EVERYTHING in os.environ:
        return
    names = {item.nodeid for item in items}
    left_out = [item for item in items if item.path.stem in PAGES and _is_other_half(item.nodeid, names)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _is_other_half(name: str, names: set[str]) -> bool:
    """Whether this test runs on the other kind of database instead."""
    on_sqlite, on_postgresql = name.replace("postgresql", "sqlite"), name.replace("sqlite", "postgresql")
    if not {on_sqlite, on_postgresql} <= names:
        return False
    runs = on_sqlite if crc32(on_sqlite.encode()) % 2 else on_postgresql
    return name != runs
