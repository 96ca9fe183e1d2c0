"""What one class of a model stands for."""

from enum import StrEnum


class ClassKind(StrEnum):
    """Words, severity and verifiers on offer follow it."""

    PERSON = "person"
    WRITER = "writer"
    OBJECT = "object"
    CONDITION = "condition"
    OTHER = "other"
