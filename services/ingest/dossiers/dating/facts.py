"""The facts of a dossier: what of its assessment is counted, as one version in the feed. Pure."""

from __future__ import annotations

from datetime import timedelta

from services.ingest.dossiers.dating.assessment import Assessment
from services.ingest.dossiers.dating.index import index_due
from services.ingest.events.model import Particulars
from shared.civil import civil_day
from shared.dossier import Facts, Outcome
from shared.workdays import limit_minutes, suspended_days

_ONE_DAY = timedelta(days=1)
_NOT_STATED = Particulars()


def facts_of(assessment: Assessment) -> Facts:
    """One version of the dossier for the feed."""
    state, procedure, due, legal_deadline = assessment.state, assessment.procedure, assessment.due, assessment.deadline
    about, received_on, portal_due_on = state.about, assessment.received_on, assessment.portal_due_on
    suspensions, is_sound = assessment.suspensions, not state.contradictions
    fee_required = procedure is not None and procedure.fee_required
    particulars = state.particulars or _NOT_STATED
    by_index = index_due(state, assessment.done_on, portal_due_on, legal_deadline)
    return Facts(
        code=state.code,
        status=state.status,
        agency=assessment.agency,
        procedure=procedure.code if procedure is not None else None,
        sector=procedure.sector if procedure is not None else None,
        channel=about.channel,
        received_on=received_on if state.outcome is not Outcome.refused else None,
        due_on=due.due_on if due is not None else None,
        due_basis=due.basis if due is not None else None,
        legal_due_on=legal_deadline.legal_due_on if legal_deadline is not None else None,
        portal_due_on=portal_due_on,
        extended_due_on=legal_deadline.extended_due_on if legal_deadline is not None else None,
        late_from=due.late_from if due is not None else None,
        due_soon=due.soon_from if due is not None else None,
        ended_on=assessment.ended_on,
        outcome=state.outcome,
        timeliness=assessment.timeliness,
        portal_late_from=portal_due_on + _ONE_DAY if is_sound and portal_due_on is not None else None,
        portal_timeliness=assessment.portal_timeliness,
        delivered_on=civil_day(state.delivered_at) if state.delivered_at is not None else None,
        suspensions=suspended_days(suspensions, received_on, assessment.ended_on) if suspensions and received_on else (),
        interlinked=procedure is not None and procedure.interlinked,
        digitisation_required=procedure is not None and procedure.digitisation_required,
        digitised_intake=about.digitised_intake,
        digitised_result=about.digitised_result,
        fee_required=about.fee_required if about.fee_required is not None else fee_required,
        fee_online=about.fee_online,
        reused=about.reused,
        supplements=state.supplements,
        spent_minutes=assessment.spent_minutes,
        limit_minutes=limit_minutes(legal_deadline) if is_sound and legal_deadline is not None else None,
        cause=assessment.cause.value if assessment.cause is not None else None,
        synced_late=assessment.synced_late,
        contradictions=state.contradictions,
        steps=assessment.steps,
        result_coded=particulars.result_coded,
        from_storage=particulars.from_storage,
        account_verified=particulars.account_verified,
        index_judged=True,
        index_ended_on=by_index.ended_on,
        index_due_on=by_index.due_on,
        index_late=by_index.late,
        misrouted=assessment.misrouted,
        deleted=state.deleted,
    )
