"""Many summaries in one file: asked for, made by the worker, opened, each case noted as printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from screening import clock
from screening.access import Role
from screening.actions import print_pieces, printing, summaries
from screening.actions.unit import SYSTEM
from screening.models import AuditEvent, Case, PrintJob, PrintPiece, User, db
from screening.pdf import Prepared
from screening.rendering import NotPrinted
from screening.sheets import one_file
from tests.conftest import Browser, SignIn
from tests.factories import CONSULT, submit_case
from tests.pdf_pages import all_text
from tests.standards import faults

CASES = "/staff/cases"
PRINTS = "/staff/prints"


def ask(desk: Browser, data: dict[str, object]) -> str:
    address = desk.send(PRINTS, data, page=CASES).location
    assert address is not None
    return address


def printed_at(case: Case) -> object:
    return db.session.scalars(select(Case.printed_at).where(Case.id == case.id)).one()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_ticked_cases_become_one_file_and_each_is_noted_as_printed(app: Flask, sign_in: SignIn) -> None:
    first, second, other = submit_case(**CONSULT), submit_case(), submit_case()
    desk = sign_in(Role.FRONT_DESK)
    job = ask(desk, {"case": [second.reference, first.reference, "ZZZZ-ZZZZ"]})
    assert "0 of 2 made" in desk.get(job).text
    assert desk.send(f"{job}/file", page=CASES).location == job
    other_user = sign_in(Role.PHYSICIAN)
    assert other_user.get(job).status_code == 404

    assert printing.make_next(by=SYSTEM) is not None
    assert printing.make_next(by=SYSTEM) is None
    assert printed_at(first) is None
    shown = desk.get(f"{job}/progress").text
    assert "2 summaries are ready" in shown and "data-poll" not in shown
    assert other_user.send(f"{job}/file", page=CASES).status_code == 404
    answer = desk.send(f"{job}/file", page=CASES)
    assert answer.mimetype == "application/pdf"
    pages = [summaries.made_summary(case_id=case.id, by=SYSTEM).pdf for case in (second, first)]
    sheets = [len(pikepdf.Pdf.open(BytesIO(pdf)).pages) for pdf in pages]
    assert len(pikepdf.Pdf.open(BytesIO(answer.data)).pages) == sum(count + count % 2 for count in sheets)
    assert b"".join(one_file(pages)) == answer.data and not list(faults(answer.data, ["3u"]))
    assert printed_at(first) and printed_at(second) and not printed_at(other)
    log = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "case.printed")).all()
    assert {event.subject_id for event in log} == {first.id, second.id}
    assert all(event.detail["content_hash"] for event in log)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_all_of_today_leaves_out_what_is_printed_as_it_stands(app: Flask, sign_in: SignIn) -> None:
    with clock.fixed_at(clock.now() - timedelta(days=2)):
        submit_case()
    new, printed, changed = (submit_case() for _ in range(3))
    for case in (printed, changed):
        summaries.print_summary(case_id=case.id, by=SYSTEM)
    db.session.get_one(Case, changed.id).changed_at = clock.now()
    db.session.commit()
    desk = sign_in(Role.FRONT_DESK)
    assert ask(desk, {}) == CASES and "Tick the cases" in desk.get(CASES).text
    job = ask(desk, {"today": "yes"})
    assert [sheet["case"] for sheet in db.session.scalars(select(PrintJob)).one().sheets] == [new.id, changed.id]
    printing.make_next(by=SYSTEM)
    db.session.get_one(Case, new.id).changed_at = clock.now()
    db.session.commit()
    desk.send(f"{job}/file", page=CASES)
    left = re.findall(r'value="(\w{4}-\w{4})"', desk.get(f"{CASES}?show=to_print").text)
    assert new.reference in left and changed.reference not in left


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_job_that_its_worker_left_is_made_by_the_next(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [submit_case(), submit_case()]
    desk = sign_in(Role.FRONT_DESK)
    job = ask(desk, {"case": [case.reference for case in cases]})
    monkeypatch.setattr(print_pieces, "PIECE_BYTES", 1)
    with monkeypatch.context() as killed:
        killed.setattr(printing, "_end", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            printing.make_next(by=SYSTEM)
    left = db.session.scalars(select(PrintPiece.content).order_by(PrintPiece.number)).all()
    assert len(left) == 3 and printing.make_next(by=SYSTEM) is None
    assert desk.send(f"{job}/file", page=CASES).location == job
    with clock.fixed_at(clock.now() + printing.SILENT + timedelta(seconds=1)):
        assert printing.make_next(by=SYSTEM) is not None
    assert "2 summaries are ready" in desk.get(job).text
    assert db.session.scalar(select(func.count()).select_from(PrintPiece)) == len(left)
    file = desk.send(f"{job}/file", page=CASES)
    assert file.data == b"".join(left) and file.content_length == len(file.data)
    with clock.fixed_at(clock.now() + timedelta(days=2)):
        printing.forget_old(by=SYSTEM)
    assert desk.get(job).status_code == 404 and not db.session.scalars(select(PrintPiece)).all()


def test_the_release_before_forgets_a_job_though_it_knows_no_pieces(app: Flask, sign_in: SignIn) -> None:
    ask(sign_in(Role.FRONT_DESK), {"case": [submit_case().reference]})
    job = db.session.scalars(select(PrintJob)).one()
    db.session.add(PrintPiece(job_id=job.id, attempt="1", number=0, size=4, content=b"%PDF"))
    db.session.commit()
    db.session.execute(text("DELETE FROM print_job"))
    assert not db.session.scalars(select(PrintPiece)).all()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_the_release_before_made_is_opened_still(app: Flask, sign_in: SignIn) -> None:
    case = submit_case()
    desk = sign_in(Role.FRONT_DESK)
    job = ask(desk, {"case": [case.reference]})
    made = db.session.scalars(select(PrintJob)).one()
    made.pdf, made.finished_at = b"%PDF-1.7 whole", clock.now()
    db.session.commit()
    assert desk.send(f"{job}/file", page=CASES).data == b"%PDF-1.7 whole"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_can_be_cancelled_and_is_made_without_what_cannot_be_printed(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = submit_case(), submit_case(), submit_case()
    desk, other = sign_in(Role.FRONT_DESK), sign_in(Role.PHYSICIAN)
    job = ask(desk, {"case": [first.reference]})
    assert other.send(f"{job}/cancel", page=CASES).status_code == 404
    assert desk.send(f"{job}/cancel", page=CASES).location == job
    assert "you cancelled it" in desk.get(job).text and printing.make_next(by=SYSTEM) is None

    job = ask(desk, {"case": [case.reference for case in (first, second, third)]})
    to_pdf = Prepared.to_pdf
    monkeypatch.setattr(printing, "WORD", timedelta(0))

    def without_second(prepared: Prepared, wait: float | None = None) -> bytes:
        shown = desk.get(f"{job}/progress").text
        assert "data-poll" in shown
        if second.reference in prepared.html:
            raise NotPrinted("too long")
        return to_pdf(prepared, wait)

    monkeypatch.setattr(Prepared, "to_pdf", without_second)
    assert printing.make_next(by=SYSTEM)
    shown = desk.get(job).text
    assert "2 summaries are ready" in shown and "1 could not be made" in shown and second.reference in shown
    with pikepdf.Pdf.open(BytesIO(desk.send(f"{job}/file", page=CASES).data)) as file, file.open_outline() as outline:
        assert [item.title for item in outline.root] == [
            f"Screening summary {case.reference}" for case in (first, third)
        ]
        assert len(file.pages) % 2 == 0 and "/StructParents" not in file.pages[0].obj
    assert printed_at(first) and printed_at(third) and not printed_at(second)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_job_that_is_cancelled_under_way_stops_and_keeps_what_is_made(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [submit_case() for _ in range(3)]
    desk = sign_in(Role.FRONT_DESK)
    job = ask(desk, {"case": [case.reference for case in cases]})
    monkeypatch.setattr(printing, "WORD", timedelta(0))
    monkeypatch.setattr(summaries, "IN_FLIGHT", 0)
    made = []

    def after_one(more: int) -> None:
        made.append(more)
        desk.send(f"{job}/cancel", page=CASES)

    job_id = db.session.scalars(select(PrintJob.id)).one()
    printing.make(job_id=job_id, by=SYSTEM, progress=after_one)
    assert made == [1] and "you cancelled it" in desk.get(job).text
    assert summaries.is_ready(case_id=cases[0].id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_prints_all_of_today(app: Flask, add_staff: Callable[[Role], User], tmp_path: Path) -> None:
    case = submit_case()
    email, admin = add_staff(Role.FRONT_DESK).email, add_staff(Role.ADMIN).email
    run, file = app.test_cli_runner().invoke, tmp_path / "today.pdf"
    assert "may print cases" in run(args=["print-cases", str(file), "--email", admin]).output
    made = run(args=["print-cases", str(file), "--email", email])
    assert made.exit_code == 0 and "ready to print" in made.output, made.output
    assert file.stat().st_mode & 0o777 == 0o600 and "Screening summary" in all_text(file.read_bytes())
    assert printed_at(case)
    assert "All of today is printed" in run(args=["print-cases", str(file), "--email", email]).output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_leaves_no_half_file(
    app: Flask, add_staff: Callable[[Role], User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_case()
    email, file = add_staff(Role.FRONT_DESK).email, tmp_path / "today.pdf"
    monkeypatch.setattr(print_pieces, "PIECE_BYTES", 1)
    read = print_pieces._read
    monkeypatch.setattr(print_pieces, "_read", lambda job_id, attempt, count: read(job_id, attempt, count + 1))
    said = app.test_cli_runner().invoke(args=["print-cases", str(file), "--email", email])
    assert said.exit_code == 1 and "Summaries" in said.output and not file.exists()
