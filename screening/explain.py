"""explain-case: what the rules say of answers in a file. Needs no database and no clinic."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import click

import rules

_BLANK = b" \t\r\n"
_LONGEST_NUMBER = 18
"""Digits that no allowed number comes near; longer ones would cost time to read."""


class InputError(click.ClickException):
    """Something wrong in the input: one line on standard error, exit status 2."""

    exit_code = 2

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(f"{json.dumps(key)[:40]} is there twice; each id is allowed once")
        self.key = key


@click.command("explain-case")
@click.argument("file", type=click.File("rb"))
def explain_case(file: BinaryIO) -> None:
    """Assess the answers in FILE ("-" is standard input): one JSON object, or one a line.

    Prints one JSON object a line: tier, findings, what is incomplete, contradictory or out of scope. Every line is
    checked before anything is printed.
    """
    try:
        ruleset = rules.load()
    except rules.RuleError as error:
        raise click.ClickException(str(error)) from error
    for answers in read_cases(file.read(), ruleset):
        click.echo(json.dumps(ruleset.assess(answers).to_json()))


def read_cases(data: bytes, ruleset: rules.RuleSet) -> list[dict[str, Any]]:
    """All objects in the input, checked. Raises InputError at the first that is not allowed."""
    cases = []
    for line, chunk in _chunks(data.removeprefix(codecs.BOM_UTF8)):
        answers = _decode(line, chunk)
        try:
            ruleset.check_answers(answers)
        except rules.AnswerError as error:
            raise InputError(line + _lines_before(error.field, chunk), str(error)) from error
        cases.append(answers)
    return cases


def _chunks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The objects in the input, each with its first line, from 1: one a line, or one over all lines."""
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip(_BLANK)]
    if len(lines) > 1 and _is_one_object(data, [line for _, line in lines]):
        yield 1, data
    else:
        yield from lines


def _is_one_object(data: bytes, lines: list[bytes]) -> bool:
    """Whether many lines are one object. Of a malformed one, indented lines after an unfinished first one tell."""
    if _parses(data):
        return True
    return not _parses(lines[0]) and not any(line.startswith(b"{") for line in lines[1:])


def _parses(data: bytes) -> bool:
    try:
        json.loads(data.decode(errors="replace"), parse_int=_whole)
    except (ValueError, RecursionError):
        return False
    return True


def _whole(digits: str) -> int | float:
    """A whole number. One too long to be an answer becomes infinity, which every check refuses by its id."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKeyError(key)
        found[key] = value
    return found


def _decode(line: int, chunk: bytes) -> dict[str, Any]:
    try:
        # NaN and Infinity come out as numbers that every check refuses by their id.
        answers = json.loads(chunk.decode(), parse_int=_whole, object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise InputError(line + chunk[: error.start].count(b"\n"), "is not UTF-8, the only encoding allowed") from error
    except json.JSONDecodeError as error:
        raise InputError(line + error.lineno - 1, f"malformed JSON: {error.msg}, column {error.colno}") from error
    except _DuplicateKeyError as error:
        raise InputError(line + _lines_before(error.key, chunk, nth=2), str(error)) from error
    except RecursionError as error:
        raise InputError(line, "malformed JSON: nested too deeply") from error
    if type(answers) is not dict:
        raise InputError(line, "must be one JSON object of answers by question id")
    return answers


def _lines_before(key: str, chunk: bytes, nth: int = 1) -> int:
    """How many lines of an object come before the line on which a key stands (for the nth time)."""
    found = list(re.finditer(re.escape(json.dumps(key)).encode() + rb"\s*:", chunk))
    return chunk[: found[nth - 1].start()].count(b"\n") if len(found) >= nth else 0
