"""Values of requests that look like another."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from shared import fields
from shared.model_errors import field_errors

DAY = TypeAdapter[date](fields.Day)


@pytest.mark.parametrize("written", ["2023-04-28T00:00:00Z", "1682640000", "28/04/2023", "2023-4-28", 1682640000, 0, 19475.0])
def test_a_day_is_written_as_one(written: object) -> None:
    """pydantic takes seconds since 1970 and midnights for days."""
    with pytest.raises(ValidationError, match="Write a day like"):
        DAY.validate_python(written)


def test_a_day_is_taken_as_text_and_as_a_day() -> None:
    assert DAY.validate_json('"2023-04-28"') == DAY.validate_python(date(2023, 4, 28)) == date(2023, 4, 28)


def test_the_bound_of_a_day_is_written_as_a_day() -> None:
    bounded = TypeAdapter[date](Annotated[fields.Day, Field(ge=date(2000, 1, 1))])
    with pytest.raises(ValidationError) as wrong:
        bounded.validate_python("1999-12-31")
    (fault,) = field_errors(wrong.value.errors(), date)
    assert fault.message.en == "It must be at least 2000-01-01."
