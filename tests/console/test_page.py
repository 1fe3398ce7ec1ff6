"""The page in Chromium: a person plays it with the keyboard alone; it is readable, quiet and accessible."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from mock_nid.processing.manual_verification import Case, IdentityChange
from scenarios.console import app
from scenarios.console.settings import Settings
from scenarios.stage.credentials import OPERATIONS_TOKEN
from tests.console.conftest import House
from tests.console.person import Person, held
from tests.sizes import examples

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seat(browser: Browser) -> AsyncIterator[Person]:
    """One window for all who come: to open another takes a second of the processor."""
    # what moves is drawn by the processor here, sixty times a second
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB")
    yield Person(await context.new_page())
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def person(seat: Person, house: House) -> AsyncIterator[Person]:
    """Somebody for whom the page is new, and no line is cut."""
    await seat.page.goto("about:blank")  # what the page still asks is cut off here
    await house.act("afresh", {})
    await seat.page.emulate_media(media="screen")
    await seat.page.set_viewport_size({"width": 1280, "height": 900})
    seat.noise.clear()
    await seat.opens(house.url)
    yield seat
    await seat.page.evaluate("localStorage.clear()")
    assert seat.noise == []


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
    await expect(rows.filter(has_text="brings the sealed ID")).to_have_count(2)
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
    await expect(person.page.locator("#now")).to_contain_text("registrar")


async def test_the_stalled_record_with_the_keyboard_alone(person: Person) -> None:
    await person.presses("[data-act=birth]")
    await person.sees(f".opencrvs {CARD}.declared")
    await person.presses("[data-act=register]")
    await person.sees(f".nid {CARD}.processing")
    await person.presses("[data-act=stall]")
    await person.sees(f".nid {CARD}.silent")
    for _ in range(2):
        await person.presses("[data-seconds='604800']")
    await person.presses("[data-seconds='86400']")
    await person.sees(f".bridge {CARD}.stuck")
    await person.sees("#people", "never answered")
    await person.presses("#people [data-operate=reject]")
    await person.sees("dialog[open]")
    await person.page.keyboard.type("No answer in two weeks")
    await person.page.keyboard.press("Enter")
    await person.sees(f".opencrvs {CARD}.rejected")
    await person.sees("#people [data-operate=register]", "Correct and register again")


async def test_manual_verification_with_the_keyboard_alone(person: Person) -> None:
    await person.presses("[data-act=birth]")
    await person.sees(f".opencrvs {CARD}.declared")
    await person.reaches("[data-act=ask-change]")
    await person.page.keyboard.press("Enter")
    await person.sees("#trouble", "nothing to ask about the identity")
    await person.presses("[data-act=register]")
    await person.sees(f".nid {CARD}.processing")
    await person.presses("[data-act=issue]")
    await person.sees(f".opencrvs {CARD}.registered")
    await person.sees("[data-act=ask-change]", "Ask to end this identity")
    await person.presses("[data-act=ask-change]")
    await person.sees("#people", "the identity is to end")
    await person.presses("#people [data-operate=reject]")
    await person.sees("#now", "rejected what was asked")
    await person.presses("[data-act=ask-change]")
    await person.presses("#people [data-operate=approve]")
    await person.sees("#now", "Nobody tells OpenCRVS")
    await person.sees(f".opencrvs {CARD}.registered")
    await person.sees("[data-act=ask-change]", "Ask to reactivate the identity")


async def test_what_others_do_arrives_live(person: Person, house: House) -> None:
    status, answer = await house.act("declare", {"event": "death"})
    assert status == 200, answer
    await person.sees(f"[data-record='{answer['record']}'].declared")
    await person.sees("#now", "declared the death")
    await house.act("line", {"line": "nid", "cut": True})
    await person.sees("#wire-nid.cut")
    await house.act("line", {"line": "nid", "cut": False})
    await expect(person.page.locator("#wire-nid.cut")).to_have_count(0)
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


async def test_a_late_answer_takes_no_words_away(person: Person) -> None:
    async with held(person.page, "/acts/declare"):
        await person.presses("[data-act=birth]")
        await person.sees(f".opencrvs {CARD}.declared")
        await person.reaches("[data-act=issue]")
        await person.page.keyboard.press("Enter")
        await person.sees("#trouble", "Register the record first")
    await expect(person.page.locator("[data-act=birth]")).not_to_have_attribute("aria-busy", "true")
    await person.sees("#trouble", "Register the record first")


async def test_a_late_answer_leaves_people_where_they_are(person: Person) -> None:
    for path, begins in (("/story/begin", "[data-story=line]"), ("/story/end", "#story-end")):
        if path == "/story/begin":
            await person.presses("#stories summary")
        async with held(person.page, path):
            await person.presses(begins)
            await expect(person.page.locator("#stories summary")).to_be_focused()
            await person.reaches("#language")
        await expect(person.page.locator("#language")).to_be_focused()
    await person.sees("[data-act=birth]")


async def test_of_two_choices_the_later_counts(person: Person, house: House) -> None:
    await person.reaches("#language")
    async with held(person.page, "/texts/fr.json"):
        await person.page.keyboard.press("ArrowDown")
        await person.page.keyboard.press("ArrowUp")
        await person.page.keyboard.press("ArrowUp")
        await person.sees("#stage [data-act=birth]", "التصريح بولادة")
    await person.sees("#stage [data-act=birth]", "التصريح بولادة")
    await expect(person.page.locator("#language")).to_have_value("ar")


async def test_other_languages_are_a_few_keys_away_and_stay(person: Person, house: House) -> None:
    for key, tag, way, words in (
        ("ArrowDown", "fr", "ltr", "Déclarer une naissance"),
        ("ArrowUp", "en", "ltr", "Declare a birth"),
        ("ArrowUp", "ar", "rtl", "التصريح بولادة"),
    ):
        await person.reaches("#language")
        await person.page.keyboard.press(key)
        await person.sees("#stage [data-act=birth]", words)
        await person.page.reload()
        await person.sees("#stage [data-act=birth]", words)
        html = person.page.locator("html")
        await expect(html).to_have_attribute("lang", tag)
        await expect(html).to_have_attribute("dir", way)
    # whoever reads from right to left has OpenCRVS on the right
    drawn = [await person.page.locator(f"#system-{name}").bounding_box() for name in ("opencrvs", "nid")]
    assert drawn[0] and drawn[1] and drawn[0]["x"] > drawn[1]["x"]
    await house.act("declare", {"event": "birth"})
    await person.sees(f".opencrvs {CARD} .kind", "، ")


async def test_a_ready_story_with_the_keyboard_alone_back_on_and_printed(
    person: Person, house: House
) -> None:
    await house.act("declare", {"event": "birth"})
    await person.reaches("#session summary")
    await person.page.keyboard.press("Enter")
    await person.presses("[data-act=afresh]")
    await expect(person.page.locator(".record")).to_have_count(0)
    await person.reaches("#stories summary", "Shift+Tab")
    await person.page.keyboard.press("Enter")
    await person.reaches("[data-story=line]")
    await person.page.keyboard.press("Enter")
    await person.sees("#now-title", "step 1 of 6")
    await expect(person.page.locator("[data-act=birth]")).to_be_hidden()
    places = {2: "opencrvs", 3: "bridge", 4: "bridge", 5: "nid", 6: "opencrvs"}
    for step, place in places.items():
        await person.presses("#story-next")
        await person.sees("#now-title", f"step {step} of 6")
        await person.sees(f".{place} {CARD}")
    await person.sees("#now", "as if nothing had happened")
    await person.sees(f".opencrvs {CARD}.registered")
    await expect(person.page.locator("#story-next")).to_have_attribute("aria-disabled", "true")
    for step in (5, 4, 3):
        await person.presses("#story-back")
        await person.sees("#now-title", f"looking back at step {step} of 6")
    await person.sees("#wire-nid.cut")
    await person.sees(f".bridge {CARD}.queued-trouble")
    await person.presses("#story-next")
    await person.presses("#story-end")
    await person.sees("[data-act=birth]")
    await expect(person.page.locator("#wire-nid.cut")).to_have_count(0)

    for _ in ("on", "off"):  # whoever has chosen a view sees it, not the menu
        await person.page.locator("#session summary").click()
        await person.presses("#presenter")
        await expect(person.page.locator("#session summary")).to_be_focused()
        await expect(person.page.locator("#session")).not_to_have_attribute("open", "")

    await person.page.emulate_media(media="print")
    await person.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = await person.page.locator("#summary").inner_text()
    assert "A digger cuts the cable" in printed and "invented people" in printed and "registered" in printed
    assert (await person.page.pdf(format="A4")).count(b"/Type /Page\n") == 1


async def test_what_waits_for_a_person_says_who_can_help(person: Person, house: House) -> None:
    record = str((await house.act("declare", {"event": "birth"}))[1]["record"])
    await house.act("line", {"line": "opencrvs", "cut": True})
    await house.act("register", {"record": record})
    await house.act("line", {"line": "opencrvs", "cut": False})
    await person.sees(f".opencrvs {CARD}.forgotten")
    mine = f"[data-key=release-{record}]"
    await person.presses(f"#people {mine}")
    await person.sees(f".opencrvs {CARD}.rejected")
    await person.presses(f"#people [data-key=register-{record}]")
    await person.sees(f".nid {CARD}.processing")
    await expect(person.page.locator("#people-title")).to_be_focused()  # the pressed button is gone
    await person.reaches("#minor")
    await person.page.keyboard.press("Space")
    raw = person.page.locator(".raw", has_text="/trigger/events/birth/actions/REGISTER 202").last
    await raw.locator("summary").click()
    await expect(raw.locator("pre")).to_contain_text('"actions"')
    assert "eyJ" not in await raw.inner_text()


async def test_a_dead_console_is_told_where_it_can_be_seen(person: Person, house: House) -> None:
    console = await app.start(Settings(port=0), house.servers, OPERATIONS_TOKEN, house.world)
    page = person.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(console.url)
    await expect(page.locator(".system .state").first).to_have_text("working")
    await console.close()
    await expect(page.locator(".system .state")).to_have_text(["not seen now"] * 3)
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(page.locator("#lost")).to_be_in_viewport()
    await page.evaluate("document.querySelector('[data-act=birth]').click()")
    await expect(page.locator("#trouble")).to_contain_text("Is “rehearse up” still running?")
    await expect(page.locator("#trouble")).to_be_in_viewport()
    person.noise.clear()  # the browser itself tells of what nobody answered


async def test_a_record_is_found_by_its_name(person: Person, house: House) -> None:
    many = [(await house.act("declare", {"event": "birth"}))[1]["record"] for _ in range(6)]
    assert house.console.session.picture is not None
    name = next(one["name"] for one in house.console.session.picture["records"] if one["id"] == many[0])
    await person.reaches("#find-text")
    await person.page.keyboard.type(name)
    await person.page.keyboard.press("Enter")
    await person.sees("#find-found", "found")
    await person.sees("#screen", name)


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


VIEWS = examples(
    [(1366, 768, "?lang=fr"), (1280, 800, "?lang=ar&view=presenter"), (390, 844, "?lang=ar")],
    [
        (1280, 800, "?lang=en"),
        (1920, 1080, "?lang=fr&view=presenter"),
        (360, 780, "?lang=fr&view=presenter"),
    ],
)


CUT_OFF = """[...document.querySelectorAll("button, .button, select, h1, h2, h3, .badge, .clock")]
    .filter(one => one.checkVisibility() && one.offsetParent && !one.matches(".hidden"))
    .filter(one => {
        const { left, right, height } = one.getBoundingClientRect();
        const small = one.matches("button, .button, select") && height < 38;
        return small || left < 0 || right > innerWidth || one.scrollWidth > one.clientWidth + 1;
    })
    .map(one => one.outerHTML.slice(0, 90))"""
"""What does not fit its place, or is too small for a finger."""


async def _finds_nothing_serious(page: Page, axe: str) -> None:
    await page.evaluate(axe)
    found = await page.evaluate("axe.run()")
    serious = [
        (issue["id"], [node["target"] for node in issue["nodes"]])
        for issue in found["violations"]
        if issue["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize(("width", "height", "query"), VIEWS)
async def test_every_size_and_language_shows_the_whole_picture(
    person: Person, house: House, axe: str, width: int, height: int, query: str
) -> None:
    await house.act("line", {"line": "nid", "cut": True})
    for _ in range(5):  # so many that there is a search
        await house.act("declare", {"event": "birth"})
    house.servers.nid.parts.desk.cases[1] = Case(1, IdentityChange.DEACTIVATE, "7", "", "", "Chanda Mulenga")
    page = person.page
    await page.set_viewport_size({"width": width, "height": height})
    await person.opens(f"{house.url}/{query}")
    await person.sees(".record.declared")
    assert await page.is_visible(".badge")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 1000:
        await page.wait_for_function(
            """() => {
                const diagram = document.getElementById("diagram");
                return diagram.scrollTop + diagram.clientHeight > diagram.scrollHeight - 5;
            }"""
        )
        high, scrolls = await page.evaluate(
            "[document.getElementById('diagram').clientHeight, document.body.scrollHeight > innerHeight]"
        )
        assert high >= 180 and not scrolls
    for opened in ("stories", "session", ""):
        await page.evaluate(
            "name => document.querySelectorAll('.menu').forEach(menu => (menu.open = menu.id === name))",
            opened,
        )
        assert await page.evaluate(CUT_OFF) == []
    await page.evaluate("document.getElementById('stories').open = true")
    await _finds_nothing_serious(page, axe)
    await page.evaluate("document.getElementById('reject').showModal()")
    await _finds_nothing_serious(page, axe)


async def test_whoever_wants_no_motion_gets_none(person: Person, house: House) -> None:
    await house.act("declare", {"event": "birth"})
    await person.sees(f".opencrvs {CARD}.declared")
    await house.act("line", {"line": "opencrvs", "cut": True})
    await person.sees("#wire-opencrvs.cut")
    assert await person.page.evaluate("document.getAnimations().length") == 0


async def test_the_page_asks_nobody_else(person: Person, house: House) -> None:
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    await person.opens(house.url)
    assert asked
    assert [url for url in asked if not url.startswith(house.url)] == []


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
