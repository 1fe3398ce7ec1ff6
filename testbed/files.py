"""A YAML file that somebody gives a mock in place of its own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from wire.entry import CannotBegin

Model = TypeVar("Model", bound=BaseModel)


class FileWrong(CannotBegin):
    """The file cannot be used; the text names file, field and fault, and holds no value: some are secrets."""


def from_yaml(file: Path, model: type[Model], own: Path) -> Model:
    """What the file holds; nobody changes it. FileWrong tells to compare it with the mock's own."""
    try:
        content: Model = _read(file.read_text(encoding="utf-8"), model)
        return content
    except OSError as error:
        why = str(error.strerror)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        why = ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
    except yaml.YAMLError as error:
        why = " ".join(str(error).split())
    except UnicodeDecodeError:
        why = "it is no text in UTF-8"
    except (ValueError, RecursionError):
        why = "a value is none, or nested too deep"
    raise FileWrong(f"{file} cannot be used ({why}); compare with {own.name} in the package")


@lru_cache(maxsize=4)
def _read(text: str, model: type[Model]) -> Model:
    # the same file gives the same model
    return model.model_validate(yaml.load(text, yaml.CSafeLoader))
