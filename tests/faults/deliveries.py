"""Deliveries as AWS makes them: what failed comes again, until it works or somebody gives it up."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from routing_core.domain.events import CommitRecord
from routing_core.service.kernel.mail_ports import Mail
from routing_core.service.kernel.views import MailView
from tests.faults.calls import Killed, Trouble
from tests.support.mail_service import try_mail, waiting_mail
from tests.support.world import Answer, World

WHATEVER = (Exception, Killed)


@dataclass
class PatientWorld(World):
    """Handlers may fail and be killed here; what they were given waits in ``again``."""

    again: list[Callable[[], Any]] = field(default_factory=list)
    trouble: Trouble = field(default_factory=Trouble)
    """Meets what the handlers call, not what a test looks at."""

    def back_to(self, point: Mapping[str, Any]) -> None:
        super().back_to(point)
        self.again.clear()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        before, self.trouble.asleep = self.trouble.asleep, False
        try:
            yield
        finally:
            self.trouble.asleep = before

    def _bring(self, bring: Callable[[], Any]) -> Any:
        try:
            with self.at_work():
                return bring()
        except WHATEVER:
            self.again.append(bring)
            return None

    def http(self, method: str, address: str, **request: Any) -> Answer:
        with self.at_work():
            return super().http(method, address, **request)

    def rows(self, new: bool = False) -> list[CommitRecord]:
        """A lead's in the order of its versions, whatever the clocks said."""
        return sorted(super().rows(new), key=lambda row: row.version)

    def stream(self, *rows: CommitRecord) -> Any:
        return self._bring(partial(super().stream, *rows))

    def tell(self, entry: dict[str, Any]) -> Any:
        return self._bring(partial(super().tell, entry))

    def wake(self, payload: dict[str, Any]) -> None:
        self._bring(partial(super().wake, payload))

    def renew_calendars(self) -> None:
        self._bring(super().renew_calendars)

    def sweep(self) -> None:
        """Nobody brings a failed run again: the next one comes in five minutes."""
        try:
            with self.at_work():
                super().sweep()
        except WHATEVER:
            return

    def hear_of_partners(self) -> None:
        before = dict(self._profiles)
        try:
            with self.at_work():
                super().hear_of_partners()
        except WHATEVER:
            self._profiles = before  # the same records come again

    def fire(self, name: str) -> None:
        """One that was armed again for an instant already past comes a little later, not at
        once.
        """
        if name.count(".") > 1:
            self.advance(seconds=5)
        super().fire(name)

    def deliver(self) -> None:
        self.redeliver()
        super().deliver()

    def waiting_on_the_bus(self) -> list[dict[str, Any]]:
        """Entries nobody was told of yet; it is the caller's now to tell them."""
        waiting = self.published[self._told :]
        self._told = len(self.published)
        return waiting

    def redeliver(self) -> None:
        waiting, self.again = self.again, []
        for bring in waiting:
            self._bring(bring)
        if records := waiting_mail(self):
            self._bring(partial(self._mail_again, records))

    def _mail_again(self, records: list[dict[str, Any]]) -> None:
        """What SES did not take for a moment comes back by itself; what fails then comes again."""
        failed = try_mail(self, records)
        if left := [each for each in records if each["messageId"] in failed]:
            self.again.append(partial(self._mail_again, left))


def short_letter(view: MailView) -> Mail:
    """Who is told what about which leads, without the beauty: letters have tests of their own."""
    leads = [view.lead.id] if view.lead else [entry.lead.id for entry in view.entries]
    return Mail(view.to, view.template, "", f"{view.template} {' '.join(leads)}", "test")
