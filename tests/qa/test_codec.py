"""Digests: the quick way for records and the plain way for dictionaries must never differ."""

from hypothesis import given
from hypothesis import strategies as st

from qa import codec

VALUES = st.none() | st.text() | st.integers() | st.dictionaries(st.text(), st.text())


@given(st.dictionaries(st.text(), VALUES, min_size=2))
def test_a_record_has_the_digest_of_its_dictionary(record):
    quick = codec.RecordDigest(tuple(record))

    assert quick(tuple(record.values())) == codec.digest(record)


def test_key_order_does_not_matter():
    assert codec.RecordDigest(("b", "a"))((2, 1)) == codec.digest({"a": 1, "b": 2})
