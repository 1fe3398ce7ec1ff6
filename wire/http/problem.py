"""Problem details (RFC 9457), the form in which our own routes of every server say what went wrong."""

from __future__ import annotations

from aiohttp import web


def problem(status: int, title: str, **members: object) -> web.Response:
    """The answer; `members` stand beside `type`, `title` and `status`: `detail`, or a member of ours."""
    body = {"type": "about:blank", "title": title, "status": status, **members}
    return web.json_response(body, status=status, content_type="application/problem+json")
