"""`rehearse run` as it is typed: what each option does, and the status that it ends with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scenarios import story as story_module
from scenarios.cli.app import app
from scenarios.library import choose, stories
from scenarios.stage.stage import Stage, days
from scenarios.story import ALL_PROFILES, story
from tests.sizes import examples

Lines = list[dict[str, Any]]
Run = Callable[..., tuple[int, Lines]]


async def goes_well(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    stage.tells(f"profile {stage.profile}, record {birth.tracking_id} of {birth.name}")


async def goes_all_the_way(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    await stage.registrar.registers(birth)
    await stage.until("the birth is registered", birth.is_registered, within=days(1))
    stage.tells(f"packet {stage.packet_of(birth).packet.fields['fullName']}")


async def is_never_so(stage: Stage) -> None:
    await stage.check("water runs uphill", condition=False)


async def breaks_a_promise(stage: Stage) -> None:
    """The script goes as written; only the judge sees that two records have one number."""
    birth = await stage.registrar.declares_birth()
    for _ in range(2):
        stage.opencrvs.imports_record_with_number(birth, "2026B000001")


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three stories beside the shipped ones."""
    stories()
    monkeypatch.setattr(story_module, "registered", dict(story_module.registered))
    for play in (goes_well, is_never_so, breaks_a_promise):
        story(title=play.__name__, learns="", good_bridge="", tags=("for-this-test",))(play)


@pytest.fixture
def run(rehearsal_keys: Path, tmp_path: Path) -> Iterator[Run]:
    """The command with these words: its status, and every event of the run (of each profile, in order)."""

    def ran(*words: str) -> tuple[int, Lines]:
        for old in tmp_path.glob("*.ndjson"):
            old.unlink()
        events = tmp_path / "run.ndjson"
        command = ["run", "--quiet", "--keys", str(rehearsal_keys), "--ndjson", str(events), *words]
        done = CliRunner().invoke(app, command)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        files = sorted(tmp_path.glob("*.ndjson"))
        return done.exit_code, [json.loads(line) for file in files for line in file.read_text().splitlines()]

    yield ran


def ended(lines: Lines) -> dict[str, str]:
    """Story → outcome, in the order in which they were played."""
    return {line["story"]: line["outcome"] for line in lines if line["event"] == "ScenarioEnded"}


def spoken(lines: Lines) -> list[str]:
    return [line["text"] for line in lines if line["event"] == "Told" and "record" in line["text"]]


def test_status_0_when_every_promise_was_kept(run: Run) -> None:
    status, lines = run("goes_well")
    assert ended(lines) == {"goes_well": "passed"}
    assert status == 0


def test_status_1_when_a_promise_was_broken(run: Run) -> None:
    status, lines = run("breaks_a_promise")
    assert ended(lines) == {"breaks_a_promise": "failed"}
    rulings = {v["promise"]["number"]: v["ruling"] for v in (x["verdict"] for x in lines if "verdict" in x)}
    assert [number for number, ruling in rulings.items() if ruling == "broken"] == [3]
    assert status == 1


def test_status_1_when_a_script_did_not_go_as_written(run: Run) -> None:
    status, lines = run("is_never_so")
    assert ended(lines) == {"is_never_so": "failed"}
    assert status == 1


def test_keep_going_plays_the_rest_after_a_failure_and_still_ends_with_1(run: Run) -> None:
    status, lines = run("--keep-going", "is_never_so", "goes_well")
    assert ended(lines) == {"is_never_so": "failed", "goes_well": "passed"}
    assert status == 1


def test_keep_going_is_what_happens_when_nothing_is_said(run: Run) -> None:
    _, lines = run("is_never_so", "goes_well")
    assert list(ended(lines)) == ["is_never_so", "goes_well"]


def test_stop_at_failure_ends_the_run_there(run: Run) -> None:
    status, lines = run("--stop-at-failure", "goes_well", "is_never_so", "breaks_a_promise")
    assert ended(lines) == {"goes_well": "passed", "is_never_so": "failed"}
    assert status == 1


def test_stop_at_failure_plays_no_other_profile_either(run: Run) -> None:
    status, lines = run("--stop-at-failure", "--profile", "all", "is_never_so")
    assert [line["profile"] for line in lines if line["event"] == "RunStarted"] == [ALL_PROFILES[0]]
    assert status == 1


def test_the_same_seed_gives_the_same_people_and_another_seed_others(run: Run) -> None:
    first, again, other = (spoken(run("--seed", seed, "goes_well")[1]) for seed in ("7", "7", "8"))
    assert len(first) == 1
    assert first == again
    assert first != other


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_the_profile_is_the_one_that_is_played(profile: str, run: Run) -> None:
    _, lines = run("--profile", profile, "goes_well")
    (words,) = spoken(lines)
    assert words.startswith(f"profile {profile},")


def test_all_profiles_are_played_one_after_the_other(run: Run) -> None:
    status, lines = run("--profile", "all", "goes_well")
    assert [words.split(",")[0] for words in spoken(lines)] == [f"profile {one}" for one in ALL_PROFILES]
    assert status == 0


def test_a_tag_chooses_those_that_have_it_and_two_tags_those_that_have_both(run: Run) -> None:
    assert set(ended(run("--tag", "for-this-test")[1])) == {"goes_well", "is_never_so", "breaks_a_promise"}
    _, lines = run("--tag", "revocation", "--tag", "birth")
    assert set(ended(lines)) == {one.name for one in choose(tags=("revocation", "birth"))}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tag", "no-such-tag"), "no-such-tag"),
        (("--profile", "3.0"), "3.0"),
        (("asinc_delay",), "async_delay"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_played(words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, ["run", *words])
    assert done.exit_code == 2
    assert said in done.output


def test_in_real_time_the_stories_go_as_on_the_virtual_clock(run: Run) -> None:
    """Eight days of review, errors while a token runs out, and a record that is answered on the spot."""
    names = ("async_delay", "opencrvs_refuses_at_confirm", "sync_success")
    status, lines = run("--real-time", *names)
    assert ended(lines) == dict.fromkeys(names, "passed")
    assert status == 0


@pytest.mark.parametrize(
    ("locale", "language"),
    examples(
        [("ar", "ara"), ("en_UG", "eng"), ("fr", "fra"), ("zh_CN", "zho")],
        [("en", "eng"), ("es", "spa"), ("pt", "por"), ("en_ZM", "eng"), ("so", "som"), ("to", "ton")],
    ),
)
def test_locale_is_whose_names_go_all_the_way(run: Run, locale: str, language: str) -> None:
    story(title="", learns="", good_bridge="")(goes_all_the_way)
    status, lines = run("goes_all_the_way", "sync_success", "death", "--locale", locale)
    assert status == 0, lines[-1]
    told = [line["text"] for line in lines if line["event"] == "Told"]
    (packet,) = (json.loads(text.removeprefix("packet ")) for text in told if text.startswith("packet "))
    assert [name["language"] for name in packet] == [language]
    assert any(text.startswith(f"declares the birth of {packet[0]['value']} (") for text in told)
    (identity,) = (line["request"] for line in lines if line.get("what") == "creates the identity")
    assert set(re.findall(r'"language": ?"(\w+)"', identity)) == {language}


def test_a_locale_without_names_is_a_usage_error() -> None:
    done = CliRunner().invoke(app, ["run", "goes_well", "--locale", "xx"], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert "no names for 'xx'" in done.output


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_what_the_bridge_asks_of_opencrvs_is_told_as_its_own(run: Run, profile: str) -> None:
    """It asks with the registrar's name: the token that core gave it says so (contract opencrvs §2.3)."""
    _, lines = run("--profile", str(profile), "async_delay")
    asked = {(line["sender"], line["operation"]) for line in lines if line.get("operation")}
    assert ("bridge", "event.config.get") in asked and ("registrar", "event.config.get") not in asked
    assert ("bridge", "event.actions.register.accept") in asked
    assert ("registrar", "event.actions.register.request") in asked
