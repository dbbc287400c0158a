"""Put together one update of one item, piece by piece.

DynamoDB wants one text for all changes and one for all conditions, with a placeholder for every
name and value: attributes such as ``o:heat-pump`` could not stand in the text.
"""

from dataclasses import dataclass, field
from typing import Any

from routing_core.aws.tables.dynamo import serialize_item


@dataclass(slots=True)
class UpdateExpression:
    """Collects what an update changes, and on what condition, for the arguments of the call."""

    sets: list[str] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def name(self, attribute: str) -> str:
        """Give the placeholder of an attribute's name."""
        placeholder = f"#{_label(attribute)}"
        self.names[placeholder] = attribute
        return placeholder

    def value(self, label: str, value: Any) -> str:
        """Give the placeholder of a value."""
        placeholder = f":{label}"
        self.values[placeholder] = value
        return placeholder

    def add(self, attribute: str, amount: int) -> None:
        """Raise a number, which is 0 where it is not there, by an amount."""
        name = self.name(attribute)
        amount_name = self.value(f"by_{_label(attribute)}", amount)
        zero = self.value("zero", 0)
        self.sets.append(f"{name} = if_not_exists({name}, {zero}) + {amount_name}")

    def put(self, attribute: str, value: Any) -> None:
        """Put a value in the place of what is there."""
        self.sets.append(f"{self.name(attribute)} = {self.value(_label(attribute), value)}")

    def remove(self, attribute: str) -> None:
        """Take an attribute away."""
        self.removes.append(self.name(attribute))

    def require(self, condition: str) -> None:
        """Refuse the update, and the transaction it is part of, unless a condition holds."""
        self.conditions.append(condition)

    def require_below(self, attribute: str, cap: int) -> None:
        """Refuse the update unless a number is below its cap; what is not there is 0."""
        name = self.name(attribute)
        limit = self.value(f"cap_{_label(attribute)}", cap)
        self.require(f"(attribute_not_exists({name}) OR {name} < {limit})")

    def arguments(self) -> dict[str, Any]:
        """Give the update as DynamoDB's arguments, without the table and the key."""
        expression = f"SET {', '.join(self.sets)}"
        if self.removes:
            expression += f" REMOVE {', '.join(self.removes)}"
        arguments: dict[str, Any] = {
            "UpdateExpression": expression,
            "ExpressionAttributeNames": self.names,
            "ExpressionAttributeValues": serialize_item(self.values),
        }
        if self.conditions:
            arguments["ConditionExpression"] = " AND ".join(self.conditions)
        return arguments


class UnmovedExpression(UpdateExpression):
    """Collects an update of the same shape and cost that leaves everything as it is.

    Nobody can then tell by the time it takes whether it was a real one.
    """

    def add(self, attribute: str, amount: int) -> None:
        """Raise a number by nothing."""
        UpdateExpression.add(self, attribute, 0)

    def put(self, attribute: str, value: Any) -> None:
        """Leave a value as it is; one that is not there becomes empty, which reads as not there."""
        name = self.name(attribute)
        empty = 0 if isinstance(value, int) else ""
        kept = self.value(attribute, empty)
        self.sets.append(f"{name} = if_not_exists({name}, {kept})")


def _label(attribute: str) -> str:
    # Placeholders take letters, digits and underscores only.
    return attribute.replace("-", "_").replace(":", "_")
