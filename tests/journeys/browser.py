"""A browser without JavaScript: opens links, finds the forms of a page, presses their buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


@dataclass
class Form:
    """As the page drew it: ``fields`` are what would be sent if the button were pressed now."""

    target: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Field → the values of its radio buttons, check box or list."""
    buttons: dict[str, str] = field(default_factory=dict)
    """Buttons with a name send it with their value."""
    required: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        return {*self.fields, *self.choices}

    def filled(self, typed: dict[str, str]) -> dict[str, str]:
        """A person can only fill in what is there, and choose only what is on offer."""
        for name, value in typed.items():
            if name not in self.names:
                raise AssertionError(
                    f"the form has no field {name}; it has {', '.join(sorted(self.names))}"
                )
            if value and value not in self.choices.get(name, [value]):
                raise AssertionError(f"{name} offers {self.choices[name]}, not {value!r}")
        return {**self.fields, **typed}


class Page:
    """What came back, as a person sees it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.url = str(answer.url)
        self.html = answer.text
        reader = _Reader(self.url)
        reader.feed(self.html)
        self.forms, self.links = reader.forms, reader.links
        self.text = " ".join("".join(reader.words).split())

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def __repr__(self) -> str:
        return f"<{self.status} {self.url}: {self.text[:300]}>"

    def form(self, action: str = "", **fixed: str) -> Form:
        """The form whose hidden fields say what it does; fails with what the page says instead."""
        fixed |= {"action": action} if action else {}
        for each in self.forms:
            if all(each.fields.get(name) == value for name, value in fixed.items()):
                return each
        raise AssertionError(f"no form {fixed} on {self!r}")

    @property
    def actions(self) -> set[str]:
        """What the buttons of this page do."""
        return {each.fields["action"] for each in self.forms if "action" in each.fields}

    def link(self, part: str) -> str:
        for each in self.links:
            if part in each:
                return each
        raise AssertionError(f"no link with {part} on {self!r}")


class Browser:
    def __init__(self, http: httpx.Client, language: str = "en") -> None:
        self.http = http
        self.headers = {
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": language,
        }

    def open(self, link: str, **headers: str) -> Page:
        return Page(self.http.get(link, headers=self.headers | headers, follow_redirects=True))

    def send(self, form: Form, button: str = "", **typed: str) -> httpx.Response:
        """Presses the form's button, or that of its buttons; the answer as it came, a redirect
        included.
        """
        pressed = {button: form.buttons[button]} if button else {}
        return self.http.post(form.target, data=form.filled(typed) | pressed, headers=self.headers)

    def press(self, form: Form, button: str = "", **typed: str) -> Page:
        """Presses the form's button and follows to the page that a person then sees."""
        answer = self.send(form, button, **typed)
        if answer.is_redirect:
            assert answer.status_code == 303, "after a post only 303 makes every browser use GET"
            return self.open(urljoin(str(answer.url), answer.headers["location"]))
        return Page(answer)


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in ("style", "script"):
            self._silent += 1
        elif tag == "a" and not has.get("href", "#").startswith("#"):
            self.links.append(urljoin(self.url, has["href"]))
        elif tag == "form":
            assert has.get("method") == "post", "a form that only looks would not be a form here"
            self._form = Form(urljoin(self.url, has.get("action") or self.url))
            self.forms.append(self._form)
        elif self._form:
            self._control(self._form, tag, has)

    def _control(self, form: Form, tag: str, has: dict[str, str]) -> None:
        name = has.get("name", "")
        if "required" in has:
            form.required.add(name)
        if tag == "input" and has.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(has.get("value", "on"))
            if "checked" in has:
                form.fields[name] = has.get("value", "on")
        elif tag == "input":
            form.fields[name] = has.get("value", "")
        elif tag == "textarea":
            form.fields[name] = ""
            self._area = name
        elif tag == "select":
            self._select = name
            form.fields[name] = ""
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(has.get("value", ""))
            if "selected" in has:
                form.fields[self._select] = has.get("value", "")
        elif tag == "button":
            form.buttons[name] = has.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._silent -= 1
        elif tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        if tag in (
            "p",
            "li",
            "div",
            "h1",
            "h2",
            "section",
            "label",
            "button",
            "td",
            "th",
            "dd",
            "dt",
        ):
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._area is not None and self._form:
            self._form.fields[self._area] += data
        self.words.append(data)
