"""Where it hurts: the figure to tap and the list of the same places, which show the same whichever is used."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from sqlalchemy import select

from screening.bodymap import regions_drawn
from screening.models import Draft, db
from tests.browser.conftest import DESK, PHONE, AuditPage
from tests.browser.walk import BrowserWalker
from tests.walk import person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

HERE = "pain-where"
FINGERTIP = 44


def box(page: Page, region: str) -> Locator:
    return page.locator(f'[name="pain_regions"][value="{region}"]')


def place(page: Page, region: str) -> Locator:
    """What takes the taps of a region, seen from the back."""
    return page.locator(f'[data-tap="{region}"]').last


def ticked(page: Page) -> set[str]:
    return set(page.evaluate("[...document.querySelectorAll('[name=pain_regions]:checked')].map((box) => box.value)"))


def marked(page: Page) -> set[str]:
    return set(page.evaluate("[...document.querySelectorAll('[data-marked]')].map((part) => part.dataset.region)"))


def stored() -> list[str]:
    db.session.rollback()
    answers: dict[str, list[str]] = db.session.scalars(select(Draft)).one().answers
    return answers["pain_regions"]


def bounds(target: Locator) -> FloatRect:
    found = target.bounding_box()
    assert found
    return found


def at_the_map(page: Page) -> BrowserWalker:
    """Somebody at the page that asks where it hurts, who has answered all that comes before."""
    walker = BrowserWalker(page, lambda _: None)
    walker.start(person())
    walker.skip_to(HERE, person())
    return walker


@pytest.fixture
def walker(page: Page) -> BrowserWalker:
    return at_the_map(page)


def test_given_the_figure_when_it_is_tapped_then_the_list_is_ticked_and_saved(
    walker: BrowserWalker, audit_page: AuditPage
) -> None:
    page = walker.page
    for region in sorted(regions_drawn()):
        place(page, region).click()
        assert ticked(page) == marked(page) == {region}
        place(page, region).click()
        assert ticked(page) == marked(page) == set()

    place(page, "low_back").click()
    page.locator('[data-tap="calf_l"]').first.click()
    expect(box(page, "calf_l")).to_be_checked()
    audit_page(page)
    walker.press("Continue")
    assert stored() == ["low_back", "calf_l"]

    page.goto(f"/screening/{HERE}")
    assert marked(page) == ticked(page) == {"low_back", "calf_l"}


def test_given_the_list_when_it_is_ticked_then_the_figure_shows_it(walker: BrowserWalker) -> None:
    page = walker.page
    box(page, "neck").check()
    box(page, "foot_r").check()
    box(page, "other").check()
    assert marked(page) == {"neck", "foot_r"}
    box(page, "neck").uncheck()
    assert marked(page) == {"foot_r"}

    box(page, "none").check()
    assert (ticked(page), marked(page)) == ({"none"}, set())
    place(page, "thigh_r").click()
    assert ticked(page) == marked(page) == {"thigh_r"}


def test_given_the_keyboard_alone_then_the_list_is_reached_and_the_figure_never_is(walker: BrowserWalker) -> None:
    page = walker.page
    page.get_by_role("link", name="Back").focus()
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.value ?? document.activeElement.textContent.trim()"))
        if reached[-1] in {"upper_back", "buttock_l"}:
            page.keyboard.press("Space")
    assert reached[:3] == ["neck", "upper_back", "low_back"] and reached[12] == "none"
    assert page.evaluate("document.activeElement.type") == "submit"
    assert marked(page) == {"upper_back", "buttock_l"}
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert stored() == ["upper_back", "buttock_l"]


def test_given_a_finger_on_the_smallest_phone_then_every_place_is_as_large_as_a_fingertip(
    chromium: Browser, live_server: str
) -> None:
    context = chromium.new_context(base_url=live_server, viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    walker = at_the_map(page)
    for state in ("plain", "error"):
        if state == "error":
            walker.press("Continue")
        targets = {target.get_attribute("data-tap"): bounds(target) for target in page.locator("[data-tap]").all()}
        assert targets.keys() == regions_drawn()
        small = [name for name, size in targets.items() if min(size["width"], size["height"]) < FINGERTIP]
        assert small == [], state
        assert all(size["x"] >= 0 and size["x"] + size["width"] <= PHONE["width"] for size in targets.values())
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    place(page, "buttock_r").tap()
    place(page, "neck").tap()
    assert ticked(page) == marked(page) == {"buttock_r", "neck"}
    walker.press("Continue")
    assert stored() == ["neck", "buttock_r"]
    context.close()


def test_marks_are_seen_without_colour_and_in_the_colours_that_a_person_chose(walker: BrowserWalker) -> None:
    page = walker.page
    page.set_viewport_size(DESK)
    box(page, "low_back").check()
    looks = """(region) => ['shade', 'hatching', 'edge'].map((part) => {
      const style = getComputedStyle(document.querySelector(`[data-region=${region}] .app-map__${part}`));
      return [style.visibility, style.fill, style.stroke, style.strokeWidth];
    })"""
    for media in ({}, {"color_scheme": "dark"}, {"color_scheme": "light", "forced_colors": "active"}):
        page.emulate_media(**media)  # type: ignore[arg-type]
        shade, hatching, edge = page.evaluate(looks, "low_back")
        plain_shade, plain_hatching, plain_edge = page.evaluate(looks, "upper_back")
        assert (shade[0], hatching[0], plain_shade[0], plain_hatching[0]) == ("visible", "visible", "hidden", "hidden")
        assert hatching[2] != shade[1] and float(edge[3].rstrip("px")) > 2 * float(plain_edge[3].rstrip("px")), media
