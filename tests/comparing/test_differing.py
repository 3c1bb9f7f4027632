"""What differs between two texts, word by word; what is shown of it: tests/web/test_comparisons.py."""

import pytest

from app.comparing.differing import LONGEST_COMPARED, Line, Run, compare_texts


def written(runs: tuple[Run, ...]) -> str:
    return "".join(f"[{run.text}]" if run.is_own else run.text for run in runs)


def lines(left: str, right: str) -> list[tuple[str, str]]:
    return [(written(line.left), written(line.right)) for line in compare_texts(left, right).lines]


def whole(lines: tuple[Line, ...], side: str) -> str:
    return "".join(run.text for line in lines for run in getattr(line, side))


def test_words_are_told_apart_within_a_sentence() -> None:
    assert lines("Water it once a week.", "Water it twice a week.") == [
        ("Water it [once] a week.", "Water it [twice] a week.")
    ]


def test_sentences_stand_beside_those_that_are_like_them() -> None:
    left = "Keep the soil dry. Cats like to sit beside it. Repot it in spring."
    right = "Keep the soil wet. Repot it in autumn."
    found = [
        ("Keep the soil [dry].", "Keep the soil [wet]."),
        ("[Cats like to sit beside it.]", ""),
        ("Repot it in [spring].", "Repot it in [autumn]."),
    ]
    assert lines(left, right) == found
    assert lines(right, left) == [(line[1], line[0]) for line in found]


def test_texts_with_nothing_in_common_stand_side_by_side_whole() -> None:
    left, right = "Beans climb. They want little.", "Pebbles are quiet company in any room!"
    assert lines(left, right) == [(f"[{left}]", f"[{right}]")]


def test_equal_texts_differ_in_nothing() -> None:
    difference = compare_texts("A cake. And tea.", "A cake. And tea.")
    assert [line.likeness for line in difference.lines] == ["same", "same"]
    assert (difference.in_both, difference.only_left, difference.only_right) == (4, 0, 0)


def test_words_are_counted_and_punctuation_is_not() -> None:
    difference = compare_texts("Water, once a week.", "Water it twice a week!")
    assert (difference.in_both, difference.only_left, difference.only_right) == (3, 1, 2)


def test_blanks_are_no_difference_and_stay_as_they_are() -> None:
    assert lines("a  cup\tof tea", "a cup of tea") == [("a  cup\tof tea", "a cup of tea")]


def test_empty_line_begins_a_paragraph() -> None:
    text = "One cake.\nTwo cakes.\n \nThree cakes."
    assert [line.begins_paragraph for line in compare_texts(text, text).lines] == [False, False, True]


def test_number_of_a_list_stands_with_its_sentence() -> None:
    assert lines("1. Sow.\n2. Wait.", "1. Sow.\n2. Sing.") == [("1. Sow.", "1. Sow."), ("2. [Wait].", "2. [Sing].")]


def test_chinese_is_compared_by_characters() -> None:
    assert lines("我喜欢猫。它很安静。", "我喜欢狗。它很安静。") == [
        ("我喜欢[猫]。", "我喜欢[狗]。"),
        ("它很安静。", "它很安静。"),
    ]


def test_marks_of_a_script_and_joined_emoji_are_not_torn_apart() -> None:
    assert lines("हिन्दी में लिखो 👩‍👧", "हिन्दू में लिखो 👩‍👦") == [("[हिन्दी] में लिखो [👩‍👧]", "[हिन्दू] में लिखो [👩‍👦]")]


def test_code_is_compared_line_by_line_with_its_indentation() -> None:
    left = "def water(litres=0.5):\n    return litres\n"
    right = "def water(litres=0.25):\n    return litres\n"
    assert lines(left, right) == [
        ("def water(litres=[0.5]):", "def water(litres=[0.25]):"),
        ("    return litres", "    return litres"),
    ]


def test_one_empty_text_differs_in_everything() -> None:
    assert lines("", "A cake.") == [("", "[A cake.]")]
    assert lines("", "") == []


@pytest.mark.parametrize(
    "text",
    ["a\n" * 60_000, "<b>" * 60_000, "x" * 200_000, "\n" * 200_000, ". " * 80_000, "猫犬" * 60_000, "." * 200_000],
    ids=["lines", "markup", "one-word", "empty-lines", "dots", "chinese", "one-dot-after-the-other"],
)
def test_long_texts_are_compared_as_far_as_is_quickly_done(text: str) -> None:
    difference = compare_texts(text, f"{text[:-3]}end")
    compared = 2 * len(text) - difference.left_out
    assert difference.left_out > 0
    assert 0 < compared <= 2 * LONGEST_COMPARED


def test_long_texts_are_compared_to_their_end() -> None:
    left = "".join(f"Cake number {n} is for table {n % 90} by the window. " for n in range(1_400))
    right = left.replace("Cake number 1399 ", "Pie number 1399 ")
    difference = compare_texts(left, right)
    assert difference.left_out == 0
    assert (difference.only_left, difference.only_right) == (1, 1)
    assert "".join(whole(difference.lines, "left").split()) == "".join(left.split())
