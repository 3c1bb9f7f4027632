"""Sends the tools that attackers use against a team's instance with generated accounts: `make attack`.

Schemathesis and wapiti go in as each role and as nobody, sqlmap as the lead. What they find is printed by level, the
whole of their reports is in the folder named at the end; level 2 (medium) or more ends with exit code 1.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

from app.accounts.logins import Way, begin_login
from app.accounts.tokens import make_token, scopes_of
from app.db import open_database
from app.models import Reviewer
from app.operations.migrations import migrate
from app.terms.role import Role
from tests.factories import import_file
from tests.team import CAST, add_account

SERIOUS = 2
API_TESTS = Path(__file__).parents[1] / "api"
NOBODY = "nobody"
ATTACKED = (  # and what is sent as a form
    ("/datasets/sample/entries?q=tea&safety=both_safe&severity=0&sort=position&seed=1&limit=20", ""),
    ("/api/v1/datasets/sample/entries?q=tea&status=unreviewed&reviewer=alice&sort=random&seed=7", ""),
    ("/api/v1/datasets/sample*", ""),
    ("/entries/1*?q=tea", ""),
    ("/datasets/sample/export?what=entries&format=csv&q=tea", ""),
    ("/activity?kind=reviews&person=alice", ""),
    ("/sign-in", "name=alice&password=tulips-and-crocuses&next=/"),
    ("/settings/mode", "mode=open"),
)
Secrets = dict[str, str]


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
    parser.add_argument(
        "--as", dest="names", nargs="+", default=[NOBODY, *CAST], help=f"of {NOBODY}, {', '.join(CAST)}"
    )
    chosen = parser.parse_args()
    reports = chosen.reports.absolute()
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served_team(Path(folder)) as (address, cookies, tokens):
        cookies, tokens = ({name: each[name] for name in chosen.names} for each in (cookies, tokens))
        attack = Attack(address, chosen.tools.absolute(), reports, chosen.minutes)
        found = [*attack.schemathesis(tokens), *attack.wapiti(cookies), *attack.sqlmap(cookies)]
        found += attack.log(Path(folder) / "log")
    for finding in sorted(found, key=lambda finding: -finding.level):
        print(f"level {finding.level}  {finding.tool} as {finding.role}: {finding.what}")
    serious = sum(finding.level >= SERIOUS for finding in found)
    print(f"{len(found)} findings, {serious} of level {SERIOUS} or more; the reports are in {reports}")
    return 1 if serious else 0


@contextmanager
def served_team(folder: Path) -> Iterator[tuple[str, Secrets, Secrets]]:
    database = open_database(folder / "review.db")
    migrate(database, folder / "backups")
    import_file(database, "sample")
    cookies, tokens = {NOBODY: ""}, {NOBODY: ""}
    for name, role in CAST.items():
        account = add_account(database, name, role)
        with database.write() as db:
            secret = begin_login(db, account, Way("password", "127.0.0.1", "attack"), timedelta(days=1))
            tokens[name] = make_token(db, db.get_one(Reviewer, account), "attack", scopes_of(Role(role)))
        cookies[name] = f"session={secret}"
    database.close()
    environment = {
        "SAFERLHF_REVIEW_DATA_DIR": str(folder),
        "SAFERLHF_REVIEW_LOG_FORMAT": "json",
        "PATH": "/usr/bin:/bin",
    }
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-m", "app", "serve", "--port", "0"], env=environment, stderr=log)
        try:
            yield _address(folder / "log", server), cookies, tokens
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

    def schemathesis(self, tokens: Secrets) -> Iterator[Finding]:
        """The API by its own description: an answer that it does not describe is level 2, a fault of ours level 3."""
        program = [Path(sys.executable).parent / "schemathesis", f"--config-file={API_TESTS / 'schemathesis.toml'}"]
        description = self.reports / "openapi.json"
        asked = Request(
            f"{self.address}/api/v1/openapi.json", headers={"Authorization": f"Bearer {max(tokens.values())}"}
        )
        with urlopen(asked) as answer:
            description.write_bytes(answer.read())
        for name, token in tokens.items():
            report = self.reports / f"schemathesis-{name}.xml"
            options = [f"--header=Authorization: Bearer {token}"] if token else []
            options += ["--checks=all", "--mode=all", "--phases=examples,fuzzing,stateful", "--max-examples=50"]
            options += ["--no-color", "--report=junit", f"--report-junit-path={report}", f"--url={self.address}"]
            said = self._run([*program, "run", description, *options], f"schemathesis-{name}")
            if "Tested:" not in said:
                yield Finding(SERIOUS, "schemathesis", name, "it did not run; see its output")
            for line in said.splitlines():
                if line.startswith("- ST"):
                    yield Finding(_level(line), "schemathesis", name, line[2:])

    def wapiti(self, cookies: Secrets) -> Iterator[Finding]:
        """Crawls the pages and sends what it knows of to every field; its levels are 1 (low) to 4 (critical)."""
        for name, cookie in cookies.items():
            report = self.reports / f"wapiti-{name}.json"
            report.unlink(missing_ok=True)
            options = ["--flush-session", "--no-bugreport", "--format=json", f"--output={report}", "--scope=domain"]
            options += [
                f"--max-scan-time={60 * self.minutes}",
                f"--max-attack-time={20 * self.minutes}",
                "--depth=4",
                "--level=1",
            ]
            options += [
                "--max-links-per-page=30",
                f"--exclude={self.address}/sign-out",
                "--store-session",
                str(self.reports / name),
            ]
            options += ["--header", f"Cookie: {cookie}", "--header", "Sec-Fetch-Site: same-origin"]
            self._run([self.tools / "wapiti", "--url", f"{self.address}/", *options], f"wapiti-{name}")
            yield from _wapiti_findings(report, name)

    def sqlmap(self, cookies: Secrets) -> Iterator[Finding]:
        """Every parameter of the pages that ask the database most; whatever it can inject into is level 4."""
        *_, (name, cookie) = cookies.items()  # the one who may most
        for number, (path, form) in enumerate(ATTACKED):
            results = self.reports / f"sqlmap-{number}.csv"
            results.unlink(missing_ok=True)
            options = ["--batch", "--flush-session", "--level=2", "--risk=2", "--threads=4", "--dbms=sqlite"]
            options += [f"--cookie={cookie}", f"--output-dir={self.reports / 'sqlmap'}", f"--results-file={results}"]
            options += ["--param-exclude=session", f"--time-limit={60 * self.minutes}", "--disable-coloring"]
            options += ["--headers=Sec-Fetch-Site: same-origin", *([f"--data={form}"] if form else [])]
            said = self._run([self.tools / "sqlmap", "-u", self.address + path, *options], f"sqlmap-{number}")
            if "Parameter: " in said or "is vulnerable" in said:
                yield Finding(4, "sqlmap", name, f"{path} can be injected into")

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
            environment = {
                **os.environ,
                "SCHEMATHESIS_HOOKS": "tests.api.dependencies",
                "PYTHONPATH": str(API_TESTS.parents[1]),
            }
            done = subprocess.run(
                command, cwd=self.reports, env=environment, capture_output=True, text=True, timeout=3600
            )
            said = done.stdout + done.stderr
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode() + "\nIt took too long."
        (self.reports / f"{name}.out").write_text(said)
        return said


def _level(line: str) -> int:
    """Whether the description says which requests are taken (ST2xx) is no question of safety."""
    return 3 if "Server error" in line else 1 if line.startswith("- ST2") else SERIOUS


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
