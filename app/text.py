"""What full-text search sees of a text; the same function feeds the index and the words people type.

The tokenizer (unicode61) takes a run of Chinese, Japanese or Korean characters for one word, so that no word inside
it would ever be found: such characters are set apart by spaces, and typed words become phrases of them.
"""

import re

# As it stands between the brackets of a regular expression.
CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003134f"
)
_CJK = re.compile(f"([{CJK}])")


def search_text(text: str) -> str:
    return text if text.isascii() else _CJK.sub(r" \1 ", text)
