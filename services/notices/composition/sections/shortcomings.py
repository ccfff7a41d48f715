"""III.2.a Tồn tại, hạn chế: the shortcomings that figures and evidence show, each a paragraph."""

from __future__ import annotations

from services.notices.composition.context import CompositionContext
from services.notices.composition.model import Paragraph
from services.notices.composition.shortcomings import shortcomings_of


def shortcomings(context: CompositionContext) -> list[Paragraph]:
    """Its paragraphs; empty where nothing falls short."""
    return [
        Paragraph(found.runs, lead="-", key=found.shortcoming.kind, source=found.source, agencies=found.shortcoming.agencies)
        for found in shortcomings_of(context)
    ]
