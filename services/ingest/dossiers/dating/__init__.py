"""Dating: what the ruleset says of a dossier's state, and what of it goes into the feed.

`assess(fold(events), ruleset)` in `assessment.py` applies the ruleset to a state once: agency and procedure of the day, due
dates, lateness and its cause. `facts_of(assessment)` in `facts.py` makes the facts of a version. Pure.
"""
