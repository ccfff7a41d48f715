"""The two languages of the service's sentences: Vietnamese for people in offices, English for everyone else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same sentence in English and in Vietnamese. `str()` gives the English one, as log lines and commands have it."""

    en: str
    vi: str

    def __str__(self) -> str:
        return self.en

    def in_language(self, language: Language) -> str:
        """The sentence in one of the languages."""
        return self.vi if language == "vi" else self.en


def bilingual(en: str, vi: str, /, **values: object) -> Bilingual:
    """Two templates (`str.format`) filled with the same values; a value that is `Bilingual` itself is put in by language."""
    return Bilingual(_filled(en, values, "en"), _filled(vi, values, "vi"))


def joined(parts: Iterable[Bilingual], separator: str = " ") -> Bilingual:
    """Several sentences one after another."""
    parts = tuple(parts)
    return Bilingual(separator.join(part.en for part in parts), separator.join(part.vi for part in parts))


def _filled(template: str, values: dict[str, object], language: Language) -> str:
    written = {name: one.in_language(language) if isinstance(one, Bilingual) else one for name, one in values.items()}
    return template.format(**written)
