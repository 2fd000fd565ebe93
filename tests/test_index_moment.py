"""A point in time that remembers how precisely it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.moment import Moment, Precision


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2023", Precision.YEAR, "2023-01-01T00:00:00", "2023-12-31T23:59:59"),
        ("2024-02", Precision.MONTH, "2024-02-01T00:00:00", "2024-02-29T23:59:59"),
        ("2023-12", Precision.MONTH, "2023-12-01T00:00:00", "2023-12-31T23:59:59"),
        ("2023-11-16", Precision.DAY, "2023-11-16T00:00:00", "2023-11-16T23:59:59"),
        ("2023-11-16T20:15Z", Precision.MINUTE, "2023-11-16T20:15:00", "2023-11-16T20:15:59"),
        ("2023-11-16T20:15:26Z", Precision.SECOND, "2023-11-16T20:15:26", "2023-11-16T20:15:26"),
        ("9999", Precision.YEAR, "9999-01-01T00:00:00", "9999-12-31T23:59:59"),
        ("9999-12-31", Precision.DAY, "9999-12-31T00:00:00", "9999-12-31T23:59:59"),
    ],
)
def test_a_moment_spans_from_its_first_to_its_last_second(text, precision, first, last):
    moment = Moment.parse(text)
    assert moment.precision is precision
    assert moment.start == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert moment.end.replace(microsecond=0) == datetime.fromisoformat(last).replace(tzinfo=UTC)
    assert moment.isoformat() == text


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("2023-11-16T10:00:00+09:00", "2023-11-16T01:00:00Z"),
        ("2023-11-16T10:00:00+0900", "2023-11-16T01:00:00Z"),
        ("2023-11-16 10:00 UTC", "2023-11-16T10:00Z"),
        ("2023-11-16t10:00:00.123456z", "2023-11-16T10:00:00Z"),
        ("2023-11-16T22:00-05:00", "2023-11-17T03:00Z"),
        ("2023-11-16T10:00", "2023-11-16T10:00Z"),
    ],
)
def test_a_time_with_a_zone_is_kept_in_utc_and_one_without_is_taken_as_utc(text, in_utc):
    assert Moment.parse(text).isoformat() == in_utc


@pytest.mark.parametrize(
    "text", ["", "2023-1", "2023-13", "2023-02-30", "Nov. 16, 2023", "2023-11-16T25:00", "20231116"]
)
def test_anything_but_iso_8601_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Moment.parse(text)


def test_a_moment_is_never_made_of_a_time_without_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        Moment.of(datetime(2023, 11, 16))  # noqa: DTZ001 - what is refused


def test_a_moment_of_a_clock_time_is_known_to_the_second_and_in_utc():
    seoul = timezone(timedelta(hours=9))
    moment = Moment.of(datetime(2023, 11, 16, 10, 0, 5, 999, tzinfo=seoul))
    assert moment.isoformat() == "2023-11-16T01:00:05Z"


def test_moments_sort_by_first_instant_and_then_the_vaguer_first():
    texts = ["2024", "2023-01-01T00:00:00Z", "2023-01-01", "2023-01", "2023"]
    found = [moment.isoformat() for moment in sorted(map(Moment.parse, texts))]
    assert found == ["2023", "2023-01", "2023-01-01", "2023-01-01T00:00:00Z", "2024"]


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(Precision))
def test_a_moment_is_read_back_from_what_it_writes(when, precision):
    form = "%m-%dT%H:%M:%SZ"
    whole = f"{when.year:04d}-{when.strftime(form)}"
    cut = {1: 4, 2: 7, 3: 10, 4: 16, 5: 20}[precision]
    moment = Moment.parse(whole[:cut])
    assert moment.precision is precision
    assert Moment.parse(moment.isoformat()) == moment
    assert moment.start <= moment.end


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_a_zone_does_not_push_a_moment_off_the_calendar(text):
    moment = Moment.parse(text)
    assert moment.start.year in {1, 9999}
    assert moment.start <= moment.end
