"""Sends the tools that attackers use against a team's instance with generated accounts: `make attack`.

Schemathesis and wapiti go in as each role and as nobody, sqlmap as the lead. What they find is printed by level, the
whole of their reports is in the folder named at the end; level 2 (medium) or more ends with exit code 1.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.accounts.logins import Way, begin_login
from app.db import open_database
from app.operations.migrations import migrate
from tests.factories import import_file
from tests.team import CAST, add_account

SERIOUS = 2
NOBODY = "nobody"
ATTACKED = (
    "/datasets/sample/entries?q=tea&split=train&source=a&safety=both_safe&severity=1&category=x&sort=position&seed=1&after=x&limit=20",
    "/api/v1/datasets/sample/entries?q=tea&split=train&subset=x&status=reviewed&reviewer=alice&verdict=agree&flag=x",
    "/api/v1/entries/1*",
    "/datasets/sample*/charts",
    "/datasets/sample/export?what=entries&format=csv&q=tea",
    "/activity?person=alice&kind=x&entry=1",
)  # fmt: skip
Cookies = dict[str, str]


@dataclass(frozen=True)
class Finding:
    level: int
    tool: str
    role: str
    what: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="make attack", description=__doc__.split("\n")[0])
    parser.add_argument("--tools", type=Path, required=True, help="folder with wapiti and sqlmap")
    parser.add_argument("--reports", type=Path, required=True, help="folder for the whole reports")
    parser.add_argument("--minutes", type=int, default=5, help="at most, for each tool and role")
    chosen = parser.parse_args()
    reports = chosen.reports.absolute()
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served_team(Path(folder)) as (address, cookies):
        attack = Attack(address, chosen.tools.absolute(), reports, chosen.minutes)
        found = [*attack.schemathesis(cookies), *attack.wapiti(cookies), *attack.sqlmap(cookies["carol"])]
        found += attack.log(Path(folder) / "log")
    for finding in sorted(found, key=lambda finding: -finding.level):
        print(f"level {finding.level}  {finding.tool} as {finding.role}: {finding.what}")
    serious = sum(finding.level >= SERIOUS for finding in found)
    print(f"{len(found)} findings, {serious} of level {SERIOUS} or more; the reports are in {reports}")
    return 1 if serious else 0


@contextmanager
def served_team(folder: Path) -> Iterator[tuple[str, Cookies]]:
    database = open_database(folder / "review.db")
    migrate(database, folder / "backups")
    import_file(database, "sample")
    cookies = {NOBODY: ""}
    for name, role in CAST.items():
        account = add_account(database, name, role)
        with database.write() as db:
            secret = begin_login(db, account, Way("password", "127.0.0.1", "attack"), timedelta(days=1))
        cookies[name] = f"session={secret}"
    database.close()
    environment = {
        "SAFERLHF_REVIEW_DATA_DIR": str(folder),
        "SAFERLHF_REVIEW_LOG_FORMAT": "json",
        "PATH": "/usr/bin:/bin",
    }
    with open(folder / "log", "w") as log:
        server = subprocess.Popen([sys.executable, "-m", "app", "serve", "--port", "0"], env=environment, stderr=log)
        try:
            yield _address(folder / "log", server), cookies
        finally:
            server.terminate()
            server.wait(timeout=30)


def _address(log: Path, server: "subprocess.Popen[bytes]") -> str:
    while server.poll() is None:
        for line in log.read_text().splitlines():
            if " is at http" in line:
                return line.split(" is at ")[1].split()[0]
    raise SystemExit(f"The server did not start:\n{log.read_text()}")


@dataclass(frozen=True)
class Attack:
    address: str
    tools: Path
    reports: Path
    minutes: int

    def schemathesis(self, cookies: Cookies) -> Iterator[Finding]:
        """The API by its own description: an answer that it does not describe is level 2, a fault of ours level 3."""
        for name, cookie in cookies.items():
            report = self.reports / f"schemathesis-{name}.xml"
            program = Path(sys.executable).parent / "schemathesis"
            options = [f"--header=Cookie: {cookie}", "--header=Sec-Fetch-Site: same-origin", "--no-color"]
            options += ["--report=junit", f"--report-junit-path={report}", "--max-examples=25", "--continue-on-failure"]
            options += ["--exclude-checks=positive_data_acceptance,unsupported_method,ignored_auth"]
            done = self._run([program, "run", f"{self.address}/api/v1/openapi.json", *options], f"schemathesis-{name}")
            for line in done.splitlines():
                if line.startswith("- ") and not line.startswith("- `"):
                    yield Finding(3 if "Server error" in line else SERIOUS, "schemathesis", name, line[2:])

    def wapiti(self, cookies: Cookies) -> Iterator[Finding]:
        """Crawls the pages and sends what it knows of to every field; its levels are 1 (low) to 4 (critical)."""
        for name, cookie in cookies.items():
            report = self.reports / f"wapiti-{name}.json"
            report.unlink(missing_ok=True)
            options = ["--flush-session", "--no-bugreport", "--format=json", f"--output={report}", "--scope=domain"]
            options += [f"--max-scan-time={60 * self.minutes}", "--max-attack-time=60", "--depth=4", "--level=1"]
            options += ["--max-links-per-page=30", "--exclude=*/sign-out*", "--store-session", str(self.reports / name)]
            options += ["--header", f"Cookie: {cookie}", "--header", "Sec-Fetch-Site: same-origin"]
            self._run([self.tools / "wapiti", "--url", f"{self.address}/", *options], f"wapiti-{name}")
            yield from _wapiti_findings(report, name)

    def sqlmap(self, cookie: str) -> Iterator[Finding]:
        """Every parameter of the pages that ask the database most; whatever it can inject into is level 4."""
        for number, path in enumerate(ATTACKED):
            results = self.reports / f"sqlmap-{number}.csv"
            results.unlink(missing_ok=True)
            options = ["--batch", "--flush-session", "--level=2", "--risk=2", "--smart", "--threads=4", "--dbms=sqlite"]
            options += [f"--cookie={cookie}", f"--output-dir={self.reports / 'sqlmap'}", f"--results-file={results}"]
            options += ["--param-exclude=session", f"--time-limit={60 * self.minutes}", "--disable-coloring"]
            targets = self.reports / f"sqlmap-{number}.txt"
            targets.write_text(self.address + path + "\n")
            said = self._run([self.tools / "sqlmap", "-m", targets, *options], f"sqlmap-{number}")
            rows = list(csv.DictReader(results.open())) if results.exists() else []
            if any(row.get("Parameter") for row in rows) or "is vulnerable" in said:
                yield Finding(4, "sqlmap", "lead", f"{path}: {', '.join(row.get('Parameter') or '' for row in rows)}")

    def log(self, path: Path) -> Iterator[Finding]:
        """What the tools did not see: a fault of ours that was answered properly is one all the same."""
        text = path.read_text()
        (self.reports / "server.log").write_text(text)
        for line in text.splitlines():
            if line.startswith("{") and (said := json.loads(line))["level"] == "error":
                yield Finding(3, "log", "server", said["message"])

    def _run(self, command: list[str | Path], name: str) -> str:
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60 * self.minutes + 120)
            said = done.stdout + done.stderr
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode() + "\nIt took too long."
        (self.reports / f"{name}.out").write_text(said)
        return said


def _wapiti_findings(report: Path, name: str) -> Iterator[Finding]:
    if not report.exists():
        yield Finding(SERIOUS, "wapiti", name, f"there is no report; see {report.with_suffix('.out')}")
        return
    told = json.loads(report.read_text())
    for kind in ("vulnerabilities", "anomalies"):
        for title, all_of_it in told[kind].items():
            for one in all_of_it:
                yield Finding(one["level"], "wapiti", name, f"{title}: {one['method']} {one['path']} {one['info']}")


if __name__ == "__main__":
    sys.exit(main())
