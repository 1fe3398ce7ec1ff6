"""Variables become settings: by full name, by file, by TOML; what nobody means is refused unrepeated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from wire.environment import EnvironmentSettings, SettingRefused, TextOrOff


class Some(EnvironmentSettings):
    """Settings of a part, one of them under the mediator's name."""

    model_config = SettingsConfigDict(env_prefix="PART_", populate_by_name=True, extra="ignore")

    port: int = 1
    secret: Annotated[SecretStr, Field(alias="MEDIATORS_SECRET")] = SecretStr("the usual")
    words: TextOrOff = "some"
    name: str = "nobody"


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


def test_a_variable_counts_under_its_full_name_alone(env: Any) -> None:
    env(PART_PORT="2", MEDIATORS_SECRET="mine", PORT="3", SECRET="another", PART_SECRET="another")
    some = Some()
    assert (some.port, some.secret.get_secret_value()) == (2, "mine")


def test_an_empty_one_is_not_given_unless_empty_means_something(env: Any) -> None:
    env(PART_PORT="", MEDIATORS_SECRET="", PART_WORDS="", PART_NAME="")
    some = Some()
    assert (some.port, some.secret.get_secret_value(), some.words, some.name) == (
        1,
        "the usual",
        "",
        "nobody",
    )


def test_a_file_holds_the_value(env: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbfin a file\r\n")
    env(MEDIATORS_SECRET_FILE=str(tmp_path / "secret"))
    assert Some().secret.get_secret_value() == "in a file"


@pytest.mark.parametrize(
    ("content", "value", "why"),
    [
        (b"in a file", "too", "give one of the two"),
        (b"", "", "is empty"),
        (b"\xff\xfe\x00", "", "no text in UTF-8"),
        (None, "", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    env: Any, tmp_path: Path, content: bytes | None, value: str, why: str
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    env(MEDIATORS_SECRET_FILE=str(tmp_path / "secret"), MEDIATORS_SECRET=value)
    with pytest.raises(SettingRefused, match=why) as refused:
        Some()
    assert "MEDIATORS_SECRET_FILE" in str(refused.value) and "in a file" not in str(refused.value)


@pytest.mark.parametrize(
    "value", [" blank", "blank ", "two\nlines", '"quoted"', "'quoted'", "zero\u200bwidth"]
)
def test_a_text_that_nobody_means_is_refused(env: Any, value: str) -> None:
    env(MEDIATORS_SECRET=value)
    with pytest.raises(ValidationError, match="MEDIATORS_SECRET"):
        Some()


def test_the_environment_goes_before_a_file_of_settings_and_what_is_told_before_both(
    env: Any, tmp_path: Path
) -> None:
    path = tmp_path / "some.toml"
    path.write_text('PART_PORT = 2\nname = "filed"\nMEDIATORS_SECRET = "filed"\nwords = "filed"\n')
    env(PART_NAME="environment", PART_WORDS="environment")
    some = Some.from_file(path, words="told")
    assert (some.port, some.name, some.words) == (2, "environment", "told")
    assert some.secret.get_secret_value() == "filed"


@pytest.mark.parametrize(
    ("text", "why"), [("PART_PROT = 2", "no setting is called PART_PROT"), ("PART_PORT = ", "is no TOML")]
)
def test_a_file_of_settings_that_cannot_be_used_is_named(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "some.toml"
    path.write_text(text)
    with pytest.raises(SettingRefused, match=why):
        Some.from_file(path)
