"""CEL conditions, checked when they are compiled and remembered when they are evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from cel_expr_python import cel

UNANSWERED = "unanswered"

View = Mapping[str, Any]
"""What conditions and facts see of one person, by name: text, whole number, number, truth or a tuple of codes."""

_CEL_TYPES = {
    "text": cel.Type.STRING,
    "whole": cel.Type.INT,
    "number": cel.Type.DOUBLE,
    "truth": cel.Type.BOOL,
    "codes": cel.Type.List(cel.Type.STRING),
}
_KEYWORDS = frozenset({"true", "false", "null", "in"})
_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_TOKEN = re.compile(
    r"""\s*(?:("[^"\\\n]*"|'[^'\\\n]*')|([A-Za-z_]\w*)|(\d[\w.]*)|(==|!=|&&|\|\||[<>]=?|[^\s\w"'\\]))"""
)
_CEL_ERROR = re.compile(r"<input>:(\d+):(\d+): (.*)")


class ConditionError(ValueError):
    """A condition that cannot be used. `line` counts from 0 within its text."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Name:
    """Something a condition may read: its type (a key of the CEL types), and the quoted words it may be compared with.

    `literals` is None for what is never compared with words.
    """

    type: str
    literals: frozenset[str] | None = None


def picker(names: tuple[str, ...]) -> Callable[[View], tuple[Any, ...]]:
    """What takes the values of these names out of a view, as a tuple."""
    if len(names) > 1:
        return itemgetter(*names)
    if not names:
        return lambda _view: ()
    (name,) = names
    return lambda view: (view[name],)


class Condition:
    """A compiled condition. `names` are what it reads, sorted."""

    def __init__(self, text: str, names: tuple[str, ...], expression: Any) -> None:
        self.text = text
        self.names = names
        self._expression = expression
        self._pick = picker(names)
        self._remembered = lru_cache(maxsize=4096)(self._evaluate)

    def holds(self, view: View) -> bool:
        """Whether the condition holds. Raises ArithmeticError if CEL gives anything but true or false."""
        return self._remembered(self._pick(view))

    def _evaluate(self, values: tuple[Any, ...]) -> bool:
        given = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in zip(self.names, values, strict=True)
        }
        result = self._expression.eval(data=given).value()
        # CEL hands an error back as a value that Python takes for true: its message.
        if result is not True and result is not False:
            raise ArithmeticError(f"condition {self.text!r} gave {result!r} for {given!r}")
        return result


class Vocabulary:
    """All the names that the conditions of a rule set may read."""

    def __init__(self, names: Mapping[str, Name]) -> None:
        self._names = names
        self._env = cel.NewEnv(variables={name: _CEL_TYPES[known.type] for name, known in names.items()})

    def compile(self, text: str) -> Condition:
        """Raises ConditionError for an unknown name, a type error, or a quoted word that its field cannot have."""
        tokens = _tokens(text)
        bound = _bound_names(tokens)
        read = tuple(sorted({t for i, t in enumerate(tokens) if _is_name(tokens, i) and t not in bound}))
        for name in read:
            if name not in self._names:
                raise ConditionError(f"unknown name {name!r}")
        for name in bound:
            if name in self._names:
                raise ConditionError(f"{name!r} is the name of something else")
        expression = self._compile(text)
        self._check_literals(tokens, bound, read)
        return Condition(text, read, expression)

    def _compile(self, text: str) -> Any:
        try:
            expression = self._env.compile(text)
        except RuntimeError as error:
            found = _CEL_ERROR.search(str(error))
            if found is None:
                raise ConditionError(str(error).splitlines()[0]) from error
            raise ConditionError(f"column {found[2]}: {found[3]}", int(found[1]) - 1) from error
        if expression.return_type() != cel.Type.BOOL:
            raise ConditionError("must be true or false")
        return expression

    def _check_literals(self, tokens: list[str], bound: Mapping[str, str | None], read: tuple[str, ...]) -> None:
        anywhere = {word for name in read for word in self._names[name].literals or ()}
        for index, token in enumerate(tokens):
            if token[0] not in "\"'":
                continue
            word = token[1:-1]
            owner = _compared_with(tokens, index)
            owner = bound.get(owner, owner) if owner else None  # a variable stands for its list
            known = self._names[owner].literals if owner and owner in self._names else None
            if word not in (anywhere if known is None else known):
                raise ConditionError(f"{word!r} is not a code of {owner or 'any field that is read'}")


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ConditionError(f"cannot read {text[position:].strip()[:20]!r}")
        tokens.append(match[0].strip())
        position = match.end()
    return tokens


def _is_name(tokens: list[str], index: int) -> bool:
    token = tokens[index]
    is_word = token[0].isalpha() or token[0] == "_"
    is_member = index > 0 and tokens[index - 1] == "."
    is_call = tokens[index + 1 : index + 2] == ["("] and token not in _KEYWORDS
    return is_word and token not in _KEYWORDS and not is_member and not is_call


def _bound_names(tokens: list[str]) -> dict[str, str | None]:
    """The variable of each `list.exists(variable, …)` and its like, with the name of the list, if it has one."""
    bound: dict[str, str | None] = {}
    for index, token in enumerate(tokens[:-2]):
        if token in _MACROS and index > 1 and tokens[index - 1] == "." and tokens[index + 1] == "(":
            bound[tokens[index + 2]] = tokens[index - 2] if _is_name(tokens, index - 2) else None
    return bound


def _compared_with(tokens: list[str], index: int) -> str | None:
    """The name that a quoted word is compared with: name == "x", "x" in name, name in ["x", …], name == ["x", …]."""
    after = tokens[index + 1 : index + 3]
    if len(after) == 2 and after[0] in ("==", "!=", "in") and after[1] != "[":
        return after[1]
    start = index
    while start > 0 and (tokens[start - 1][0] in "\"'" or tokens[start - 1] in ",["):
        start -= 1
    if start > 1 and tokens[start - 1] in ("==", "!=", "in"):
        return tokens[start - 2]
    return None
