"""The ledger knows which sources were read without a failure, and what failed in the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.embed import ModelCard
from index.failure import Failure
from index.store.address import Servers
from index.store.catalog import Catalog
from index.store.entry import SourceRecord
from index.store.ledger import Reading, SourceLedger
from index.store.servers import catalog_place

pytestmark = pytest.mark.parametrize("servers", ["sqlite", "postgresql"], indirect=True)

NOW = datetime(2023, 11, 16, tzinfo=UTC)
BAD_LINE = Failure("a.jsonl line 3", "it is not JSON")


@pytest.fixture
def catalog(tmp_path: Path, servers: Servers) -> Iterator[Catalog]:
    place = catalog_place(tmp_path, servers)
    catalog = Catalog.create(place, ModelCard("hashing", "sha256:0", 16, 500))
    yield catalog
    catalog.close()


@pytest.fixture
def ledger(catalog: Catalog) -> SourceLedger:
    return SourceLedger(catalog.database)


def test_a_source_that_was_read_is_known_by_its_fingerprint(ledger: SourceLedger) -> None:
    ledger.record([Reading("a", "1:1", 3, ()), Reading("b", "2:2", 0, ())], now=NOW)

    assert ledger.known(["a", "b", "c"]) == {
        "a": SourceRecord("1:1", 3),
        "b": SourceRecord("2:2", 0),
    }


def test_a_source_without_a_fingerprint_is_never_known(ledger: SourceLedger) -> None:
    ledger.record([Reading("-", None, 3, ())], now=NOW)

    assert ledger.known(["-"]) == {}


def test_a_failure_makes_a_source_unknown_and_is_listed(
    ledger: SourceLedger, catalog: Catalog
) -> None:
    ledger.record([Reading("a", "1:1", 3, ())], now=NOW)
    ledger.record([Reading("a", "1:1", 2, (BAD_LINE,))], now=NOW)

    assert ledger.known(["a"]) == {}
    assert catalog.failures() == [BAD_LINE]


def test_success_clears_the_failures_of_that_source_alone(
    ledger: SourceLedger, catalog: Catalog
) -> None:
    other = Failure("b.txt", "it is empty")
    ledger.record([Reading("a", "1:1", 2, (BAD_LINE,)), Reading("b", "1:1", 0, (other,))], now=NOW)
    ledger.record([Reading("a", "2:2", 3, ())], now=NOW)

    assert ledger.known(["a", "b"]) == {"a": SourceRecord("2:2", 3)}
    assert catalog.failures() == [other]


def test_the_last_of_two_readings_of_one_source_counts(ledger: SourceLedger) -> None:
    ledger.record([Reading("a", "1:1", 3, ()), Reading("a", "2:2", 4, ())], now=NOW)

    assert ledger.known(["a"]) == {"a": SourceRecord("2:2", 4)}


def test_thousands_of_sources_are_recorded_and_known_at_once(ledger: SourceLedger) -> None:
    readings = [Reading(str(number), "1:1", 1, ()) for number in range(3000)]
    ledger.record(readings, now=NOW)

    assert len(ledger.known(reading.key for reading in readings)) == 3000
