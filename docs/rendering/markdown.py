"""Markdown in small pieces. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wire.environment import texts_below

NOTE = "<!-- Made by `make docs` from the code. Change the code, not this page. -->"


def page(title: str, *parts: str) -> str:
    """A whole page: title (first, or the site names it by its file), note, parts; blank lines between."""
    return "\n\n".join([f"# {title}", NOTE, *(part.strip("\n") for part in parts if part.strip())]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row(row) for row in rows]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ").strip() for cell in cells) + " |"


def described(model: type) -> str:
    """The fields of a pydantic dataclass: name, default, meaning."""
    texts = texts_below(model)
    rows = [
        (
            code(name),
            code("" if info.is_required() or info.default_factory or info.default is None else info.default),
            texts[name],
        )
        for name, info in model.__pydantic_fields__.items()  # type: ignore[attr-defined]
    ]
    return table(("Field", "Default", "Meaning"), rows)


def code(text: object) -> str:
    """A word of code; nothing for nothing."""
    shown = str(text)
    return f"`{shown}`" if shown else ""


def codes(words: Iterable[object]) -> str:
    return ", ".join(code(word) for word in words)


def sentence(text: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())
