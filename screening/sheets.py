"""Many summaries as one file to print: each begins on a sheet of its own, also where both sides are printed on.

The file is for the printer. Its pages carry no tags: a tree of all would hold hundreds of thousands of elements. Who
reads with a screen reader opens a summary by itself. What is left of the standards that a summary keeps to is PDF/A-3u.

The library keeps all of a file until it is saved, 0.3 MB for each summary. Here it reads summaries and gives what they
consist of new numbers; each is then written as it stands and forgotten, so that memory hardly grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from io import BytesIO
from itertools import pairwise

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

TITLE = "Screening summaries"
OF_TAGS = (Name.StructParents, Name.Tabs)
"""What a page says of the tags that it leaves behind."""
HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
"""Four bytes above 127 tell other programs that this is no text (ISO 32000-1, 7.5.2)."""


def one_file(pdfs: Iterable[bytes]) -> Iterator[bytes]:
    """One PDF of one summary or more, bit by bit, with a bookmark for each.

    One with an odd number of pages gets a blank one at its end.
    """
    whole = _Whole()
    for pdf in pdfs:
        with Pdf.open(BytesIO(pdf)) as part:
            whole.add(part)
        yield whole.taken()
    whole.end()
    yield whole.taken()


class _Whole:
    """A file under way. `_numbers` is a PDF that gives each object its number, and is empty where it was written."""

    def __init__(self) -> None:
        self._out, self._length, self._digest = bytearray(), 0, sha256()
        self._numbers = Pdf.new()
        self._offsets: dict[int, int] = {}
        """Where in the file each object begins, by its number."""
        self._pages: list[Object] = []
        self._bookmarks: list[Object] = []
        self._outline = self._numbers.make_indirect(Dictionary(Type=Name.Outlines))
        self._write(HEADER)

    def taken(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._out)
        self._out.clear()
        return taken

    def add(self, part: Pdf) -> None:
        """The pages of a summary, which is changed."""
        root, last = self._numbers.Root, (self._bookmarks or [self._outline])[-1]
        if Name.OutputIntents not in root:
            # What colours mean, which all summaries say alike.
            root.OutputIntents = self._numbers.copy_foreign(part.make_indirect(part.Root.OutputIntents))
        pages = [self._copied(page.obj) for page in part.pages]
        if len(pages) % 2:
            blank = Dictionary(Type=Name.Page, Parent=root.Pages, MediaBox=pages[-1].MediaBox, Resources=Dictionary())
            pages.append(self._numbers.make_indirect(blank))
        title = String(str(part.docinfo.get(Name.Title, "")))
        bookmark = Dictionary(Title=title, Parent=self._outline, Dest=Array([pages[0], Name.Fit]))
        self._bookmarks.append(self._numbers.make_indirect(bookmark))
        self._pages += pages
        self._write_objects(range(last.objgen[0] + 1, self._bookmarks[-1].objgen[0]))

    def end(self) -> None:
        """All that is about the whole, and where everything stands."""
        root, outline = self._numbers.Root, self._outline
        root.Pages.Kids, root.Pages.Count = Array(self._pages), len(self._pages)
        root.Outlines = outline
        outline.First, outline.Last, outline.Count = self._bookmarks[0], self._bookmarks[-1], len(self._bookmarks)
        for one, after in pairwise(self._bookmarks):
            one.Next, after.Prev = after, one
        root.Lang = String("en")
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        with self._numbers.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata.update({"dc:title": TITLE, "pdfaid:part": "3", "pdfaid:conformance": "U"})
        self._write_objects(number for number in range(1, self._size()) if number not in self._offsets)
        self._write_table()

    def _copied(self, page: Object) -> Object:
        for name in (*OF_TAGS, Name.Parent):
            if name in page:
                del page[name]
        copied = self._numbers.copy_foreign(page)
        copied.Parent = self._numbers.Root.Pages
        return copied

    def _size(self) -> int:
        return len(self._numbers.objects) + 1

    def _write_objects(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            one = self._numbers.get_object(number, 0)
            self._offsets[number] = self._length
            self._write(b"%d 0 obj\n" % number)
            if isinstance(one, Stream):
                self._write(b"%b\nstream\n%b\nendstream" % (one.stream_dict.unparse(), one.read_raw_bytes()))
            else:
                self._write(one.unparse(resolved=True))
            self._write(b"\nendobj\n")
            # Its number stays. The library names no other way to let go of what stands under one.
            self._numbers._replace_object((number, 0), Dictionary())

    def _write_table(self) -> None:
        begins, size = self._length, len(self._offsets) + 1
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        self._write(b"".join(b"%010d 00000 n \n" % self._offsets[number] for number in range(1, size)))
        mark = b"<%b>" % self._digest.hexdigest()[:32].encode()
        self._write(b"trailer\n<< /Size %d /Root %b /ID [ %b %b ] >>\n" % (size, self._root(), mark, mark))
        self._write(b"startxref\n%d\n%%%%EOF\n" % begins)

    def _root(self) -> bytes:
        return self._numbers.trailer[Name.Root].unparse()

    def _write(self, data: bytes) -> None:
        self._out += data
        self._digest.update(data)
        self._length += len(data)
