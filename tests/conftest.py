from collections import Counter

from hypothesis import settings

from tests import needs

settings.register_profile("patient", deadline=None)  # a shared machine may take its time
settings.load_profile("patient")


def pytest_addoption(parser):
    parser.addoption("--everything", action="store_true", help="whatever a test needs and is missing fails it")


def pytest_configure(config):
    needs.everything = config.getoption("--everything")


def pytest_terminal_summary(terminalreporter):
    """What was not checked, and how to check it."""
    skipped = [report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())]
    lacking = Counter(reason for reason in skipped if reason.startswith("needs "))
    if not lacking:
        return
    terminalreporter.section("not checked on this machine")
    for reason, count in lacking.most_common():
        terminalreporter.line(f"{count:5} {reason}")
    terminalreporter.line("as root on Debian, `.ci/run` installs what they need and checks everything")
