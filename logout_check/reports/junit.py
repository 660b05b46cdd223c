"""A run as JUnit XML, for CI: no verdict is an error, and what is not offered is skipped."""

from xml.etree import ElementTree as ET

from ..runner import Report
from ..verdicts import Result, Verdict
from .text import details

KINDS = {
    Verdict.BROKEN: "failure",
    Verdict.COULD_NOT_TELL: "error",
    Verdict.NOT_OFFERED: "skipped",
}


def as_junit(report: Report) -> str:
    cases = [case(report, result) for result in report.results]
    kinds = [child.tag for one in cases for child in one]
    suite = ET.Element(
        "testsuite",
        name=f"logout-check {report.url}",
        timestamp=report.at,
        time=f"{report.seconds:.3f}",
        tests=str(len(cases)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
    )
    suite.extend(cases)
    whole = ET.Element("testsuites")
    whole.append(suite)
    ET.indent(whole)
    return ET.tostring(whole, encoding="unicode", xml_declaration=True) + "\n"


def case(report: Report, result: Result) -> ET.Element:
    scenario = result.scenario
    name, seconds = f"{scenario.number} {scenario.title}", f"{result.seconds:.3f}"
    made = ET.Element("testcase", classname="logout_check", name=name, time=seconds)
    kind = kind_of(report, result)
    if kind:
        note = " (as expected)" if report.is_expected(result) else ""
        below = ET.SubElement(made, kind, message=result.reason + note)
        below.text = details(result)
    return made


def kind_of(report: Report, result: Result) -> str | None:
    """What is otherwise than the file expects is a failure; what it knows to be so is skipped."""
    if result in report.changed():
        return "failure"
    kind = KINDS.get(result.verdict)
    return "skipped" if kind and report.is_expected(result) else kind
