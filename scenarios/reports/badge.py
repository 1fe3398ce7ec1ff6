"""A badge to show on a page: how many requirements were met. Pure."""

from __future__ import annotations

from html import escape

_SIGN = 6.6
"""Pixels of a character of Verdana 11, on the average; the text is drawn to exactly that length."""


def badge(profile: str, met: int, broken: int, unobserved: int) -> str:
    """An SVG; green when requirements were met and none is broken, with the number of all that are asked."""
    left = f"OpenCRVS {profile} rehearsal"
    counted = f"{met} of {met + broken + unobserved} met"
    right = f"{broken} broken, {counted}" if broken else counted
    colour = "#b3261e" if broken else "#17703a" if met else "#5a6675"
    title = f"{left}: {met} requirements met, {broken} broken, {unobserved} not observed"
    first, second = (round(len(text) * _SIGN) for text in (left, right))
    width, split = first + second + 40, first + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="24" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<clipPath id="r"><rect width="{width}" height="24" rx="4"/></clipPath><g clip-path="url(#r)">'
        f'<rect width="{split}" height="24" fill="#1b2430"/>'
        f'<rect x="{split}" width="{width - split}" height="24" fill="{colour}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="10" y="16" textLength="{first}">{escape(left)}</text>'
        f'<text x="{split + 10}" y="16" textLength="{second}">{escape(right)}</text></g></svg>\n'
    )
