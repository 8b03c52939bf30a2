"""What an admin may write, and what they are told where they may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AppError, RenderError
from core.model import Channel, Kind, TemplateId, Texts
from core.rendering.checks import check
from core.rendering.overrides import fill_override
from core.rendering.variables import KEYS, channels_of, parts_of, variables_of
from core.rendering.whatsapp import fault, numbered

SMS = TemplateId(Kind.REMINDER, Channel.SMS, "en")
MAIL = TemplateId(Kind.REMINDER, Channel.EMAIL, "en")
WHATSAPP = TemplateId(Kind.REMINDER, Channel.WHATSAPP, "en")
EXAMPLES = {
    "day_text": "Monday", "sender_name": "Postrider", "reader_name": "Alex", "chat_url": "https://t.me/x",
    "unsubscribe_url": None,
}  # fmt: skip
VALUES = {"text": "a & b", "name": "Alex", "empty": None, "count": 3}


def complaint(text: str, template_id: TemplateId = SMS, part: str = "text") -> str:
    """What the admin is told."""
    with pytest.raises(AppError) as raised:
        check(template_id, Texts(**{part: text}), EXAMPLES)
    return str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "Time for a post!",
        "{{ day_text }}: write.",
        "Hi {{ reader_name|default('you', true)|upper }}, {% if chat_url %}see it{% else %}write{% endif %}",
        "{{ 'Good day' if day_text == 'Monday' else day_text|truncate(20) }}",
        "Costs {{ '{{' }} and 100 %",
    ],
)
def test_good_texts_are_taken(text: str):
    """Variables, conditions, a few filters."""
    check(SMS, Texts(text), EXAMPLES)


@pytest.mark.parametrize(
    ("text", "line", "quoted"),
    [("Hi\n{{ day_text", 2, "{{ day_text"), ("{% if x %}", 1, "{% if x %}"), ("a\nb\n{{ }}", 3, "{{ }}"),
     ("{{ day text }}", 1, "{{ day text }}"), ("{% nonsense %}", 1, "{% nonsense %}")],
)  # fmt: skip
def test_what_can_t_be_read_is_told_with_its_line(text: str, line: int, quoted: str):
    """And with an example of what would do."""
    said = complaint(text)
    assert said.startswith(f"Line {line} ")
    assert f"“{quoted}”" in said
    assert "Example: {{ day_text }}" in said


@pytest.mark.parametrize(
    "text",
    [
        "{{ day_text.__class__ }}", "{{ day_text['x'] }}", "{{ day_text.upper() }}", "{{ range(9) }}",
        "{% for x in day_text %}{% endfor %}", "{% set x = 1 %}", "{% include 'email/code.text.j2' %}",
        "{% extends 'x' %}", "{% macro m() %}{% endmacro %}", "{{ 'a' * 99999999 }}", "{{ day_text ~ 'x' }}",
        "{{ day_text|attr('__class__') }}", "{{ day_text|center(99999999) }}", "{{ day_text|safe }}",
        "{{ day_text is defined }}", "{{ [1] }}", "{{ {'a': 1} }}", "{% raw %}{% endraw %}{{ self }}{{ -1 }}",
    ],
)  # fmt: skip
def test_what_reaches_further_is_refused_by_the_check_and_by_the_renderer(text: str):
    """Neither attributes nor calls nor loops: also for a row that came into the database by another way."""
    said = complaint(text)
    assert said.startswith("Line 1")
    with pytest.raises(RenderError):
        fill_override(text, EXAMPLES)


@pytest.mark.parametrize(
    "text",
    [
        "{% if day_text %}" * 101 + "x" + "{% endif %}" * 101,
        "{{ " + "day_text and " * 300 + "day_text }}",
        "{{ " + "not " * 900 + "day_text }}",
        "{{ day_text" + "|upper" * 500 + " }}",
    ],
)
def test_what_is_nested_too_deeply_is_refused_before_it_is_compiled(text: str):
    """That would take seconds, in which nobody is served, and fail in Python's own parser."""
    assert "holds more than variables" in complaint(text, MAIL)
    with pytest.raises(RenderError):
        fill_override(text, EXAMPLES)


def test_signs_that_nothing_takes_are_left_out():
    """Jinja reads escapes: a text can make what was not in it when it was stored."""
    assert fill_override("a{{ '\\x00' }}b{{ '\\ud800' }}", EXAMPLES) == "ab?"


def test_an_unknown_variable_is_told_with_those_there_are():
    """A letter is soon mistyped."""
    said = complaint("Hello\n{{ day_txt }}")
    assert said.startswith("Line 2: there is no variable “day_txt” here. There are: day_text, unsubscribe_url, sender")


@pytest.mark.parametrize(
    ("text", "part", "said"),
    [
        (" \n ", "text", "no text in that"),
        ("x" * 4_001, "text", "4001 characters; at most 4000"),
        ("x" * 201, "subject", "201 characters; at most 200"),
        ("Two\nlines", "subject", "A subject is one line"),
        ("{{ reader_name }}{{ chat_url }}", "text", "reader_name, chat_url are empty"),
        ("{{ day_text|truncate(1) }}", "text", "could not be written (AssertionError)"),
    ],
)
def test_sizes_and_outcomes(text: str, part: str, said: str):
    """Each is told with what would help."""
    assert said in complaint(text, MAIL, part)


def test_an_sms_is_counted_with_its_example_values():
    """Ten segments are the most that providers take."""
    check(SMS, Texts("x" * 1530), EXAMPLES)
    assert "that is 11 SMS; providers take at most 10" in complaint("x" * 1531)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ day_text }} is the day for a post", "begins with a variable"),
        ("The day for a post is {{ day_text }}", "ends with a variable"),
        ("The day for a post is {{ day_text }}.", "ends with a variable"),
        ("Hi {{ reader_name }} {{ day_text }} is the day for a post today", "side by side"),
        ("Hi {{ reader_name }} on {{ day_text }} now", "2n + 1"),
        ("Hello {{ reader_name|upper }} and welcome", "plain variables only"),
        ("Hello {% if chat_url %}you{% endif %} and welcome", "plain variables only"),
        ("Hello    you", "tabs, four blanks"),
        ("x" * 1_025, "at most 1024 characters"),
    ],
)
def test_the_rules_of_whatsapp(text: str, said: str):
    """Told before Meta refuses it two days later."""
    assert said in complaint(text, WHATSAPP)


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_code_without_the_code_is_refused(part: str):
    """Nobody could confirm anything; a subject better holds none."""
    code = TemplateId(Kind.CODE, Channel.EMAIL, "en")
    examples = {
        "code": "123456",
        "minutes": 15,
        "purpose": "email",
        "sender_name": "P",
        "reader_name": "",
        "chat_url": "",
    }
    with pytest.raises(AppError, match=r"nothing without one of these values: \{\{ code \}\}"):
        check(code, Texts(**{part: "Good day!"}), examples)
    check(code, Texts(**{part: "{{ code }}"}, subject="Your code"), examples)


def test_an_html_part_escapes_what_it_is_given():
    """A name is input."""
    assert fill_override("<p>{{ text }}</p>", VALUES, html=True) == "<p>a &amp; b</p>"
    assert fill_override("{{ text }}", VALUES) == "a & b"


def test_an_empty_value_is_written_as_nothing():
    """Not as None."""
    assert fill_override("[{{ empty }}]", VALUES) == "[]"


def test_a_missing_value_writes_nothing_at_all():
    """Nothing half-rendered."""
    with pytest.raises(RenderError):
        fill_override("Hi {{ missing }}", VALUES)


@pytest.mark.parametrize("text", ["{{ " + "(" * 900 + "name" + ")" * 900 + " }}", "{{ " + "not " * 990 + "name }}"])
def test_a_text_made_to_exhaust_is_refused(text: str):
    """Depth is no way in."""
    with pytest.raises(RenderError):
        fill_override(text, VALUES)
    with pytest.raises(AppError):
        check(SMS, Texts(text), EXAMPLES)


@given(st.text(max_size=300))
def test_any_text_is_rendered_or_refused(text: str):
    """Whatever somebody pastes: no other error."""
    try:
        check(SMS, Texts(text), EXAMPLES)
    except AppError:
        return
    assert fill_override(text, EXAMPLES).strip()


words = st.sampled_from(["Hello", "you", "and", ",", "today", "we", "{{ a }}", "{{b}}", "{{ a }}.", "\n"])


@given(st.lists(words, max_size=25).map(" ".join))
def test_placeholders_are_numbered_through(text: str):
    """From 1 on without a gap, each with its name; nothing else of the text changes."""
    found = numbered(text)
    numbers = [f"{{{{{place}}}}}" for place in range(1, len(found.names) + 1)]
    assert all(found.body.count(number) == 1 for number in numbers)
    body = found.body
    for number, name in zip(numbers, found.names, strict=True):
        body = body.replace(number, f"{{{{{name}}}}}")
    assert body == text.replace("{{ a }}", "{{a}}")
    assert found.variables({"a": " x\ny ", "b": None}) == {
        str(place): {"a": "x y", "b": "-"}[name] for place, name in enumerate(found.names, start=1)
    }


@given(st.lists(words, max_size=25).map(" ".join))
def test_a_body_without_fault_keeps_every_rule(text: str):
    """Told independently of how the rules are written."""
    if fault(text) is None:
        body = numbered(text).body
        pieces = body.replace("}}", "{{").split("{{")
        around, variables = pieces[::2], pieces[1::2]
        assert text.strip()
        assert len(body) <= 1024
        if variables:
            assert any(c.isalnum() for c in around[0])
            assert any(c.isalnum() for c in around[-1])
            assert all(piece.strip() for piece in around[1:-1])
            plain = [word for piece in around for word in piece.split() if any(c.isalnum() for c in word)]
            assert len(plain) > 2 * len(variables)


@pytest.mark.parametrize("key", KEYS)
def test_every_kind_declares_what_its_texts_may_name(key: str):
    """With words for the help, and a channel at least on which it can be written anew."""
    assert all(variable.meaning for variable in variables_of(key).values())
    for channel in channels_of(key):
        assert parts_of(key, channel)
    assert parts_of(key, Channel.WEBHOOK) == parts_of(key, Channel.IN_APP) == ()
