"""A small validator that complains in the words of zod 3 or zod 4 (contract opencrvs §3.3)."""

from mock_opencrvs.zod.composites import Fields, ListOf, Nullable, Optional, RecordOf, Union, none_fits
from mock_opencrvs.zod.reading import Issue, Parse, Path, Shape, issues_text, parse, plain, type_name
from mock_opencrvs.zod.scalars import (
    Anything,
    Boolean,
    FieldValue,
    IsoTime,
    Literal,
    Number,
    OneOf,
    Text,
    Uuid,
    Void,
)

__all__ = [
    "Anything",
    "Boolean",
    "FieldValue",
    "Fields",
    "IsoTime",
    "Issue",
    "ListOf",
    "Literal",
    "Nullable",
    "Number",
    "OneOf",
    "Optional",
    "Parse",
    "Path",
    "RecordOf",
    "Shape",
    "Text",
    "Union",
    "Uuid",
    "Void",
    "issues_text",
    "none_fits",
    "parse",
    "plain",
    "type_name",
]
