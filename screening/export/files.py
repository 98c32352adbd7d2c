"""Tables as files, in parts, so that no more than one batch is ever in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from screening.export.tables import Exported, Kind, Table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for something else."""

Batches = Iterable[Sequence[Exported]]


@dataclass(frozen=True)
class Format:
    id: str
    title: str
    mimetype: str
    parts: Callable[[Table, Batches], Iterator[bytes]]


def harmless(cell: Any) -> str:
    """A cell as text that no spreadsheet runs: a text that begins like a formula gets an apostrophe before it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA_STARTS) else text


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as lines, with harmless cells."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def csv_parts(table: Table, batches: Batches) -> Iterator[bytes]:
    head = [column.name for column in table.columns]
    yield (BYTE_ORDER_MARK + csv_text([head])).encode()
    for batch in batches:
        yield csv_text(row for exported in batch for row in table.of(exported)).encode()


def parquet_parts(table: Table, batches: Batches) -> Iterator[bytes]:
    """A Parquet file with one row group a batch."""
    # Loading it takes a third of a second, which only this format is worth.
    import pyarrow
    from pyarrow import parquet

    types = {
        Kind.TEXT: pyarrow.string(),
        Kind.WHOLE: pyarrow.int32(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.YES_NO: pyarrow.bool_(),
        Kind.MOMENT: pyarrow.timestamp("us", tz="UTC"),
        Kind.DAY: pyarrow.date32(),
    }
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in table.columns])
    sink = _Drained()
    with parquet.ParquetWriter(sink, schema) as writer:
        for batch in batches:
            rows = [row for exported in batch for row in table.of(exported)]
            columns = list(zip(*rows, strict=True)) or [()] * len(schema)
            arrays = [pyarrow.array(cells, part.type) for cells, part in zip(columns, schema, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            yield sink.drain()
    yield sink.drain()


class _Drained(io.RawIOBase):
    """Takes what a writer writes, and gives it away bit by bit."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._waiting += part
        self._written += len(part)
        return len(part)

    def tell(self) -> int:
        return self._written

    def drain(self) -> bytes:
        part = bytes(self._waiting)
        self._waiting.clear()
        return part


FORMATS = {
    given.id: given
    for given in (
        Format("csv", "CSV, for a spreadsheet", "text/csv", csv_parts),
        Format("parquet", "Parquet, for a statistics program", "application/vnd.apache.parquet", parquet_parts),
    )
}
