"""Somebody who plays the page in Chromium, and a line to it that is as slow as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page, Route, expect

MOST_TABS = 120
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


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
        await expect(self.page.locator("#queues .count").first).to_be_visible()

    async def reaches(self, selector: str, key: str = "Tab") -> None:
        """Press Tab until the element has the focus."""
        wanted = self.page.locator(selector).first
        await expect(wanted).to_be_visible()
        for _ in range(MOST_TABS):
            if await self.page.evaluate(
                "css => document.querySelector(css) === document.activeElement", selector
            ):
                return
            await self.page.keyboard.press(key)
        raise AssertionError(f"{selector} cannot be reached with {key}")

    async def presses(self, selector: str) -> None:
        """Reach a button and press it as soon as it can be pressed."""
        wanted = self.page.locator(selector).first
        await expect(wanted).not_to_have_attribute("aria-disabled", "true")
        await expect(wanted).not_to_have_attribute("aria-busy", "true")
        await self.reaches(selector)
        await self.page.keyboard.press("Enter")

    async def sees(self, selector: str, text: str = "") -> None:
        found = self.page.locator(selector).first
        await expect(found).to_be_visible()
        if text:
            await expect(found).to_contain_text(text)


@asynccontextmanager
async def held(page: Page, path: str) -> AsyncIterator[None]:
    """What is answered there reaches the page at the end of the block, and has had its effect after it."""
    waits, end = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        waits.set()
        await end.wait()
        await route.fulfill(response=answer)

    await page.route(f"**{path}", hold)
    async with page.expect_event("requestfinished", lambda request: request.url.endswith(path)):
        yield
        await waits.wait()
        end.set()
    await page.unroute(f"**{path}")
    await page.evaluate("fetch('/texts').then(answer => answer.text())")
