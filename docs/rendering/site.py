"""What MkDocs is told besides `mkdocs.yml`: pages that lie beside `docs/` belong to the site, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
BESIDE = ("README.md", "ARCHITECTURE.md")


def on_files(files: Any, config: Any) -> Any:
    """The pages from beside `docs/`, under `project/`."""
    from mkdocs.structure.files import File

    for name in BESIDE:
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"project/{name}", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Links out of `docs/`, and from those pages into it, lead to where the site has them."""
    if page.file.src_uri.startswith("project/"):
        for name in BESIDE:
            markdown = markdown.replace(f"]({name}", f"](./{name}")
        return markdown.replace("](docs/", "](../")
    for name in BESIDE:
        markdown = markdown.replace(f"](../{name}", f"](project/{name}")
    return markdown
