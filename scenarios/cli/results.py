"""What is done with results afterwards: `rehearse verify --check`, and `rehearse compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.options import Reports
from wire.entry import CannotBegin

if TYPE_CHECKING:
    from scenarios.reports.result import Result

COMPARE_EXAMPLES = (
    "Examples: [bold]rehearse compare monday.json friday.json[/] · "
    "[bold]rehearse compare ours.json theirs.json third.json --html matrix.html --markdown matrix.md[/]"
)


def check_result(path: Path, evidence: Path | None, signed_by: str | None) -> None:
    """Say what a result is worth: its form, its signature, and the digest of its evidence."""
    from scenarios.reports.result import Standing, digest_of

    found, signer = _genuine(path)
    if signed_by not in (None, signer):
        raise _refused(path, f"it is signed by another key, {signer}")
    try:
        if evidence is not None and digest_of(evidence) != found.evidence:
            raise _refused(path, f"it was not made of {evidence}")
    except (OSError, UnicodeError) as error:
        raise CannotBegin(f"{evidence} cannot be read ({error})") from None
    typer.echo(f"{found.title}: " + ", ".join(f"{found.count(one)} {one}" for one in Standing))
    typer.echo(f"Plan {found.plan} of kit {found.kit}; evidence {found.evidence.digest}")
    typer.echo(f"The signature holds. Key: {signer}")


def compare(
    results: Annotated[list[Path], typer.Argument(help="Results of --result, the oldest first.")],
    html: Annotated[Path | None, typer.Option(help="Write a matrix of all of them as a page.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a matrix of all of them as Markdown.")] = None,
) -> None:
    """Say what changed from the first result to the last, and put any number of them side by side.

    Ends with status 1 when a requirement is broken, or a scenario fails, that did not before; and when a
    result is not what its verifier signed.
    """
    if len(results) < 2:
        raise typer.BadParameter("two results are due, or more", param_hint="RESULTS")
    Reports.tried(html=html, markdown=markdown)
    found = [_genuine(path)[0] for path in results]

    from scenarios.reports.comparison import changes, matrix_html, matrix_markdown

    if html is not None:
        html.write_text(matrix_html(found), encoding="utf-8")
    if markdown is not None:
        markdown.write_text(matrix_markdown(found), encoding="utf-8")
    first, last = found[0], found[-1]
    typer.echo(f"{first.title}\n{last.title}")
    if first.plan != last.plan:
        typer.echo(f"The plans differ ({first.plan}, {last.plan}): what is asked may have changed as well.")
    changed = list(changes(first, last))
    for one in changed:
        seen = f"\n    {one.seen}" if one.seen else ""
        typer.echo(f"{'✘' if one.worse else '·'} {one.name}: {one.before} → {one.after}. {one.words}{seen}")
    typer.echo(f"{len(changed)} changed." if changed else "Nothing changed.")
    for path in (html, markdown):
        if path is not None:
            typer.echo(f"Matrix: {path}")
    if any(one.worse for one in changed):
        raise typer.Exit(1)


def _genuine(path: Path) -> "tuple[Result, str]":
    from scenarios.reports.result import read_result
    from scenarios.reports.signing import NotGenuine

    try:
        return read_result(path)
    except OSError as error:
        raise CannotBegin(f"{path} cannot be read ({error.strerror})") from None
    except NotGenuine as why:
        raise _refused(path, str(why)) from None


def _refused(path: Path, why: str) -> typer.Exit:
    typer.echo(f"rehearse: {path}: {why}", err=True)
    return typer.Exit(1)
