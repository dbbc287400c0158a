"""Deliveries as AWS makes them: what failed comes again, until it works or somebody gives it up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from routing_core.domain.events import EventRow
from routing_core.service.ports import Mail
from routing_core.service.views import MailView
from tests.faults.calls import Killed
from tests.world import World

WHATEVER = (Exception, Killed)


@dataclass
class PatientWorld(World):
    """Handlers may fail and be killed here; what they were given waits in ``again``."""

    again: list[Callable[[], Any]] = field(default_factory=list)

    def back_to(self, point: Mapping[str, Any]) -> None:
        super().back_to(point)
        self.again.clear()

    def _bring(self, bring: Callable[[], Any]) -> Any:
        try:
            return bring()
        except WHATEVER:
            self.again.append(bring)
            return None

    def stream(self, row: EventRow) -> Any:
        return self._bring(partial(super().stream, row))

    def tell(self, entry: dict[str, Any]) -> Any:
        return self._bring(partial(super().tell, entry))

    def wake(self, payload: dict[str, Any]) -> None:
        self._bring(partial(super().wake, payload))

    def sweep(self) -> None:
        """Nobody brings a failed run again: the next one comes in five minutes."""
        try:
            super().sweep()
        except WHATEVER:
            return

    def hear_of_partners(self) -> None:
        before = dict(self._profiles)
        try:
            super().hear_of_partners()
        except WHATEVER:
            self._profiles = before  # the same records come again

    def redeliver(self) -> None:
        waiting, self.again = self.again, []
        for bring in waiting:
            self._bring(bring)


def short_letter(view: MailView) -> Mail:
    """Who is told what about which leads, without the beauty: letters have tests of their own."""
    leads = [view.lead.id] if view.lead else [entry.lead.id for entry in view.entries]
    return Mail(view.to, view.template, "", f"{view.template} {' '.join(leads)}", "test")
