"""A stand-in for a provincial one-stop portal of the VNPT iGate kind: a server that behaves as the real ones do.

`python -m deploy.simulator --port N --world reference` serves it; `deploy.simulator.worlds` makes the worlds it can serve. What
it says on the wire, for whoever writes an adapter:

- `POST /auth/realms/{realm}/protocol/openid-connect/token`, form-encoded, grant `client_credentials` (or `password`), answers
  `access_token` and `expires_in`; every other route wants `Authorization: Bearer`, answers 401 once the token is old.
- `GET /pa/dossier/search?spec=slice|page&page=0&size=20&sort=updatedDate,desc` with the filters `code, procedure-id, sector-id,
  accepted-from/-to, appointment-from/-to, result-returned-from/-to, dossier-status, apply-method-id, ancestor-agency-id`.
  The list moves while it is read when the world is live.
- `GET /pa/dossier/{id}` one dossier, 404 when the portal deleted it.
- `GET /pa/dossier-statistic/--statistic-agency-kgg` control totals by the portal's own judgement (`statistics`).
- `GET /bd/procedure`, `GET /ba/agency`: the catalogue, paged like the search.

Fields of a dossier that need a word (`deploy.simulator.rendering` writes them):

- `dossierStatus.id`, `applyMethod.id`, `dossierReceivingKind` mean nothing outside this portal: go by names and dates.
- `acceptedDate` is the receipt, absent while only registered and for a refused one. `appointmentDate` is the portal's due date
  as it stands, `dueDate` the one first promised; a pause that the portal honours moves the first and not the second.
- `completedDate` is when the portal closed the dossier, `returnedDate` when the result was handed over.
- `task[]` is the history, a task per step with the instants at which the step really began (`createdDate`) and ended. The task
  that opens with the result in hand begins when the result was ready: where that is before `completedDate`, the office
  forgot to close the dossier. Tasks of pauses (papers, payment, stop) show pauses that the appointment may not know of.
- `dossierFormFile[].digitizingStatus`: 0 no, 1 digitised, 2 part re-used, 3 result of another dossier re-used;
  `dossierResultFile[]`: the electronic result, empty when it exists on paper only.
- `dossierFee[]` with `paymentMethod` naming how it was paid.
- a deleted dossier vanishes from the list.

`/_truth/*` (no token) is not part of the portal: the ledger, the calls that were made, the faults, the clock.
"""
