"""The body map, as a reader and a screen reader meet it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

import rules
from screening.bodymap import BACK, FRONT, MIDDLE, body_map, regions_drawn

SVG = "{http://www.w3.org/2000/svg}"


def marked(regions: list[str]) -> list[str]:
    drawing = ElementTree.fromstring(body_map(regions, "Marked: something."))  # noqa: S314
    return [part.attrib["data-region"] for part in drawing.iter(f"{SVG}g") if "data-region" in part.attrib]


def test_every_region_of_the_question_has_its_place() -> None:
    assert regions_drawn() == set(rules.load().fields["pain_regions"].codes) - {"none", "other"}


@pytest.mark.parametrize("region", sorted(regions_drawn()))
def test_a_region_is_marked_alone(region: str) -> None:
    assert set(marked([region])) == {region}


def test_regions_without_a_place_mark_nothing() -> None:
    assert marked(["none", "other"]) == []


def test_left_is_the_persons_own_left() -> None:
    for side, other in (("l", "r"), ("r", "l")):
        assert (FRONT[f"foot_{side}"].right <= MIDDLE) == (side == "r")
        assert (BACK[f"foot_{side}"].right <= MIDDLE) == (side == "l")
        assert FRONT[f"foot_{side}"] == BACK[f"foot_{other}"]


def test_a_mark_reads_without_colour() -> None:
    drawing = ElementTree.fromstring(body_map(["low_back"], "Marked: low back."))  # noqa: S314
    mark = next(part for part in drawing.iter(f"{SVG}g") if "data-region" in part.attrib)
    hatching = next(mark.iter(f"{SVG}path")).attrib["d"]
    assert hatching.count("M") > 10
    assert [part.attrib["fill"] for part in mark.iter(f"{SVG}rect")][1] == "none"


def test_the_figure_has_a_title_and_a_description_and_no_style_of_its_own() -> None:
    drawing = body_map(["low_back"], "Marked: <low back> & more.", id_prefix="case")
    parsed = ElementTree.fromstring(drawing)  # noqa: S314
    named = {part.attrib["id"]: part.text for part in parsed.iter() if "id" in part.attrib}
    assert named["case-description"] == "Marked: <low back> & more."
    assert set(parsed.attrib["aria-labelledby"].split()) == {"case-title", "case-description"}
    assert " style=" not in drawing and "<style" not in drawing and "<script" not in drawing
