"""Nouns with their plurals. Results count what the classes of a model stand for, never images."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """`1 person`, `22 people`."""

    one: str
    many: str

    def counted(self, count: int) -> str:
        """Return the count with its noun: `1 person`, `1,200 people`."""
        return f"{count:,} {self.of(count)}"

    def of(self, count: int) -> str:
        """Return the noun in the singular or plural."""
        return self.one if count == 1 else self.many

    def to_dict(self) -> dict[str, str]:
        """Return the noun for the result document."""
        return {"one": self.one, "many": self.many}


NOUNS: dict[str, Noun] = {
    "person": Noun("person", "people"),
    "writer": Noun("writer", "writers"),
    "object": Noun("object", "objects"),
    "condition": Noun("condition", "conditions"),
    "other": Noun("class", "classes"),
}
PERSON = NOUNS["person"]
AUDIT = Noun("audit", "audits")
PERSON_LIKE = frozenset({"person", "writer"})
"""Kinds of classes that stand for one person each."""
