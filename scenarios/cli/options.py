"""What several commands of `rehearse` take: names, tags, profile, keys, and the files of the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios import library
from scenarios.library import NoSuchStory
from scenarios.story import ALL_PROFILES, Story
from wire.addresses import base_address, http_address

if TYPE_CHECKING:
    from scenarios.events import Listener
    from scenarios.reports.files import Files
    from scenarios.reports.result import ResultReport, Subject
    from scenarios.reports.signing import PrivateKey

DEFAULT_KEYS = Path(".rehearsal/keys")

TOLD = 3
"""So many stories by name are told; more are too much to read."""

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


def _reads(read: Callable[[str], str]) -> Callable[[str | None], str | None]:
    """Reads an option that names an address; where none was given, there is none."""

    def reads(text: str | None) -> str | None:
        try:
            return read(text) if text else text
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return reads


address, whole_address = _reads(base_address), _reads(http_address)
"""One to which paths are appended; one with a path and a query of its own."""


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


def _country(folder: Path | None) -> Path | None:
    from bridge.country.faults import faults_of

    if folder is not None and (faults := faults_of(folder)):
        raise typer.BadParameter("\n".join(faults))
    return folder


Country = Annotated[
    Path | None,
    typer.Option(
        callback=_country,
        help="Folder of a country's own files, with which the bridge plays; else as each scenario says.",
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
Brief = Annotated[bool, typer.Option("--brief", "-b", help="Told stories without the exchanges on the wire.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="One line a scenario; failures in full.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help=f"Tell every story, not only up to {TOLD} that were named.")
]
Html = Annotated[Path | None, typer.Option(help="Write one self-contained HTML page.")]
Junit = Annotated[Path | None, typer.Option(help="Write JUnit XML, for a pipeline.")]
Ndjson = Annotated[Path | None, typer.Option(help="Write every event as a line of JSON.")]
Markdown = Annotated[Path | None, typer.Option(help="Write a summary for a pull request.")]
Result = Annotated[
    Path | None, typer.Option(help="Write what each requirement came to, as JSON that others can check.")
]
Badge = Annotated[Path | None, typer.Option(help="Write a badge (SVG) that says how many were met.")]
Product = Annotated[str, typer.Option(help="Name and version of what is judged, for result and certificate.")]
SigningKey = Annotated[
    Path | None,
    typer.Option(
        envvar="REHEARSAL_SIGNING_KEY",
        help="Private key (PEM, Ed25519 or RSA) that signs the result; else verifier.key.pem among the keys.",
        show_default=False,
    ),
]


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


@dataclass(frozen=True)
class Reports:
    """The files that were asked for. All can be written: that was tried."""

    html: Path | None = None
    junit: Path | None = None
    ndjson: Path | None = None
    markdown: Path | None = None
    result: Path | None = None
    badge: Path | None = None

    @classmethod
    def tried(cls, **files: Path | None) -> Reports:
        """BadParameter names the option whose file cannot be written, or that another one writes as well; the
        folder of each is made.
        """
        taken: dict[Path, str] = {}
        for option, path in files.items():
            if path is None:
                continue
            tried(path, f"--{option}")
            other = taken.setdefault(path.resolve(), f"--{option}")
            if other != f"--{option}" and (path.is_file() or not path.exists()):
                raise typer.BadParameter(
                    f"{path} is the file of {other} as well: name another one", param_hint=f"--{option}"
                )
        return cls(**files)

    def of_profile(self, profile: str) -> Reports:
        """With several profiles each gets files of its own."""
        own = {name: path and path.with_stem(f"{path.stem}-{profile}") for name, path in vars(self).items()}
        return Reports.tried(**own)

    def written(self, judged: Callable[[], Subject], keys: Path, signing_key: Path | None = None) -> Files:
        """Who writes them, the result about `judged`. BadParameter when its key cannot be used."""
        from scenarios.reports.files import Files

        made: list[tuple[Listener, list[Path]]] = []
        # each is imported when it is asked for: the page alone brings a template engine
        results: ResultReport | None = None
        if self.html or self.result or self.badge:
            from scenarios.reports.result import ResultReport

            key = _key(keys, signing_key) if self.result else None
            results = ResultReport(judged(), key, self.result, self.badge)
            made.append((results, [path for path in (self.result, self.badge) if path]))
        if self.html is not None:
            from scenarios.reports.html import HtmlReport

            made.append((HtmlReport(self.html, results), [self.html]))
        if self.junit is not None:
            from scenarios.reports.junit import JUnitReport

            made.append((JUnitReport(self.junit), [self.junit]))
        if self.ndjson is not None:
            from scenarios.reports.plain import NdjsonReport

            made.append((NdjsonReport(self.ndjson), [self.ndjson]))
        if self.markdown is not None:
            from scenarios.reports.markdown import MarkdownReport

            made.append((MarkdownReport(self.markdown), [self.markdown]))
        return Files(made)


def _key(keys: Path, given: Path | None) -> PrivateKey:
    from scenarios.reports.signing import signing_key

    try:
        return signing_key(keys, given)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{given or keys}: {error}", param_hint="--signing-key") from None


def writable_folder(path: Path, option: str) -> None:
    """Make the folder where it is missing; BadParameter when nothing can be written there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=path).close()
    except OSError as error:
        raise typer.BadParameter(
            f"{path} cannot be written ({error.strerror}): name a folder that you may write to",
            param_hint=option,
        ) from None


def tried(path: Path, option: str) -> None:
    """BadParameter when the file cannot be written; none is left by trying."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        there = path.exists()
        path.open("ab").close()
        if not there:
            path.resolve().unlink()
    except OSError as error:
        raise typer.BadParameter(
            f"{path} cannot be written ({error.strerror}): name a file in a folder that you may write to",
            param_hint=option,
        ) from None


def ready(keys: Path) -> None:
    """Make the test keys that are missing. CannotBegin says which folder cannot be used."""
    from wire.keyfolder import KeyFolder

    KeyFolder(keys).ensure("--keys or REHEARSAL_KEYS")


def tells(stories: Sequence[Story], names: list[str] | None, *, quiet: bool, verbose: bool) -> bool:
    """Whether the stories are told as they happen: a few that were named, or when it was asked for."""
    return verbose or (not quiet and names is not None and len(stories) <= TOLD)
