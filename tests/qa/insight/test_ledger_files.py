"""The ledger as files: outcomes of a CRM in, a safe export out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qa.calls import Role
from qa.insight.commitments import Commitment, LedgerItem
from qa.insight.ledger_files import LEDGER_COLUMNS, ledger_row, read_outcomes
from qa.spreadsheets import safe_cell

CSV = """id,outcome,kept_at,comment
a:1:call_back,kept,2026-11-18T17:30:00+08:00,
'b:2:refund,kept,2026-11-18T17:30:00,本地时间
c:3:visit,未兑现,,没来
d:4:send,maybe,,
e:5:send,kept,,
f:6:send,kept,yesterday,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_outcomes_are_read_and_bad_rows_named(encoding):
    found, errors = read_outcomes(CSV.encode(encoding), "crm.csv")
    assert [one.commitment_id for one in found] == ["a:1:call_back", "b:2:refund", "c:3:visit"]
    assert [one.kept_at for one in found[:2]] == [datetime(2026, 11, 18, 9, 30, tzinfo=UTC)] * 2
    assert (found[2].broken, found[2].comment, found[2].by) == (True, "没来", "crm.csv")
    assert [error.place for error in errors] == [f"crm.csv, line {n}" for n in (5, 6, 7)]


def test_a_file_without_the_columns_says_so():
    found, errors = read_outcomes(b"\x00\xffrubbish", "x.csv")
    assert (found, len(errors)) == ([], 1)
    assert "missing" in errors[0].message


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@cmd"])
def test_no_cell_is_a_formula(text):
    assert safe_cell(text) == f"'{text}"


def test_a_row_has_every_column_and_the_state():
    promise = Commitment(
        id="a", call_id="c", by=Role.AGENT, action="refund", turn_index=1, start_ms=0, end_ms=1,
        quote="=退款", char_start=0, char_end=3, due_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    row = ledger_row(LedgerItem(commitment=promise), datetime(2026, 1, 2, tzinfo=UTC))
    assert tuple(row) == LEDGER_COLUMNS
    assert (row["state"], row["quote"]) == ("overdue", "'=退款")
