"""The rule set in force: the latest one that was activated, as it was stored, whatever the folder holds now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import cast

from flask import Flask, current_app, g
from sqlalchemy import bindparam, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

import rules
from screening.clinic import current_clinic
from screening.config import Settings
from screening.models import RuleSetActivation, RuleSetSignature, StoredRuleSet, db
from screening.rule_files import OVERLAY, OWN_FOLDER, Content, check_askable, load_askable, read_content

ALL_PARTS: frozenset[str] = frozenset()
VARIANTS = (ALL_PARTS, frozenset({"audit_c"}))
"""With and without the part that a clinic can switch off."""

log = get_logger()

ACTIVATIONS, SIGNATURES = RuleSetActivation.__table__.c, RuleSetSignature.__table__.c
# Put together once: most requests say them.
_LATEST = select(ACTIVATIONS.sha256).order_by(ACTIVATIONS.id.desc()).limit(1)
_SIGNATURE = select(SIGNATURES.id).where(SIGNATURES.sha256 == bindparam("sha256")).limit(1)


@dataclass(frozen=True)
class FolderState:
    """The rules folder as it was read: a set, or what is wrong with it."""

    content: Content
    ruleset: rules.RuleSet | None
    fault: rules.RuleError | None = None


@dataclass(frozen=True)
class Unusable:
    """The set that was put in force, when this version of the program cannot load it any more."""

    sha256: str
    fault: rules.RuleError


class Rulebook:
    """The rule sets that this process has loaded. A set never changes, so threads may share them."""

    def __init__(self, folder: Path | None = None, overlay: Path | None = None) -> None:
        self._given = folder
        self._folder = folder or OWN_FOLDER
        self._overlay = overlay
        self._sets: dict[tuple[str, frozenset[str]], rules.RuleSet] = {}
        self._state: FolderState | None = None
        self._lock = Lock()
        self.unusable: Unusable | None = None

    def keep(self, ruleset: rules.RuleSet, switched_off: frozenset[str] = ALL_PARTS) -> None:
        """`switched_off` is what the clinic switches off; the set itself may switch off more."""
        self._sets[ruleset.sha256, switched_off] = ruleset

    def start(self) -> FolderState:
        """Load the folder's set with all its variants, so that no patient waits for it."""
        content: Content = {}
        try:
            content = read_content(self._folder, self._overlay)
            own = self._folder / OVERLAY if OVERLAY in content else None
            loaded = {off: rules.load(self._given, off, self._overlay or own) for off in VARIANTS}
            check_askable(loaded[ALL_PARTS], content)
        except rules.RuleError as fault:
            self._state = FolderState(content, None, fault)
        else:
            for switched_off, ruleset in loaded.items():
                self.keep(ruleset, switched_off)
            self._state = FolderState(content, loaded[ALL_PARTS])
        return self._state

    def folder(self) -> FolderState:
        """The folder as it stands now; loaded again only if a file has changed."""
        content: Content = {}
        try:
            content = read_content(self._folder, self._overlay)
            if self._state is None or content != self._state.content:
                self._state = FolderState(content, load_askable(content))
        except rules.RuleError as fault:
            self._state = FolderState(content, None, fault)
        return self._state

    def get(self, sha256: str, switched_off: frozenset[str]) -> rules.RuleSet:
        """A set by its hash. Raises LookupError if it is not stored, RuleError if it does not load any more."""
        with self._lock:
            if (sha256, switched_off) not in self._sets:
                self.keep(load_askable(stored_content(sha256), switched_off), switched_off)
            return self._sets[sha256, switched_off]


def init_rules(app: Flask, settings: Settings) -> None:
    """Load the set in force. Raises rules.RuleError if there is none and the folder's own does not load."""
    book = Rulebook(settings.rules_dir, settings.rules_overlay)
    app.extensions["rulebook"] = book
    state = book.start()
    with app.app_context():
        activated = _activated_at_start()
        if state.fault and not activated:
            raise state.fault
        if state.fault:
            log.error(
                "rules_folder_not_loaded", file=state.fault.file, line=state.fault.line, reason=state.fault.reason
            )
        if activated:
            _prepare(book, activated)


def _prepare(book: Rulebook, activated: str) -> None:
    """Load the activated set with all its variants. Where it does not load any more, the folder's set stands in.

    Raises rules.RuleError if that does not load either.
    """
    try:
        for switched_off in VARIANTS:
            book.get(activated, switched_off)
    except rules.RuleError as fault:
        if book.folder().fault:
            raise
        log.error("rules_in_force_not_loaded", fault=str(fault))
        book.unusable = Unusable(activated, fault)


def _activated_at_start() -> str | None:
    """The hash of the activated set; None in a database that is not migrated yet, or does not answer."""
    try:
        if inspect(db.engine).has_table(RuleSetActivation.__tablename__):
            return db.session.scalar(_LATEST)
    except SQLAlchemyError:
        log.warning("rules_in_force_not_read")
    return None


def rulebook() -> Rulebook:
    return cast(Rulebook, current_app.extensions["rulebook"])


def in_force_sha256() -> str:
    """The hash of the set in force, read once a request: an activation reaches every process with the next one."""
    if "rules_in_force" not in g:
        latest = db.session.scalar(_LATEST)
        unusable = rulebook().unusable
        stands = latest is not None and (unusable is None or latest != unusable.sha256)
        g.rules_in_force = latest if stands else _folder_sha256()
    return cast(str, g.rules_in_force)


def ruleset() -> rules.RuleSet:
    """The rules in force, with the parts that this clinic asks."""
    return rulebook().get(in_force_sha256(), current_clinic().switched_off)


def forget_in_force() -> None:
    """Have it read again in this request, after an activation."""
    g.pop("rules_in_force", None)


def hold_in_force(*, alone: bool = False) -> None:
    """Within a write: read the set in force anew, and have it stay in force until the commit.

    `alone` is for putting another one in force: it waits for every write that holds the set, and those for it.
    """
    # SQLite has one writer at a time. Elsewhere the first activation, which no one changes, is what all lock.
    first = select(RuleSetActivation.id).order_by(RuleSetActivation.id).limit(1)
    db.session.execute(first.with_for_update(read=not alone))
    forget_in_force()


def is_signed(sha256: str) -> bool:
    """Whether a medical lead has signed this set."""
    return db.session.scalar(_SIGNATURE, {"sha256": sha256}) is not None


def rules_approved() -> bool:
    """Whether the set in force is signed."""
    return is_signed(in_force_sha256())


def stored_content(sha256: str) -> Content:
    """Raises LookupError."""
    content = db.session.scalar(select(StoredRuleSet.content).where(StoredRuleSet.sha256 == sha256))
    if content is None:
        raise LookupError(f"no rule set {sha256} is stored")
    return content


def content_in_force() -> Content:
    """The files of the set in force."""
    try:
        return stored_content(in_force_sha256())
    except LookupError:
        return rulebook().folder().content


def _folder_sha256() -> str:
    state = rulebook().folder()
    if state.ruleset is None:
        raise cast(rules.RuleError, state.fault)
    return state.ruleset.sha256
