"""JUnit XML for pipelines: one test case a scenario; what broke is its failure, with the evidence."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from scenarios.events import Checked, Event, Exchanged, StoryOutcome, Told
from scenarios.reports.chapters import Book, Chapter, WrittenReport
from scenarios.reports.isolation import isolated
from scenarios.reports.words import words
from scenarios.stage.pace import moment

# XML 1.0 has no place for most control characters
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitReport(WrittenReport):
    def text(self) -> str:
        tree = junit(self._book)
        ElementTree.indent(tree)
        written: bytes = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
        return written.decode()


def junit(book: Book) -> ElementTree.Element:
    """The run as a `testsuites` element."""
    seconds = book.ended.seconds if book.ended else 0.0
    profile = book.started.profile if book.started else ""
    counts = {
        "tests": str(len(book.chapters)),
        "failures": str(book.count(StoryOutcome.FAILED)),
        "errors": str(book.count(StoryOutcome.ERROR)),
        "skipped": str(book.count(StoryOutcome.NOT_PLAYED)),
        "time": f"{seconds:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "rehearsal", **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": f"OpenCRVS {profile}", **counts})
    if book.started is not None:
        suite.set("timestamp", book.started.began.strftime("%Y-%m-%dT%H:%M:%S"))
        properties = ElementTree.SubElement(suite, "properties")
        for name in ("profile", "seed", "clock", "against", "kit"):
            value = str(getattr(book.started, name))
            ElementTree.SubElement(properties, "property", {"name": name, "value": clean(value)})
    for chapter in book.chapters:
        suite.append(_case(chapter, profile))
    return root


def _case(chapter: Chapter, profile: str) -> ElementTree.Element:
    seconds = chapter.ended.seconds if chapter.ended else 0.0
    case = ElementTree.Element(
        "testcase",
        {"classname": f"rehearsal.opencrvs-{profile}", "name": chapter.name, "time": f"{seconds:.3f}"},
    )
    complaints = [clean(line) for line in chapter.complaints()]
    first = complaints[0] if complaints else ""
    match chapter.outcome:
        case StoryOutcome.NOT_PLAYED:
            ElementTree.SubElement(case, "skipped", {"message": first})
        case StoryOutcome.FAILED | StoryOutcome.ERROR:
            kind = "failure" if chapter.outcome is StoryOutcome.FAILED else "error"
            mark = ElementTree.SubElement(case, kind, {"message": first, "type": chapter.outcome.value})
            mark.text = "\n".join(complaints)
        case StoryOutcome.PASSED:
            pass
    out = ElementTree.SubElement(case, "system-out")
    out.text = clean("\n".join(line for event in chapter.events if (line := _line(event))))
    return case


def _line(event: Event) -> str:
    at = moment(event.at)
    match event:
        case Told():
            return f"{at} {event.who}: {event.text}"
        case Exchanged():
            return f"{at} {event.sender} -> {event.receiver}: {words(event)} {event.answer}"
        case Checked():
            return f"{at} {'ok' if event.met else 'NOT MET'}: {event.text}"
        case _:
            return ""


def clean(text: str) -> str:
    """Text that XML can carry."""
    return _FORBIDDEN.sub("\ufffd", isolated(text))
