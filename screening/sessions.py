"""Server-side sessions in our own database, through Flask-Session. See docs/adr/0002.

Its SQLAlchemy backend creates its table at start, beside the migrations, keeps the session id itself,
and commits the request's database session; this one keeps a hash, in a connection of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, current_app, g, has_request_context, session
from flask_session.base import ServerSideSession, ServerSideSessionInterface
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from screening import clock
from screening.models import WebSession, db
from screening.models.limits import is_away

SESSION_ID_BYTES = 32
WITHOUT = ("/static/", "/healthz", "/readyz")
"""Files and signs of health are everybody's: they come without a session, whatever the database does."""
GRACE = timedelta(minutes=1)
"""How long an id that was given up still answers, for a second press of a button that is under way."""


# Put together once: every request says it.
_HELD = select(WebSession.data).where(WebSession.id_hash == bindparam("key"), WebSession.expires_at > bindparam("now"))


class StoredSession(ServerSideSession):  # type: ignore[misc]
    unread = False
    """Whether there may be one that was not read: nothing may take its place."""
    read_as: str | None = None
    """The id that it was read by."""


class StoredSessions(ServerSideSessionInterface):  # type: ignore[misc]
    """Sessions in the web_session table, found by the hash of the id in the cookie."""

    session_class = StoredSession
    ttl = True

    def open_session(self, app: Flask, request: Request) -> StoredSession:
        opened = StoredSession(sid=self._generate_sid(SESSION_ID_BYTES), permanent=self.permanent)
        opened.unread = True
        if request.path.startswith(WITHOUT):
            return opened
        try:
            found = cast(StoredSession, super().open_session(app, request))
        except SQLAlchemyError as fault:
            g.session_fault = fault
            return opened
        found.read_as = found.sid if found.sid == request.cookies.get(app.config["SESSION_COOKIE_NAME"]) else None
        return found

    def save_session(self, app: Flask, session: ServerSideSession, response: Response) -> None:
        if session is None or session.unread or is_away():
            return
        # Threads that each hold one connection and wait for a second one would wait for ever.
        db.session.close()
        super().save_session(app, session, response)

    def _get_store_id(self, sid: str) -> str:
        return hashlib.sha256(sid.encode()).hexdigest()

    def _retrieve_session_data(self, store_id: str) -> dict[str, Any] | None:
        with db.engine.connect() as connection:
            data = connection.scalar(_HELD, {"key": bytes.fromhex(store_id), "now": clock.now()})
        return None if data is None else cast(dict[str, Any], self.serializer.decode(bytes(data)))

    def _delete_session(self, store_id: str) -> None:
        with _write() as connection:
            connection.execute(delete(WebSession).where(WebSession.id_hash == bytes.fromhex(store_id)))

    def _upsert_session(self, session_lifetime: timedelta, session: ServerSideSession, store_id: str) -> None:
        values = _row_of(self, session, session_lifetime)
        key = bytes.fromhex(store_id)
        with _write() as connection:
            changed = connection.execute(update(WebSession).where(WebSession.id_hash == key).values(**values))
            # One that somebody ended meanwhile stays ended: a page under way must not sign them in again.
            if changed.rowcount == 0 and session.read_as != session.sid:
                connection.execute(insert(WebSession).values(id_hash=key, **values))


@contextmanager
def _write() -> Iterator[Connection]:
    with db.engine.connect() as connection:
        connection.execution_options(write=True)
        with connection.begin():
            yield connection


def _row_of(interface: StoredSessions, held: ServerSideSession, lasts: timedelta) -> dict[str, Any]:
    return {
        "data": interface.serializer.encode(held),
        "expires_at": clock.now() + lasts,
        "owner": held.get(OWNER),
    }


OWNER = "_user_id"
"""Where Flask-Login keeps who is signed in."""
TABLET = "kiosk_id"
"""What makes a browser a tablet of the clinic: the id of its Kiosk. It stays when a form is over; staff end it."""


def on_tablet() -> bool:
    return has_request_context() and TABLET in session


def init_sessions(app: Flask) -> None:
    app.session_interface = StoredSessions(app, sid_length=SESSION_ID_BYTES)


def others_of(owner: str) -> list[dict[str, Any]]:
    """What the other sessions hold that somebody is signed in by. `owner` is as User.fs_uniquifier."""
    interface = cast(StoredSessions, current_app.session_interface)
    here = bytes.fromhex(interface._get_store_id(cast(StoredSession, session).sid))
    query = select(WebSession.data).where(
        WebSession.owner == owner, WebSession.id_hash != here, WebSession.expires_at > clock.now()
    )
    return [interface.serializer.decode(bytes(data)) for data in db.session.scalars(query)]


def renew_session() -> None:
    """Give the browser a new session id, so that an id known from before is worth nothing."""
    if session:
        cast(StoredSessions, current_app.session_interface).regenerate(session)


def start_over(keep: Collection[str]) -> None:
    """Give the browser a new session with `keep` alone; a tablet stays one. For a minute the old id leads there too.

    Call it after the last use of rows: it closes the database session.
    """
    db.session.close()
    interface = cast(StoredSessions, current_app.session_interface)
    current = cast(StoredSession, session)
    kept = {name: session[name] for name in (*keep, TABLET) if name in session}
    old = interface._get_store_id(current.sid)
    session.clear()
    session.update(kept)
    current.sid = interface._generate_sid(SESSION_ID_BYTES)
    current.modified = True
    values = _row_of(interface, current, GRACE)
    with _write() as connection:
        connection.execute(update(WebSession).where(WebSession.id_hash == bytes.fromhex(old)).values(**values))
