"""A run as JSON, for programs."""

import json

from ..runner import Report
from ..verdicts import Result, Verdict


def as_json(report: Report) -> str:
    whole = {
        "app": report.url,
        "at": report.at,
        "exit_code": report.exit_code,
        "stopped": report.stopped,
        "requests": report.requests,
        "seconds": round(report.seconds, 3),
        "counts": {verdict.value: report.count(verdict) for verdict in Verdict},
        "scenarios": [of_result(report, result) for result in report.results],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def of_result(report: Report, result: Result) -> dict:
    scenario = result.scenario
    return {
        "number": int(scenario.number),
        "title": scenario.title,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "expected": report.is_expected(result),
        "asvs": list(scenario.asvs),
        "wstg": list(scenario.wstg),
        "not_put_back": result.left,
        "seconds": round(result.seconds, 3),
        "requests": [
            {"who": one.who, "method": one.method, "path": one.path, "came": one.came}
            for one in result.exchanges
        ],
    }
