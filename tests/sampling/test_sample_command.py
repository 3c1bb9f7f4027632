import json

from app.models import Event
from tests.factories import import_rows, row


def test_command_draws_what_the_page_draws(run, client, database, tmp_path):
    made = [row(n, prompt=f"Plant {n // 2}?", response_0_severity_level=3 if n % 4 == 0 else 1) for n in range(40)]
    import_rows(database, tmp_path, made, slug="plants")
    done = run("sample", "plants", "--size", "10", "--seed", "5", "--json")
    told = json.loads(done.stdout)
    assert (told["sampled"], told["population"], told["seed"]) == (10, 40, 5)
    place = client.post(
        "/datasets/plants/plans", data={"title": "The same", "n": 10, "seed": 5}, follow_redirects=False
    ).headers["location"]
    listed = [line.split(",")[2] for line in client.get(f"{place}/entries.csv").text.splitlines()[1:]]
    assert [entry["content_key"] for entry in told["entries"]] == listed
    assert client.get(told["address"]).status_code == 200
    with database.read() as db:
        assert [event.kind for event in db.query(Event).filter_by(kind="plan.drawn")] == ["plan.drawn"] * 2
    strata = run("sample", "plants", "--size", "12", "--strata", "severity,split", "--allocation", "equal")
    assert strata.stdout.startswith("Drew 12 of 40 entries with seed 1: /datasets/plants/plans/3\n")
    assert [line.split()[0] for line in strata.stdout.splitlines()[1:]] == ["6", "6"]
    names = [
        stratum["name"]
        for stratum in json.loads(run("sample", "plants", "--strata", "severity", "--json").stdout)["strata"]
    ]
    own = [argument for name in names for argument in ("--own", f"{name}=4")]
    mine = run("sample", "plants", "--strata", "severity", "--allocation", "own", *own, "--filter", "?withdrawn=no")
    assert mine.stdout.startswith("Drew 8 of 40")
    rule = run(
        "sample", "plants", "--acceptance", "single", "--limit", "20", "--allowed", "1", "--overlap", "3", "--json"
    )
    page = client.get(json.loads(rule.stdout)["address"]).text
    assert "accept the batch with at most 1 wrong" in page
    assert run("sample", "plants", "--cluster", "--size", "6").stdout.startswith("Drew 6 of 40")


def test_command_says_what_is_wrong(run, database, tmp_path):
    import_rows(database, tmp_path, [row(0)], slug="plants")
    for arguments, said in (
        (["--cluster", "--strata", "severity"], "not both"),
        (["--allocation", "some"], "allocation is one of"),
        (["--own", "3"], "--own is given as NAME=NUMBER."),
        (["--size", "0"], "n is a whole number from 1"),
        (["--filter", "q=nowhere"], "nothing to draw from"),
    ):
        done = run("sample", "plants", *arguments)
        assert (done.returncode, said in done.stderr) == (1, True), (arguments, done.stderr)
