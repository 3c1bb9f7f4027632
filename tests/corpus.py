"""Writes a benign corpus with the schema, file layout and proportions of PKU-SafeRLHF.

Deterministic: the same arguments give the same bytes. Texts are everyday things; labels are random numbers that know
nothing of the text they stand beside, but agree with each other as often as the published ones do.

    python -m tests.corpus --rows 83400 --seed 1 --out DIR
"""

import argparse
import json
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from itertools import accumulate, pairwise
from json.encoder import encode_basestring_ascii as as_json
from pathlib import Path
from random import Random

CATEGORIES = {  # and how often an unsafe response of the real train split has each
    "Endangering National Security": 6438, "Insulting Behavior": 7852, "Discriminatory Behavior": 3711,
    "Endangering Public Health": 2046, "Copyright Issues": 2096, "Violence": 9417, "Drugs": 7232,
    "Privacy Violation": 16976, "Economic Crime": 19122, "Mental Manipulation": 13853, "Human Trafficking": 4689,
    "Physical Harm": 9209, "Sexual Content": 1792, "Cybercrime": 22836, "Disrupting Public Order": 4819,
    "Environmental Damage": 1621, "Psychological Harm": 9243, "White-Collar Crime": 9846, "Animal Abuse": 1448,
}  # fmt: skip
MODELS = {"Alpaca-7B": 0.3706, "Alpaca2-7B": 0.3460, "Alpaca3-8B": 0.2834}  # both responses of a row are of one
PROMPT_SOURCES = {"Alpaca3-70B": 0.657, "Beavertails": 0.199, "WizardLM-30B-Uncensored": 0.144}
SAFETY = {(True, True): 30438, (True, False): 4556, (False, True): 6257, (False, False): 32656}
SEVERITY = {1: 9104, 2: 56537, 3: 10484}
CATEGORIES_EACH = {1: 0.306, 2: 0.422, 3: 0.232, 4: 0.032, 5: 0.008}
SAME_LABELS, SAME_SEVERITY = 0.425, 0.393  # of pairs that are both unsafe
BETTER_IS_SAFER = 0.7592
TEST_SHARE = 0.10  # of the prompts: a prompt is never in both splits
PROMPTS_PER_ROW, POPULAR_PROMPT = 0.70, 0.016  # drawn from so many; one prompt has 1.6 % of the rows
EXCEPTIONS = 8  # responses in the real split whose safe flag and severity or categories disagree
PROMPT_LENGTHS = ((0, 8), (0.1, 51), (0.25, 76), (0.5, 117), (0.75, 164), (0.9, 211), (0.99, 342), (1, 1090))
RESPONSE_LENGTHS = ((0, 4), (0.1, 210), (0.25, 360), (0.5, 519), (0.75, 685), (0.9, 884), (0.99, 1640), (1, 3925))


def words(text: str) -> list[str]:
    return text.split()


NOUNS = words("""acorn apple apron attic bakery balcony barn basket beach bean bicycle biscuit blanket boat bread bridge
broom bucket butter button cabbage candle canoe carrot cellar chair cheese cherry chimney clock cloud coat compost
cottage cupboard curtain daisy drawer egg fence fern ferry field flour flute forest fork garden garlic gate ginger
glove goat grape hammock hat hedge hill honey jam jar kettle kite kitchen ladder lake lamp lantern lemon library
lighthouse linen loaf market meadow melon mill mirror mitten moss mug mushroom nest notebook oak oat onion orchard
oven pancake path peach pear pebble pencil pepper piano picnic pillow plum pocket pond porch postcard potato pumpkin
puzzle quilt radish raisin ribbon river roof rosemary rug salad sauce scarf shed shelf shovel soap sofa soup spoon
stair stone stove street sugar sunflower sweater table tea tent thread thyme ticket toast tomato towel train tulip
turnip umbrella valley vase village violin walnut wheat window wool yarn""")
VERBS = words("""airs bakes borrows brightens brushes carries cleans colours cools counts covers dries fills finds folds
follows gathers grows hangs hides keeps knits lifts mends mixes moves needs paints peels plants polishes reads rinses
roasts rolls shares sorts stirs stores sweeps tastes visits warms washes waters weighs wraps""")
ADJECTIVES = words("""amber blue brass broad calm chipped clean cosy crisp curious deep early easy faded fragrant fresh
gentle golden green heavy hollow humble large late light little long lucky mossy narrow neat old patient plain quiet red
ripe round rusty salted shady short slow small smooth soft sour spare spotted striped sunny sweet tall thin tidy
warm wide windy wooden yellow young""")
LINKS = words(
    "after and because before behind beside beyond for from near of on or over past so through under when with"
)
OPENINGS = (
    "How do I", "What helps to", "When should we", "Explain why people", "Write a note on how to", "Is it wise to",
    "My neighbour wants to", "Give me a plan to", "Who taught you to", "Which way is best to",
)  # fmt: skip
DOINGS = words("""arrange bake borrow brush carry clean colour count cover dry fill find fold gather grow hang keep knit
lift mend mix move paint peel plant polish read rinse roast roll share sort stir store sweep taste visit warm wash water
weigh wrap""")
ODD_TEXTS = ("café ☕", "crème brûlée", "½ cup", "180 °C", "北京饺子", "とうふ", "кухня", "δάφνη", "“simmer” — slowly")
SYLLABLES = words("al bar bel col dal el fen gar hol kel lin mar mel nor oak pel ros sel tar ven wil yar")
SENTENCES = 12_000


@dataclass(frozen=True)
class Labels:
    is_safe: bool
    categories: int = 0
    severity: int = 0


SAFE = Labels(True)


def pick(random: Random, table: tuple[list, list]):
    values, cumulated = table
    return values[bisect(cumulated, random.random() * cumulated[-1], 0, len(values) - 1)]


def shares(table: dict) -> tuple[list, list]:
    return list(table), list(accumulate(table.values()))


def lengths(quantiles: tuple, steps: int = 4096) -> list[int]:
    """The length at each of so many even ranks, in straight lines between the quantiles."""
    found = []
    for (low, shortest), (high, longest) in pairwise(quantiles):
        ranks = range(len(found), round(high * steps))
        found += [round(shortest + (longest - shortest) * (rank / steps - low) / (high - low)) for rank in ranks]
    return found


class Prose:
    """A long run of sentences; a response is two cuts out of it, so that making one is cheap and none repeats."""

    def __init__(self, random: Random) -> None:
        compounds = sorted({random.choice(NOUNS) + random.choice(NOUNS) for _ in range(5000)})
        nouns = [*random.sample(NOUNS, len(NOUNS)), *random.sample(compounds, len(compounds))]
        rare_last = list(accumulate(1 / (rank + 3) for rank in range(len(nouns))))
        drawn = iter(random.choices(nouns, cum_weights=rare_last, k=4 * SENTENCES))
        self.random = random
        self.sentences = [self._sentence(drawn) for _ in range(SENTENCES)]
        self.ends = list(accumulate(len(sentence) + 1 for sentence in self.sentences))
        self.lengths = lengths(RESPONSE_LENGTHS)

    def _sentence(self, nouns: Iterator[str]) -> str:
        one = self.random.choice
        clauses = [f"the {one(ADJECTIVES)} {next(nouns)} {one(VERBS)} one {next(nouns)}"]
        if self.random.random() < 0.6:
            clauses.append(f"{one(LINKS)} the {next(nouns)} {one(VERBS)} {self.random.randint(2, 90)} {next(nouns)}s")
        return " ".join(clauses).capitalize() + "."

    def response(self) -> str:
        draw = self.random.getrandbits(64)
        length = self.lengths[draw & 4095]
        text = " ".join((self._cut(draw >> 12, length // 2), self._cut(draw >> 28, length - length // 2)))
        style = draw >> 44 & 63
        if style < 8:  # names that few texts have
            text = f"{text} See {self._name(draw)}, page {draw >> 20 & 1023}."
        elif style < 12:
            text = f"{text} {ODD_TEXTS[draw % len(ODD_TEXTS)]}"
        elif style < 16:
            text = text.replace(". ", ".\n")
        return text

    def _cut(self, draw: int, length: int) -> str:
        start = (draw & 0xFFFF) * (SENTENCES - 200) >> 16
        before = self.ends[start] - len(self.sentences[start]) - 1
        stop = bisect(self.ends, before + length, start) + 1
        return " ".join(self.sentences[start:stop])[: max(length, 2)].rstrip()

    def _name(self, draw: int) -> str:
        count = len(SYLLABLES)
        return "".join(SYLLABLES[draw // count**place % count] for place in range(1, 4)).capitalize()


@dataclass(frozen=True)
class Prompt:
    text: str
    source: str
    split: str


class Prompts:
    """The n-th prompt is always the same one, and no two have the same text."""

    def __init__(self, seed: int, count: int) -> None:
        self.seed, self.count = seed, count
        self.lengths = lengths(PROMPT_LENGTHS)
        self.sources = shares(PROMPT_SOURCES)
        self.prompt = lru_cache(maxsize=1 << 16)(self._make)

    def draw(self, random: Random) -> Prompt:
        is_popular = random.random() < POPULAR_PROMPT
        return self.prompt(0 if is_popular else int(random.random() * self.count))

    def _make(self, number: int) -> Prompt:
        random = Random(f"{self.seed}/{number}")
        one, length = random.choice, random.choice(self.lengths)
        text = f"{one(OPENINGS)} {one(DOINGS)} {number} {one(NOUNS)}s"
        while len(text) < length - 12:
            text += f" {one(LINKS)} the {one(ADJECTIVES)} {one(NOUNS)}"
        split = "test" if number and random.random() < TEST_SHARE else "train"
        return Prompt(f"{text}?", pick(random, self.sources), split)


class Corpus:
    def __init__(self, rows: int, seed: int) -> None:
        self.rows, self.seed = rows, seed
        self.random = Random(f"corpus/{seed}/{rows}")
        self.prose = Prose(self.random)
        self.prompts = Prompts(seed, max(1, int(rows * PROMPTS_PER_ROW)))
        self.models, self.safety, self.severity = shares(MODELS), shares(SAFETY), shares(SEVERITY)
        self.each, self.bits = shares(CATEGORIES_EACH), shares({1 << i: n for i, n in enumerate(CATEGORIES.values())})
        spread = max(1, rows // (EXCEPTIONS + 1))
        self.exceptions = set(range(spread, rows, spread)[:EXCEPTIONS])

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """(model, split, line of JSON) of each row."""
        for number in range(self.rows):
            if number != self.rows // 2 or self.rows < 1000:
                row = self._row(number)
            yield row  # the one in the middle repeats the one before: the real split, too, has one pair twice

    def _row(self, number: int) -> tuple[str, str, str]:
        prompt, model = self.prompts.draw(self.random), pick(self.random, self.models)
        responses = (self.prose.response(), self.prose.response())
        labels = self._exception(number) if number in self.exceptions else self._labels()
        return model, prompt.split, self._line(prompt, model, responses, labels)

    def _labels(self) -> tuple[Labels, Labels]:
        first_safe, second_safe = pick(self.random, self.safety)
        first = SAFE if first_safe else self._unsafe()
        second = SAFE if second_safe else self._unsafe()
        if not first_safe and not second_safe:
            share = self.random.random()
            if share < SAME_LABELS:
                second = first
            elif share < SAME_LABELS + SAME_SEVERITY:
                second = Labels(False, second.categories, first.severity)
        return first, second

    def _exception(self, number: int) -> tuple[Labels, Labels]:
        odd = Labels(True, 1, 1) if number % 2 else Labels(False, 0, 0)
        return odd, SAFE

    def _unsafe(self) -> Labels:
        categories, wanted = 0, pick(self.random, self.each)
        while categories.bit_count() < wanted:
            categories |= pick(self.random, self.bits)
        return Labels(False, categories, pick(self.random, self.severity))

    def _preferences(self, labels: tuple[Labels, Labels]) -> tuple[int, int]:
        """(better, safer)"""
        harm = [(not label.is_safe, label.severity) for label in labels]
        coin = self.random.getrandbits(1)
        safer = coin if harm[0] == harm[1] else int(harm[1] < harm[0])
        return (safer if self.random.random() < BETTER_IS_SAFER else 1 - safer), safer

    def _line(self, prompt: Prompt, model: str, responses: tuple[str, str], labels: tuple[Labels, Labels]) -> str:
        better, safer = self._preferences(labels)
        hashes = [sha256((prompt.text + text).encode()).hexdigest() for text in responses]
        (text_0, text_1), (first, second) = responses, labels
        return (
            f'{{"prompt": {as_json(prompt.text)}, "response_0": {as_json(text_0)}, "response_1": {as_json(text_1)}, '
            f'"prompt_source": "{prompt.source}", "response_0_source": "{model}", "response_1_source": "{model}", '
            f'"is_response_0_safe": {boolean(first.is_safe)}, "is_response_1_safe": {boolean(second.is_safe)}, '
            f'"response_0_harm_category": {categories(first.categories)}, '
            f'"response_1_harm_category": {categories(second.categories)}, '
            f'"response_0_severity_level": {first.severity}, "response_1_severity_level": {second.severity}, '
            f'"better_response_id": {better}, "safer_response_id": {safer}, '
            f'"response_0_sha256": "{hashes[0]}", "response_1_sha256": "{hashes[1]}"}}\n'
        )


def boolean(value: bool) -> str:
    return "true" if value else "false"


@cache
def categories(mask: int) -> str:
    return json.dumps({name: bool(mask >> bit & 1) for bit, name in enumerate(CATEGORIES)})


def card() -> str:
    """README.md with the configs that the real repository has."""
    folders = {"default": list(MODELS), **{model.lower(): [model] for model in MODELS}}
    lines = ["---", "license: cc0-1.0", "pretty_name: Benign corpus", "configs:"]
    for name, models in folders.items():
        lines += [f"- config_name: {name}", "  data_files:"]
        for split in ("train", "test"):
            lines += [f"  - split: {split}", "    path:", *(f"    - data/{model}/{split}.jsonl" for model in models)]
    return "\n".join([*lines, "---", "", "Made by tests/corpus.py; the texts mean nothing.", ""])


def write_corpus(out: Path, rows: int, seed: int = 1) -> None:
    files = {}
    for model in MODELS:
        (out / "data" / model).mkdir(parents=True, exist_ok=True)
        for split in ("train", "test"):
            files[model, split] = (out / "data" / model / f"{split}.jsonl").open("w", encoding="ascii", newline="\n")
    (out / "README.md").write_text(card(), "utf-8")
    for model, split, line in Corpus(rows, seed).lines():
        files[model, split].write(line)
    for file in files.values():
        file.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=83_400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    write_corpus(options.out, options.rows, options.seed)


if __name__ == "__main__":
    main()
