"""Every alert rule fires on a broken stack and on no healthy one: evaluated by promtool over an hour of invented series."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

from tests.deploy.alerting import RULES, RUNBOOK, program, rules

PROVINCE = '{province="30"}'
UNKNOWN = "_x180"
HEALTHY = {
    'up{job="motcua", instance="api"}': "1x180",
    'up{job="motcua-workers", instance="worker"}': "1x180",
    'motcua_worker_jobs_total{service="metrics", loop="following", result="failed"}': "0x180",
    'motcua_worker_loop_stalled_seconds{instance="worker", service="metrics", loop="following"}': "0x180",
    "motcua_metrics_lag_positions" + PROVINCE: "0x180",
    "motcua_metrics_lag_seconds" + PROVINCE: "0x180",
    'motcua_worker_silent{service="metrics"}': "0x180",
    'motcua_metrics_incomplete{province="30", reason="ingest_unreachable"}': "0x180",
    'motcua_metrics_incomplete{province="30", reason="behind"}': "0x180",
    'motcua_metrics_incomplete{province="30", reason="pull_unverified"}': "0x180",
    'motcua_metrics_poll_age_seconds{instance="api"}': "1x180",
    "motcua_metrics_ingest_restored" + PROVINCE: "0x180",
    "motcua_metrics_silence_seconds" + PROVINCE: "60x180",
    "motcua_metrics_missing_sources" + PROVINCE: "0x180",
    "motcua_metrics_failed_consistency_checks" + PROVINCE: "0x180",
    "motcua_metrics_consistency_check_age_seconds" + PROVINCE: "20x180",
    "motcua_metrics_balance_breaks_total" + PROVINCE: "0x180",
    "motcua_metrics_quarantined" + PROVINCE: "5x180",
    "motcua_metrics_reconciliation_gap" + PROVINCE: "0x180",
    "motcua_metrics_failing_published_pulls" + PROVINCE: "0x180",
    'motcua_request_failures_total{service="metrics"}': "0x180",
    'motcua_request_seconds_bucket{service="metrics", route="/v1/kpis", le="1"}': "0+60x180",
    'motcua_request_seconds_bucket{service="metrics", route="/v1/kpis", le="2.5"}': "0+60x180",
    'motcua_request_seconds_bucket{service="metrics", route="/v1/kpis", le="+Inf"}': "0+60x180",
    "motcua_notices_waiting_seconds": "0x180",
    "motcua_notices_unsound": "0x180",
    'motcua_notices_certificate_valid_until_seconds{certificate="body"}': "4000000000x180",
}
"""Three hours, a sample a minute, of every series that a rule reads."""


def series(beginning: str, values: str) -> dict[str, str]:
    """The healthy series whose names begin so, with other values."""
    found = {name: values for name in HEALTHY if name.startswith(beginning)}
    assert found, beginning
    return found


BROKEN: dict[str, dict[str, str]] = {
    "ProcessIsDown": series('up{job="motcua"', "1x10 0x170"),
    "NothingIsScraped": series('up{job="motcua-workers"', UNKNOWN),
    "WorkerFails": series("motcua_worker_jobs_total", "0x100 0+1x80"),
    "LoopStandsStill": series("motcua_worker_loop", "0+60x180"),
    "CountingIsBehind": series("motcua_metrics_lag_positions", "7x180") | series("motcua_metrics_lag_seconds", "0+60x180"),
    "WorkerIsSilent": series("motcua_worker_silent", "1x180"),
    "IngestIsNotReached": series('motcua_metrics_incomplete{province="30", reason="ingest', "0x170 1x10"),
    "MetricsDoesNotLook": series("motcua_metrics_poll_age", "0+60x180"),
    "IngestRestored": series("motcua_metrics_ingest_restored", "1x180"),
    "AnswersAreIncomplete": series('motcua_metrics_incomplete{province="30", reason="pull_unv', "1x180"),
    "NoNews": series("motcua_metrics_silence", "86000+60x180"),
    "SourceIsMissing": series("motcua_metrics_missing", "1x180"),
    "CountersDifferFromVersions": series("motcua_metrics_failed", "1x180"),
    "ProofIsOld": series("motcua_metrics_consistency", "0+60x180"),
    "AnswersDoNotBalance": series("motcua_metrics_balance", "0x175 1x5"),
    "QuarantineGrows": series("motcua_metrics_quarantined", "101x180"),
    "PortalDiffers": series("motcua_metrics_reconciliation", "1x180"),
    "PublishedScoresFail": series("motcua_metrics_failing_published", "1x180"),
    "AnswersFail": series("motcua_request_failures", "0x100 0+12x80"),
    "AnswersAreSlow": series('motcua_request_seconds_bucket{service="metrics", route="/v1/kpis", le="1"', "0+58x180"),
    "NoticesWait": series("motcua_notices_waiting", "0+60x180"),
    "NoticesAreUnsound": series("motcua_notices_unsound", "1x180"),
    "CertificateEndsSoon": series("motcua_notices_certificate", "2592000x180"),
    "CertificateHasEnded": series("motcua_notices_certificate", "10000x180"),
}
"""By alert, what differs from a healthy stack; it fires then, and no other."""


def failures(folder: Path, cases: dict[str, tuple[dict[str, str], list[str]]]) -> str:
    """What promtool says of cases, each of series and of the alerts that fire at their end; empty when all is as expected."""
    tests = [
        {
            "name": name,
            "interval": "1m",
            "input_series": [{"series": one, "values": values} for one, values in given.items()],
            "promql_expr_test": [
                {
                    "expr": 'group by (alertname) (ALERTS{alertstate="firing"})',
                    "eval_time": "3h",
                    "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in fires],
                }
            ],
        }
        for name, (given, fires) in cases.items()
    ]
    path = folder / "cases.yml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run([program("promtool"), "test", "rules", str(path)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_every_rule_fires_on_its_broken_stack_alone_and_none_on_a_healthy_one(tmp_path: Path) -> None:
    assert set(BROKEN) == {rule["alert"] for rule in rules()}
    cases = {alert: (HEALTHY | broken, [alert]) for alert, broken in BROKEN.items()}
    assert not failures(tmp_path, {"Healthy": (HEALTHY, []), **cases})


def test_what_is_not_known_fires_nothing_and_counts_as_no_zero(tmp_path: Path) -> None:
    known = {name: values for name, values in HEALTHY.items() if name.startswith("up{")}
    assert not failures(tmp_path, {"Unknown": (known, []), "Nothing": ({}, ["NothingIsScraped"])})


def test_provinces_are_apart_and_processes_of_one_service_add_up(tmp_path: Path) -> None:
    other = {name.replace('"30"', '"31"'): values for name, values in HEALTHY.items() if "province" in name}
    halves = {f'motcua_request_failures_total{{service="metrics", instance="{instance}"}}': "0x100 0+4x80" for instance in "ab"}
    cases = {
        "Provinces": (HEALTHY | other | BROKEN["QuarantineGrows"], ["QuarantineGrows"]),
        "Processes": (HEALTHY | halves, ["AnswersFail"]),
        "Half": (HEALTHY | dict(list(halves.items())[:1]), []),
    }
    assert not failures(tmp_path, cases)


def test_every_alert_has_a_line_in_the_runbook_and_names_it() -> None:
    lines = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", RUNBOOK.read_text(), re.M)
    assert [name for name, *_ in lines] == [rule["alert"] for rule in rules()]
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "action", "runbook"}
        assert rule["annotations"]["runbook"] == f"deploy/prometheus/README.md, {rule['alert']}"
        assert rule["labels"]["severity"] in {"page", "warn"}


def test_promtool_accepts_the_rules() -> None:
    done = subprocess.run([program("promtool"), "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
