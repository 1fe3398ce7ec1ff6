"""UIN, VID and RID: how MOSIP makes them and how it checks them. Pure; chance is passed in.

Sources: contract mosip §7.3 (kernel `UinFilterUtil`, `VidFilterUtils`, `UinValidatorImpl`,
`VidValidatorImpl`, `ChecksumUtils`), §7.4 (`RidGeneratorServiceImpl`, `RidValidatorImpl`).
"""

from __future__ import annotations

import re

from stdnum import verhoeff

from wire.world import Chance

UIN_LENGTH = 10
VID_LENGTH = 16
PRID_LENGTH = 14

_ALL = "0123456789"
_NEXT = {a + b: _ALL.replace(a, "").replace(b, "") for a in _ALL for b in _ALL}
"""What may follow two digits: neither of them."""


def _rows(digits: str) -> re.Pattern[str]:
    """Three neighbours of `digits`, up or down."""
    rising = [digits[at : at + 3] for at in range(len(digits) - 2)]
    return re.compile("|".join([*rising, *(three[::-1] for three in rising)]))


_RESTRICTED = ("786", "666")
_CYCLIC = "142857"  # the other cyclic numbers of the kernel's list are longer than a UIN, or start with 0
_NEAR_REPEAT = re.compile(r"(\d)\d?\1")
_THRICE = re.compile(r"(\d)\1\1")
_BLOCK_REPEAT = re.compile(r"(\d\d).*?\1")
_ROW, _ROW_ROUND = _rows(_ALL), _rows(_ALL + "01")
_EVENS = re.compile(r"[2468]{3}")
_DIGITS = re.compile(r"[0-9]+")


def check_digit(body: str) -> str:
    """The Verhoeff digit that completes `body`."""
    return str(verhoeff.calc_check_digit(body))


def checksum_holds(number: str) -> bool:
    """Whether the last digit is the Verhoeff digit of those before it."""
    return bool(number) and _DIGITS.fullmatch(number) is not None and verhoeff.checksum(number) == 0


def make_uin(chance: Chance) -> str:
    """A 10-digit UIN that passes the generator's filter."""
    while True:
        body = _body(chance, UIN_LENGTH - 1)
        if not _patterned(body, wrap=True) and passes_uin_filter(uin := body + check_digit(body)):
            return uin


def make_vid(chance: Chance) -> str:
    """A 16-digit VID that passes the generator's filter."""
    while True:
        body = _body(chance, VID_LENGTH - 1)
        if not _patterned(body) and passes_vid_filter(vid := body + check_digit(body)):
            return vid


def make_prid(chance: Chance) -> str:
    """A 14-digit number of a pre-registration application; its rules are a VID's."""
    while True:
        body = _body(chance, PRID_LENGTH - 1)
        if not _patterned(body) and not _patterned(prid := body + check_digit(body)):
            return prid


def _body(chance: Chance, count: int) -> str:
    """Digits of which the first is from 2 to 9 and none like one of the two before it, all equally likely.

    Both filters ask for that. Of a hundred bodies drawn without it one or two would pass the VID's.
    """
    drawn = chance.integer(0, 8 * 9 * 8 ** (count - 2) - 1)
    drawn, place = divmod(drawn, 8)
    one = "23456789"[place]
    drawn, place = divmod(drawn, 9)
    body = one + _NEXT[one + one][place]
    for _ in range(count - 2):
        drawn, place = divmod(drawn, 8)
        body += _NEXT[body[-2:]][place]
    return body


def passes_uin_filter(number: str) -> bool:
    """What the UIN generator lets through; the checksum, which it appends itself, is not asked here."""
    return (
        len(number) == UIN_LENGTH
        and number[0] not in "01"
        and not _patterned(number, wrap=True)
        and not _EVENS.search(number)
        and number[:5] not in (number[-5:], number[:-6:-1])
        and _CYCLIC not in number
    )


def passes_vid_filter(number: str) -> bool:
    """What the VID generator lets through."""
    return len(number) == VID_LENGTH and number[0] not in "01" and not _patterned(number)


def uin_fault(text: str | None) -> str | None:
    """The kernel's error code for a UIN, `KER-IDV-201` … `208`, in the kernel's order; None when valid.

    201 empty, 203 length, 204 not digits, 206 begins with 0 or 1, 202 sequence or repetition, 205 checksum,
    207 halves mirrored, 208 halves equal.
    """
    if not text:
        return "KER-IDV-201"
    if len(text) != UIN_LENGTH:
        return "KER-IDV-203"
    if not _DIGITS.fullmatch(text):
        return "KER-IDV-204"
    if text[0] in "01":
        return "KER-IDV-206"
    if (
        _sequence(text)
        or _THRICE.search(text)
        or _BLOCK_REPEAT.search(text)
        or _EVENS.search(text)
        or _restricted(text)
    ):
        return "KER-IDV-202"
    if not checksum_holds(text):
        return "KER-IDV-205"
    if text[:5] == text[:-6:-1]:
        return "KER-IDV-207"
    return "KER-IDV-208" if text[:5] == text[-5:] else None


def vid_fault(text: str | None) -> str | None:
    """The kernel's error code for a VID, `KER-IDV-001` … `005`; None when valid.

    001 empty, 003 length, 004 not digits, 002 sequence or repetition, 005 checksum. 006 (begins with 0 or 1)
    exists, but the validator's check is commented out.
    """
    if not text:
        return "KER-IDV-001"
    if len(text) != VID_LENGTH:
        return "KER-IDV-003"
    if not _DIGITS.fullmatch(text):
        return "KER-IDV-004"
    if _sequence(text) or _THRICE.search(text) or _BLOCK_REPEAT.search(text) or _restricted(text):
        return "KER-IDV-002"
    return None if checksum_holds(text) else "KER-IDV-005"


def _patterned(digits: str, *, wrap: bool = False) -> bool:
    """What neither filter lets through, in a whole number or in the start of one."""
    return (
        _sequence(digits, wrap=wrap)
        or _NEAR_REPEAT.search(digits) is not None
        or _BLOCK_REPEAT.search(digits) is not None
        or _restricted(digits)
    )


def _sequence(number: str, *, wrap: bool = False) -> bool:
    """Three digits in a row, up or down; the UIN generator also looks across 9|0."""
    return (_ROW_ROUND if wrap else _ROW).search(number) is not None


def _restricted(number: str) -> bool:
    return any(part in number for part in _RESTRICTED)
