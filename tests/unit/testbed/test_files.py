"""A file that somebody gives a mock in place of its own: what is wrong is one line, without its values."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_nid.auth.clients import load_clients
from mock_nid.identities.people import load_people
from testbed.files import FileWrong

SECRET = "hunter2-of-the-country"


@pytest.mark.parametrize("load", [load_clients, load_people])
@pytest.mark.parametrize(
    "content",
    [
        f"people: [{{uin: {SECRET}}}]".encode(),
        f"clients: [{{id: [{SECRET}], secret: {SECRET}}}]".encode(),
        f"clients: [{SECRET}".encode(),
        f"{SECRET}: !!int {SECRET}".encode(),
        "people: José".encode("latin-1"),
        "people: José".encode("utf-16"),
        b"[" * 20_000,
        b"people: 2026-13-45",
        b"",
    ],
    ids=lambda content: repr(content)[:30],
)
def test_what_is_wrong_is_one_line_and_no_value(load: object, content: bytes, tmp_path: Path) -> None:
    assert callable(load)
    file = tmp_path / "given.yaml"
    file.write_bytes(content)
    with pytest.raises(FileWrong) as refused:
        load(file)
    said = str(refused.value)
    assert said.startswith(f"{file} cannot be used (") and said.endswith(".yaml in the package")
    assert "\n" not in said and SECRET not in said and len(said) < 500


@pytest.mark.parametrize("load", [load_clients, load_people])
def test_a_file_that_cannot_be_read_is_named(load: object, tmp_path: Path) -> None:
    assert callable(load)
    for file in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(FileWrong, match=str(file)):
            load(file)
