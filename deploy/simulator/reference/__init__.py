"""The reference world: Thanh Hà district from the end of 2022 to August 2023, the same at every run.

Calibrated so that the period 15/12/2022-20/7/2023 gives, by the law as `shared.workdays` counts it, exactly the figures of
the notice of 2023. `calibration.csv` has the number of dossiers of each kind for every agency; `plans` makes one plan per
dossier of it, `dating` finds dates by which the dossier ends as planned, `world` adds the dossiers outside the period.
"""

from deploy.simulator.reference.calibration import DISTRICT, FIRST_DAY, LAST_DAY, Row, calibration
from deploy.simulator.reference.world import reference_world

__all__ = ["DISTRICT", "FIRST_DAY", "LAST_DAY", "Row", "calibration", "reference_world"]
