"""A real Chromium against the application, served by threads of the test itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from screening.access import Role
from screening.models import User
from tests.conftest import Browser as HttpBrowser
from tests.conftest import let_in, new_browser

HOST = "127.0.0.1"
CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Chromium without its window: the same pages for two thirds of the processor time."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page of a second is gone before compiling its code to run fast has paid: a fifth of what axe took.
    "--js-flags=--no-maglev,--no-turbofan",
]
PHONE: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN_AXE = """(options) => axe.run(options).then(({ violations, passes }) => ({ violations, passes: passes.length }))"""

AuditPage = Callable[[Page], None]
SignInPage = Callable[[Role], Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the application, without a slash at its end."""
    server = make_server(HOST, 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def new_page(chromium: Browser, live_server: str) -> Iterator[Callable[[], Page]]:
    """new_page() opens a browser of its own, with cookies of its own, on a phone of 320 pixels.

    The test fails if any page logged an error, threw one, or asked for something that it did not get.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page() -> Page:
        context = chromium.new_context(base_url=live_server, viewport=PHONE, locale="en-US")
        contexts.append(context)
        page = context.new_page()
        _listen(page, faults)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    return new_page()


@pytest.fixture
def sign_in_page(app: Flask, new_page: Callable[[], Page], add_staff: Callable[[Role], User]) -> SignInPage:
    """sign_in_page(role) gives a page, wide as a desk's, where a new account of that role has signed in.

    Nobody is shown the pages for it: test_sign_in.py looks at those.
    """

    def as_role(role: Role) -> Page:
        user = add_staff(role)
        page = new_page()
        page.set_viewport_size(DESK)
        client = new_browser(app)
        client.environ_base["HTTP_USER_AGENT"] = page.evaluate("navigator.userAgent")
        let_in(client, user)
        set_session(page, client)
        page.goto("/staff/")
        return page

    return as_role


def set_session(page: Page, client: HttpBrowser) -> None:
    """Let a page go on with the session of a client over HTTP."""
    held = client.get_cookie("session")
    assert held is not None
    page.context.add_cookies([{"name": "session", "value": held.value, "domain": HOST, "path": "/", "httpOnly": True}])


def run_axe(page: Page) -> list[str]:
    """What axe finds on a page as it is now, in words."""
    if not page.evaluate("'axe' in window"):
        # To send its half a megabyte takes longer than to compile it, so it stays for what this page shows later.
        # Left open until its context closes: to detach would end a virtual authenticator of the page.
        session = page.context.new_cdp_session(page)
        session.send("Page.enable")
        session.send("Page.addScriptToEvaluateOnNewDocument", {"source": AXE_SCRIPT, "runImmediately": True})
    results = page.evaluate(RUN_AXE, {"runOnly": STANDARD, "resultTypes": ["violations"], "selectors": False})
    assert results["passes"] > 0, "axe checked nothing"
    return [
        f"{fault['id']}: {node['html']} {node['failureSummary']}"
        for fault in results["violations"]
        for node in fault["nodes"]
    ]


def assert_fits_a_phone(page: Page) -> None:
    before = page.viewport_size or DESK
    if before != PHONE:
        page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    if before != PHONE:
        page.set_viewport_size(before)
    assert width <= PHONE["width"], f"{page.url} is {width} pixels wide on a phone"


@pytest.fixture
def audit_page() -> AuditPage:
    """audit_page(page) asserts that axe finds no barrier and that nothing scrolls sideways at 320 pixels."""

    def audit(page: Page) -> None:
        assert run_axe(page) == [], f"barriers on {page.url}"
        assert_fits_a_phone(page)

    return audit


def _listen(page: Page, faults: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        # A page that answers 4xx is told by its own test; the browser's word about it is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(f"console on {page.url}: {message.text}")

    def on_failure(request: Request) -> None:
        # Leaving a page, or a download, ends requests that were under way.
        if request.failure != "net::ERR_ABORTED":
            faults.append(f"{request.url}: {request.failure}")

    def on_response(response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and not response.request.is_navigation_request()):
            faults.append(f"{response.url}: {response.status}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"error on {page.url}: {error}"))
    page.on("requestfailed", on_failure)
    page.on("response", on_response)
