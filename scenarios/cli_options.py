"""What several commands of `rehearse` take: names, tags, profile, keys, and the files of the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios import library
from scenarios.events import Listener
from scenarios.library import ALL_PROFILES, NoSuchStory, Story
from scenarios.reports.html import HtmlReport
from scenarios.reports.junit import JUnitReport
from scenarios.reports.markdown import MarkdownReport
from scenarios.reports.plain import NdjsonReport

DEFAULT_KEYS = Path(".rehearsal/keys")

Names = Annotated[list[str] | None, typer.Argument(help="Scenarios by name; none: all.", show_default=False)]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", "-t", help="Only scenarios with this tag; several: with all of them."),
]
Profile = Annotated[
    str, typer.Option("--profile", "-p", help=f"OpenCRVS protocol: {', '.join(ALL_PROFILES)}, or all.")
]
OneProfile = Annotated[
    str, typer.Option("--profile", "-p", help=f"OpenCRVS protocol: {', '.join(ALL_PROFILES)}.")
]


def _locale(text: str | None) -> str | None:
    from testbed.names import NoSuchLocale, locale_of

    try:
        return None if text is None else locale_of(text)
    except NoSuchLocale as error:
        raise typer.BadParameter(str(error)) from None


Locale = Annotated[
    str | None,
    typer.Option(
        callback=_locale,
        help="Whose names people have: en, fr, es, pt, ar, another locale of Faker, or en_ZM, en_UG, so_SO, "
        "to_TO. Also sets the language of the packets.",
        show_default=False,
    ),
]
Keys = Annotated[
    Path, typer.Option("--keys", envvar="REHEARSAL_KEYS", help="Folder of test keys; missing ones are made.")
]


def port(option: str, what: str, variable: str) -> Any:
    """An option that says where a server listens, and the variable that says it too."""
    return typer.Option(option, envvar=variable, min=0, max=65535, help=what, show_default=False)


GatewayPort = Annotated[
    int | None, port("--gateway-port", "OpenCRVS gateway; else 7070.", "MOCK_OPENCRVS_GATEWAY_PORT")
]
AuthPort = Annotated[int | None, port("--auth-port", "OpenCRVS auth; else 4040.", "MOCK_OPENCRVS_AUTH_PORT")]
NidPort = Annotated[int | None, port("--nid-port", "ID system; else 20240.", "MOCK_NID_PORT")]
EsignetPort = Annotated[int | None, port("--esignet-port", "eSignet; else 20260.", "MOCK_NID_ESIGNET_PORT")]
Html = Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")]
Junit = Annotated[Path | None, typer.Option(help="Write JUnit XML, for a pipeline.")]
Ndjson = Annotated[Path | None, typer.Option(help="Write every event as a line of JSON.")]
Markdown = Annotated[Path | None, typer.Option(help="Write a summary for a pull request.")]


def chosen(
    names: list[str] | None, tags: list[str] | None, known: Iterable[Story] | None = None
) -> list[Story]:
    """The stories that were asked for, of the library or of `known`."""
    try:
        return library.choose(names or (), tags or (), known)
    except NoSuchStory as error:
        raise typer.BadParameter(str(error)) from None


def profiles(text: str) -> list[str]:
    """One version of OpenCRVS, or all of them."""
    if text == "all":
        return list(ALL_PROFILES)
    if text not in ALL_PROFILES:
        raise typer.BadParameter(f"no profile is called {text!r}; there are: {', '.join(ALL_PROFILES)}, all")
    return [text]


def one_profile(text: str) -> None:
    """What plays once has one protocol."""
    if len(profiles(text)) > 1:
        raise typer.BadParameter(f"one profile at a time here: {', '.join(ALL_PROFILES)}")


def reports(
    html: Path | None, junit: Path | None, ndjson: Path | None, markdown: Path | None, profile: str = ""
) -> list[Listener]:
    """The report listeners asked for; with several profiles each gets a file of its own."""
    made: list[Listener] = []
    files: tuple[tuple[Callable[[Path], Listener], Path | None], ...] = (
        (HtmlReport, html),
        (JUnitReport, junit),
        (NdjsonReport, ndjson),
        (MarkdownReport, markdown),
    )
    for make, path in files:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.append(make(path.with_stem(f"{path.stem}-{profile}") if profile else path))
    return made
