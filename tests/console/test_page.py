"""The page in Chromium: a person plays it with the keyboard alone; it is readable, quiet and accessible."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.console.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 30_000
MOST_TABS = 120


class Person:
    """Somebody who has a keyboard and no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.noise: list[str] = []
        page.on(
            "console",
            lambda line: self.noise.append(line.text) if line.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.on("requestfailed", self._failed)
        page.set_default_timeout(PATIENCE)

    def _failed(self, request: Any) -> None:
        if not request.url.endswith("/events"):  # cut by closing the page
            self.noise.append(f"failed: {request.url}")

    async def opens(self, url: str) -> None:
        await self.page.goto(url)
        await expect(self.page.locator("#queues .count").first).to_be_visible(timeout=PATIENCE)

    async def reaches(self, selector: str, key: str = "Tab") -> None:
        """Press Tab until the element has the focus."""
        wanted = self.page.locator(selector).first
        await expect(wanted).to_be_visible(timeout=PATIENCE)
        for _ in range(MOST_TABS):
            if await wanted.evaluate("element => element === document.activeElement"):
                return
            await self.page.keyboard.press(key)
        raise AssertionError(f"{selector} cannot be reached with {key}")

    async def presses(self, selector: str) -> None:
        """Reach a button and press it as soon as it can be pressed."""
        await expect(self.page.locator(selector).first).not_to_have_attribute(
            "aria-disabled", "true", timeout=PATIENCE
        )
        await self.reaches(selector)
        await self.page.keyboard.press("Enter")

    async def sees(self, selector: str, text: str = "") -> None:
        found = self.page.locator(selector).first
        await expect(found).to_be_visible(timeout=PATIENCE)
        if text:
            await expect(found).to_contain_text(text, timeout=PATIENCE)


@pytest_asyncio.fixture(loop_scope="module")
async def person(browser: Browser, house: House) -> AsyncIterator[Person]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    somebody = Person(await context.new_page())
    await somebody.opens(house.url)
    yield somebody
    await context.close()
    assert somebody.noise == []


CARD = ".record[aria-pressed='true']"


async def test_success_with_the_keyboard_alone(person: Person) -> None:
    await person.presses("[data-act=birth]")
    await person.sees(f".opencrvs {CARD}.declared")
    await person.presses("[data-act=register]")
    await person.sees(f".nid {CARD}.processing")
    await person.sees("#screen", "Waiting for the ID system")
    await person.sees("[data-queue=in-external-validation] .count", "1")
    await person.presses("[data-act=issue]")
    await person.sees(f".opencrvs {CARD}.registered")
    await person.sees("#screen", "Registration number")
    await person.sees("#now", "is registered in OpenCRVS")
    rows = person.page.locator("#rows .row:visible .words")
    await expect(rows.filter(has_text="clicks Register")).to_be_visible()
    await expect(rows.filter(has_text="brings the sealed ID")).to_be_visible()
    await expect(rows.filter(has_text="confirms: registered")).to_be_visible()
    await person.presses("[data-act=again]")
    await expect(rows.filter(has_text="brings the sealed ID")).to_have_count(2, timeout=PATIENCE)
    await person.sees(f".opencrvs {CARD}.registered")


async def test_rejection_with_the_keyboard_alone(person: Person) -> None:
    await person.presses("[data-act=birth]")
    await person.sees(f".opencrvs {CARD}.declared")
    await person.presses("[data-act=register]")
    await person.sees(f".nid {CARD}.processing")
    await person.presses("[data-act=reject]")
    await person.sees("dialog[open]")
    await expect(person.page.locator("#reason")).to_be_focused()
    await person.page.keyboard.press("Escape")
    await expect(person.page.locator("dialog[open]")).to_have_count(0)
    await expect(person.page.locator("[data-act=reject]")).to_be_focused()
    await person.page.keyboard.press("Enter")
    await person.page.keyboard.type("Known under another name")
    await person.page.keyboard.press("Enter")
    await person.sees(f".opencrvs {CARD}.rejected")
    await person.sees("#screen", "Rejected")
    await expect(person.page.locator("#now")).to_contain_text("registrar", timeout=PATIENCE)


async def test_the_stalled_record_with_the_keyboard_alone(person: Person) -> None:
    await person.presses("[data-act=birth]")
    await person.sees(f".opencrvs {CARD}.declared")
    await person.presses("[data-act=register]")
    await person.sees(f".nid {CARD}.processing")
    await person.presses("[data-act=stall]")
    await person.sees(f".nid {CARD}.silent")
    for _ in range(2):
        await person.presses("[data-seconds='604800']")
        await expect(person.page.locator("[data-seconds='604800']")).not_to_have_attribute(
            "aria-busy", "true"
        )
    await person.presses("[data-seconds='86400']")
    await person.sees(f".bridge {CARD}.stuck")
    await person.sees("#people", "never answered")
    await person.presses("#people [data-operate=reject]")
    await person.sees("dialog[open]")
    await person.page.keyboard.type("No answer in two weeks")
    await person.page.keyboard.press("Enter")
    await person.sees(f".opencrvs {CARD}.rejected")
    await person.sees("#people", "Nothing waits")


async def test_what_others_do_arrives_live(person: Person, house: House) -> None:
    status, answer = await house.act("declare", {"event": "death"})
    assert status == 200, answer
    await person.sees(f"[data-record='{answer['record']}'].declared")
    await person.sees("#now", "declared the death")
    await house.act("line", {"line": "nid", "cut": True})
    await person.sees("#wire-nid.cut")
    await house.act("line", {"line": "nid", "cut": False})
    await expect(person.page.locator("#wire-nid.cut")).to_have_count(0, timeout=PATIENCE)
    await house.act("restart-bridge", {})
    await person.sees("#now", "The bridge is back")


async def test_what_cannot_be_done_is_explained(person: Person, house: House) -> None:
    await house.act("declare", {"event": "birth"})
    await person.sees(f".opencrvs {CARD}.declared")
    await person.reaches("[data-act=issue]")
    await person.page.keyboard.press("Enter")
    await person.sees("#trouble", "Register the record first")
    await person.reaches("#trouble-close", "Shift+Tab")
    await person.page.keyboard.press("Enter")
    await expect(person.page.locator("#trouble")).to_be_hidden()


async def test_french_is_one_key_away_and_stays(person: Person) -> None:
    await person.presses("[data-language=fr]")
    await person.sees("h1", "Répétition")
    await expect(person.page.locator("html")).to_have_attribute("lang", "fr")
    await person.page.reload()
    await person.sees("#stage [data-act=birth]", "Déclarer une naissance")
    await person.presses("[data-language=en]")
    await person.sees("h1", "Registration rehearsal")


async def test_a_saved_session_is_played_again(person: Person, house: House) -> None:
    await house.act("declare", {"event": "birth"})
    async with house.http.get(f"{house.url}/session.ndjson") as answer:
        saved = await answer.read()
    file = {"name": "session.ndjson", "mimeType": "application/x-ndjson", "buffer": saved}
    await person.page.locator("#open").set_input_files(file)
    await person.sees("#replaybar", "a saved session")
    await expect(person.page.locator("#replay-toggle")).to_be_focused()
    await person.page.keyboard.press("Enter")
    await person.presses("[data-play=last]")
    await person.sees(".opencrvs .record.declared")
    await expect(person.page.locator("[data-act=birth]")).to_be_hidden()
    await person.presses("[data-play=first]")
    await expect(person.page.locator(".record")).to_have_count(0)
    await person.presses("#replay-leave")
    await person.sees("[data-act=birth]")
    await person.sees(".opencrvs .record.declared")


async def test_a_run_of_the_engine_is_played_again(person: Person) -> None:
    at = "2026-03-02T08:00:00.000Z"
    asked = {
        "sender": "OpenCRVS",
        "receiver": "bridge",
        "operation": "trigger.REGISTER",
        "what": "asks about REGISTER",
        "status": 202,
        "target": "POST /x",
    }
    story = {"name": "one", "title": "The first story"}
    events = [
        {"event": "ScenarioStarted", "at": at, "story": story},
        {"event": "Told", "at": at, "who": "operator", "text": "looks at the list"},
        {"event": "Exchanged", "at": at, **asked},
        {"event": "Checked", "at": at, "text": "the record waits", "met": True},
        {"event": "ScenarioEnded", "at": at, "story": "one", "outcome": "passed"},
    ]
    text = "\n".join(json.dumps(event) for event in events).encode()
    file = {"name": "run.ndjson", "mimeType": "application/x-ndjson", "buffer": text}
    await person.page.locator("#open").set_input_files(file)
    await person.sees("#replay-showing", "The first story")
    await person.presses("[data-play=last]")
    await person.sees(".bridge .record", "The first story")
    await person.sees(".lanes .operator", "Operator")
    await person.sees("#rows", "Expected and seen: the record waits")
    await expect(person.page.locator("#screen")).to_be_hidden()
    assert "undefined" not in await person.page.inner_text("body")
    bad = {"name": "x.txt", "mimeType": "text/plain", "buffer": b"hello"}
    await person.page.locator("#open").set_input_files(bad)
    await person.sees("#trouble", "no rehearsal that can be played")
    # the browser itself tells of the refused request: it was provoked here
    person.noise[:] = [line for line in person.noise if "400" not in line]


VIEWS = [(1280, 900, ""), (1920, 1080, "?view=presenter"), (360, 780, ""), (1280, 900, "?lang=fr")]


@pytest.mark.parametrize(("width", "height", "query"), VIEWS)
async def test_axe_finds_nothing_serious(
    browser: Browser, house: House, axe: str, width: int, height: int, query: str
) -> None:
    await house.act("line", {"line": "nid", "cut": True})
    await house.act("declare", {"event": "birth"})
    context = await browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", locale="en-GB"
    )
    try:
        somebody = Person(await context.new_page())
        await somebody.opens(house.url + query)
        await somebody.sees(".record.declared")
        for opened in (False, True):
            if opened:
                await somebody.page.evaluate("document.getElementById('reject').showModal()")
            await somebody.page.evaluate(axe)
            found = await somebody.page.evaluate("axe.run()")
            serious = [
                (issue["id"], [node["target"] for node in issue["nodes"]])
                for issue in found["violations"]
                if issue["impact"] in ("serious", "critical")
            ]
            assert serious == []
        assert somebody.noise == []
    finally:
        await house.act("line", {"line": "nid", "cut": False})
        await context.close()


@pytest.mark.parametrize("query", ["", "?lang=fr", "?view=presenter"])
async def test_a_phone_needs_no_sideways_scrolling(browser: Browser, house: House, query: str) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 780}, locale="en-GB")
    try:
        somebody = Person(await context.new_page())
        await somebody.opens(house.url + query)
        assert await somebody.page.evaluate("document.documentElement.scrollWidth") <= 360
        small = await somebody.page.evaluate(
            """[...document.querySelectorAll('button, .button')].filter(one => one.offsetParent
                && one.getBoundingClientRect().height < 40).map(one => one.textContent)"""
        )
        assert small == []
    finally:
        await context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768), (1920, 1080)])
async def test_the_presenter_shows_the_whole_picture_and_the_newest_step(
    browser: Browser, house: House, width: int, height: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    try:
        page = await context.new_page()
        await page.goto(f"{house.url}/?view=presenter")
        assert (await house.act("declare", {"event": "birth"}))[0] == 200
        await page.wait_for_selector(".record.declared")
        await page.wait_for_function(
            "d => (d = document.getElementById('diagram')).scrollTop + d.clientHeight > d.scrollHeight - 5"
        )
        high, scrolls = await page.evaluate(
            "[document.getElementById('diagram').clientHeight, document.body.scrollHeight > innerHeight]"
        )
        assert high >= 180 and not scrolls
        assert await page.is_visible(".badge")
    finally:
        await context.close()


async def test_whoever_wants_no_motion_gets_none(browser: Browser, house: House) -> None:
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB")
    try:
        somebody = Person(await context.new_page())
        await somebody.opens(house.url)
        await house.act("declare", {"event": "birth"})
        await somebody.sees(f".opencrvs {CARD}.declared")
        await house.act("line", {"line": "opencrvs", "cut": True})
        await somebody.sees("#wire-opencrvs.cut")
        assert await somebody.page.evaluate("document.getAnimations().length") == 0
    finally:
        await house.act("line", {"line": "opencrvs", "cut": False})
        await context.close()


async def test_the_page_asks_nobody_else(browser: Browser, house: House) -> None:
    context = await browser.new_context(locale="en-GB")
    try:
        asked: list[str] = []
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        await Person(page).opens(house.url)
        assert asked
        assert [url for url in asked if not url.startswith(house.url)] == []
    finally:
        await context.close()


async def test_a_name_in_another_direction_keeps_the_sentence_in_order(person: Person, house: House) -> None:
    """What stands behind an Arabic name is drawn behind it, and a name of a card stands where names stand."""
    name = {"firstname": "فاطمة", "surname": "بن علي"}
    await person.opens(f"{house.url}/?lang=en")
    declared = {"child": name}
    async with house.http.post(
        f"{house.servers.opencrvs.gateway_url}/admin/script/declare", json=declared
    ) as answer:
        assert answer.status == 201
    await person.sees("#system-opencrvs .who", "فاطمة بن علي")
    card = person.page.locator("#system-opencrvs .record", has_text="فاطمة").first
    who, kind = card.locator(".who"), card.locator(".kind")
    assert (await who.bounding_box() or {})["x"] == (await kind.bounding_box() or {})["x"]
    drawn = await person.page.evaluate(
        """async who => {
            const { t } = await import("/static/texts.js");
            const line = document.createElement("p");
            line.style.display = "inline-block";
            line.textContent = t("chosen", { who }) + " (7";
            document.body.append(line);
            const text = line.firstChild;
            const left = at => {
              const range = document.createRange();
              range.setStart(text, at);
              range.setEnd(text, at + 1);
              return range.getBoundingClientRect().left;
            };
            const seen = [left(text.length - 1), left(text.data.indexOf(who))];
            line.remove();
            return seen;
        }""",
        " ".join(name.values()),
    )
    assert drawn[0] > drawn[1], "the number stands on the right of the name"
