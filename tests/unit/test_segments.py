"""What carriers charge for: segments of an SMS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rendering.segments import BASIC, EXTENDED, Encoding, Segments, segments_of

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
GSM_TEXTS = st.text(st.sampled_from(sorted(BASIC | EXTENDED)), max_size=700)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", Segments(GSM7, 0, 0, 160)),
        ("a" * 160, Segments(GSM7, 1, 160, 0)),
        ("a" * 161, Segments(GSM7, 2, 161, 145)),
        ("a" * 306, Segments(GSM7, 2, 306, 0)),
        ("a" * 307, Segments(GSM7, 3, 307, 152)),
        ("€" * 80, Segments(GSM7, 1, 160, 0)),
        ("a" * 159 + "€", Segments(GSM7, 2, 161, 145)),
        ("я" * 70, Segments(UCS2, 1, 70, 0)),
        ("я" * 71, Segments(UCS2, 2, 71, 63)),
        ("😀" * 35, Segments(UCS2, 1, 70, 0)),
        ("😀" * 36, Segments(UCS2, 2, 72, 61)),
        ("Grüße, señor: ça coûte 5 €", Segments(UCS2, 1, 26, 44)),  # ç is not in the alphabet, only Ç
        ("Grüße, señor: 5 €", Segments(GSM7, 1, 18, 142)),
    ],
)
def test_segments(text: str, found: Segments):
    """The limits, and one beyond each."""
    assert segments_of(text) == found


def test_an_escaped_character_is_not_torn_apart():
    """The escape and its character go into the next segment together; the place before stays empty."""
    torn = "a" * 152 + "€" + "a" * 100
    assert segments_of(torn) == Segments(GSM7, 2, 254, 153 - 102)
    assert segments_of("я" * 66 + "😀" + "я" * 10) == Segments(UCS2, 2, 78, 67 - 12)


def test_the_alphabet_is_the_standards():
    """128 places: 127 characters and the escape; ten more behind the escape."""
    assert (len(BASIC), len(EXTENDED)) == (127, 10)
    assert not BASIC & EXTENDED


@given(st.text(max_size=700))
def test_the_room_is_what_the_segments_hold(text: str):
    """Nothing is lost, and no segment is begun without need."""
    found = segments_of(text)
    alone, joined = (160, 153) if found.encoding is GSM7 else (70, 67)
    room = alone if found.count <= 1 else joined * found.count
    assert 0 <= found.left < joined or found.count <= 1
    torn = max(0, found.count - 1)  # at most one empty place for each border
    assert room - torn <= found.characters + found.left <= room
    assert found.characters > alone or found.count == min(1, len(text))


@given(GSM_TEXTS)
def test_the_gsm_alphabet_takes_seven_bits(text: str):
    """And costs what its escapes cost."""
    found = segments_of(text)
    assert (found.encoding, found.characters) == (GSM7, len(text) + sum(c in EXTENDED for c in text))


@given(st.text(max_size=300))
def test_ucs2_counts_utf16_units(text: str):
    """One character outside the alphabet makes all of them wide."""
    assert segments_of("я" + text).characters == len(("я" + text).encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(max_size=300), st.characters())
def test_more_text_never_costs_less(text: str, more: str):
    """Appending keeps or raises the count."""
    assert segments_of(text + more).count >= segments_of(text).count
