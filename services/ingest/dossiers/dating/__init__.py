"""Dating: what the law says of a dossier's state: its agency and procedure of the day, its due dates, its lateness and why.

    assessment = assess(fold(events), law)
    facts = facts_of(assessment)

`law` is everything the clock needs to know of a province, as data of one version of the catalogue; `assessment` applies it to a
state, once; `facts` is what of it goes into the feed. Explanations are made of the same assessment. Pure: change the law or
the state and the facts follow; nothing is remembered in between.
"""

from services.ingest.catalogue.model import Law
from services.ingest.dossiers.dating.assessment import Assessment, assess
from services.ingest.dossiers.dating.facts import facts_of

__all__ = ["Assessment", "Law", "assess", "facts_of"]
