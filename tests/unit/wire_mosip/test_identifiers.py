"""Numbers: what is made passes its own checks, and each rule refuses what breaks it alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire_mosip.known import chance
from wire.mosip import identifiers


@given(st.integers(0, 10_000))
@pytest.mark.requirement("MOSIP-IDR-05")
def test_made_numbers_pass_filter_and_validator(seed: int) -> None:
    draw = chance(seed)
    uin, vid = identifiers.make_uin(draw), identifiers.make_vid(draw)
    assert identifiers.passes_uin_filter(uin) and identifiers.uin_fault(uin) is None
    assert identifiers.passes_vid_filter(vid) and identifiers.vid_fault(vid) is None


def test_at_every_place_of_a_made_number_every_digit_comes_up() -> None:
    draw = chance(1)
    for make, length in ((identifiers.make_uin, 10), (identifiers.make_vid, 16)):
        made = [make(draw) for _ in range(1000)]
        seen = [{number[at] for number in made} for at in range(length)]
        assert seen == [set("23456789"), *[set("0123456789")] * (length - 1)]


def test_the_same_seed_makes_the_same_numbers() -> None:
    assert identifiers.make_uin(chance(7)) == identifiers.make_uin(chance(7))
    assert identifiers.make_uin(chance(7)) != identifiers.make_uin(chance(8))


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("1896156236", "begins with 0 or 1"),
        ("9715234930", "three rising"),
        ("8156379872", "three falling"),
        ("6901937534", "three rising over the wrap"),
        ("4810923902", "three falling over the wrap"),
        ("2536600142", "a digit twice in a row"),
        ("2527093858", "a digit again after one"),
        ("3821930719", "a block of two again"),
        ("4078452862", "three even digits side by side"),
        ("5786587423", "786"),
        ("2937529375", "halves equal (and so a block again)"),
        ("2937557392", "halves mirrored (and so a digit twice)"),
        ("9142857036", "cyclic (and so three evens)"),
        ("423867097", "too short"),
    ],
)
def test_the_uin_filter_refuses(number: str, rule: str) -> None:
    """Each number breaks this rule alone, where that is possible."""
    assert not identifiers.passes_uin_filter(number), rule


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("0684218294502732", "begins with 0 or 1"),
        ("7047913806145675", "three rising"),
        ("7658308178250915", "three falling"),
        ("7231142832655413", "a digit twice in a row"),
        ("9204163107274932", "a digit again after one"),
        ("7215874806801306", "a block of two again"),
        ("8219601839786317", "786"),
        ("623106420156385", "too short"),
    ],
)
def test_the_vid_filter_refuses(number: str, rule: str) -> None:
    assert not identifiers.passes_vid_filter(number), rule


@pytest.mark.parametrize("number", ["6231064201563850", "4089061527183074"])
def test_the_vid_filter_minds_neither_evens_nor_the_wrap(number: str) -> None:
    assert identifiers.passes_vid_filter(number)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("423123970", "KER-IDV-202"),
        ("422213970", "KER-IDV-202"),
        ("424213924", "KER-IDV-202"),
        ("924631057", "KER-IDV-202"),
        ("907865314", "KER-IDV-202"),
    ],
)
def test_the_uin_validator_names_sequences_and_repetitions(body: str, code: str) -> None:
    assert identifiers.uin_fault(body + identifiers.check_digit(body)) == code


def test_validator_and_filter_differ_as_in_the_kernel() -> None:
    """The validator lets a digit stand twice, the generator does not; nor does it look across 9|0."""
    body = next(
        candidate
        for candidate in (f"55{n:07d}" for n in range(2000000, 9999999))
        if identifiers.uin_fault(candidate + identifiers.check_digit(candidate)) is None
    )
    assert not identifiers.passes_uin_filter(body + identifiers.check_digit(body))


def test_halves_are_checked_after_the_checksum() -> None:
    """A mirrored number that passes everything else is 207; equal halves repeat a block and are 202."""
    mirrored = [
        number
        for n in range(20000, 99999)
        if identifiers.uin_fault(number := f"{n}{str(n)[::-1]}") == "KER-IDV-207"
    ]
    assert mirrored
    assert all(identifiers.checksum_holds(number) for number in mirrored)
    assert identifiers.uin_fault("2937529375") == "KER-IDV-202"


@pytest.mark.parametrize("text", ["४२३८६७०९७८", "42386 0978", "423867097\n"])
def test_only_ascii_digits_count(text: str) -> None:
    assert identifiers.uin_fault(text) == "KER-IDV-204"


@given(st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_every_single_digit_error_is_caught_by_the_checksum(body: str) -> None:
    number = body + identifiers.check_digit(body)
    assert identifiers.checksum_holds(number)
    wrong = str((int(number[0]) + 1) % 10) + number[1:]
    assert not identifiers.checksum_holds(wrong)
