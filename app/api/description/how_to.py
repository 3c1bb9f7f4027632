"""Requests that the reference shows beside those of each path, for the datasets that are here."""

import orjson

from app.api.conditional import NDJSON
from app.api.description.document import PREFIX, Known
from app.api.description.examples import PROBLEM

_LOOP = """\
import json
from urllib.request import urlopen

after = ""
while after is not None:
    page = json.load(urlopen("{entries}?limit=500&texts=whole&after=" + after))
    for entry in page["entries"]:
        print(entry["id"], entry["labels"])
    after = page["next"]
"""


def how_to(known: Known) -> dict[str, str]:
    entries = f"{known.base_url}{PREFIX}/datasets/{known.slug}/entries"
    return {
        "stream": f"curl -H 'Accept: {NDJSON}' '{entries}' > entries.ndjson",
        "loop_source": _LOOP.format(entries=entries),
        "keeping": f"curl --etag-save list.etag '{entries}' > list.json\ncurl --etag-compare list.etag '{entries}' -i",
        "problem": orjson.dumps(PROBLEM, option=orjson.OPT_INDENT_2).decode(),
    }
