"""What a browser sends late, from a page whose reviewer may be gone."""

import pytest
from starlette.testclient import TestClient

pytestmark = pytest.mark.usefixtures("sample")
AGREE = {"revision": "0", "action": "rest", "key": "one"}


def test_review_that_somebody_else_entered_is_refused(alice: TestClient) -> None:
    answer = alice.post("/entries/1/review", data=AGREE, headers={"X-Reviewer": "2"}, follow_redirects=False)
    assert answer.status_code == 403
    assert "entered by somebody else" in answer.text
    assert alice.get("/datasets/sample/export?what=reviews&format=jsonl").text == ""


def test_review_of_the_same_reviewer_is_stored(alice: TestClient) -> None:
    answer = alice.post("/entries/1/review", data=AGREE, headers={"X-Reviewer": "1"}, follow_redirects=False)
    assert answer.status_code == 303
