"""What a run leaves for people, in a browser: the certificate is one sheet, and a phone shows all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize

from scenarios.reports.comparison import matrix_html
from scenarios.reports.html import HtmlReport
from scenarios.reports.result import ResultReport, Standing, read_result
from scenarios.reports.signing import signature, signing_key
from tests.unit.scenarios.results import SUBJECT, told

pytestmark = pytest.mark.asyncio(loop_scope="module")
A4: ViewportSize = {"width": 718, "height": 1046}
"""Millimetres 190 x 277 at 96 dots an inch: the sheet without a margin of a centimetre."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """One window for all: to open another takes a second of the processor."""
    opened = await browser.new_page()
    yield opened
    await opened.close()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    results = ResultReport(SUBJECT, signing_key(tmp_path / "keys"), tmp_path / "r.json")
    report = HtmlReport(tmp_path / "report.html", results)
    for event in told(met=False):
        results(event)
        report(event)
    result, _ = read_result(tmp_path / "r.json")
    everything = [one.model_copy(update={"standing": Standing.BROKEN}) for one in result.requirements]
    worst = result.model_copy(update={"requirements": everything, "signature": ""})
    signed = signature(worst.model_dump(mode="json", exclude={"signature"}), signing_key(tmp_path / "keys"))
    worst = worst.model_copy(update={"signature": signed})
    (tmp_path / "matrix.html").write_text(matrix_html([result, worst] * 3), encoding="utf-8")
    results.result = worst
    report(told(met=False)[-1])
    return tmp_path


@pytest.mark.parametrize("name", ["report.html", "matrix.html"])
async def test_a_phone_scrolls_in_one_direction(name: str, pages: Path, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto((pages / name).as_uri())
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_the_certificate_is_one_sheet_whatever_is_broken(pages: Path, page: Page) -> None:
    await page.set_viewport_size(A4)
    await page.goto((pages / "report.html").as_uri())
    await page.emulate_media(media="print")
    sheet = page.locator(".certificate")
    assert "more, in the result" in await sheet.inner_text()
    box = await sheet.bounding_box()
    assert box is not None
    assert box["height"] <= A4["height"]
