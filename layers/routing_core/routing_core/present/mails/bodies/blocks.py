"""The pieces of a mail, which the templates draw for HTML and plain text."""

from dataclasses import dataclass

from routing_core.present.lead_summary import LabelledLine


@dataclass(frozen=True, slots=True)
class ListedLead:
    """One enquiry among several: in a digest, a grouped alert or a gathered receipt."""

    title: str
    """Names the work and the place, with the reference."""
    sentence: str
    """Says what happened, or how it stands."""
    lines: tuple[str, ...]
    """Says what else there is to tell, line by line."""
    url: str
    """The page of this enquiry."""


@dataclass(frozen=True, slots=True)
class MailBar:
    """A bar of a picture in a mail: a table, for mail programs show no SVG."""

    label: str
    value: str
    percent: int
    """The length, of the longest bar; 1 to 100, for an empty table would fill its cell."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a mail, which the templates draw by its kind."""

    kind: str
    """The shape: text, small, alarm, item, lines, quote, button, link, case or bars."""
    text: str = ""
    """The words of it; of a quote somebody else's."""
    url: str = ""
    """The address that a button or link opens."""
    lines: tuple[LabelledLine, ...] = ()
    """The labelled lines; of a quote the one whose label says who wrote it."""
    case: ListedLead | None = None
    """The enquiry that a case shows."""
    bars: tuple[MailBar, ...] = ()
    """The bars of a picture, whose caption is ``text``."""
