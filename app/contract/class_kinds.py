"""Kinds of classes."""

from enum import StrEnum


class ClassKind(StrEnum):
    """What a class of a model stands for.

    It decides wording, severity and the verifiers on offer.
    """

    PERSON = "person"
    WRITER = "writer"
    OBJECT = "object"
    CONDITION = "condition"
    OTHER = "other"
