"""Law 9: no input makes it crash without naming file, line and reason."""

from __future__ import annotations

import gzip
import io
import logging
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup import DedupError, Document, Reading, Result, Settings, scan
from dedup.corpus.content import FORMATS
from dedup.results import write_results
from dedup.text.normalise import normalise
from tests.corpora import article

ONE_THREAD = Settings(threads=1)
N_EXAMPLES = 30


@pytest.fixture(autouse=True)
def quiet_html() -> None:
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def read(path: Path, settings: Settings = ONE_THREAD) -> Result | None:
    """Scan a file; None if it was refused in words that name it."""
    try:
        result = scan(path, settings)
    except DedupError as error:
        assert path.name in str(error)
        return None
    for bad in result.quarantine:
        assert Path(bad.file).name == path.name
        assert bad.reason
        assert bad.line >= 1 or bad.raw_length >= 0
    result.to_dict()
    return result


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["one two", None]}), sink)
    return sink.getvalue()


JSONL = b'{"id": 1, "text": "one two three"}\n{"id": "b", "text": "four", "title": null}\n'
SEEDS = {
    "jsonl": JSONL,
    "json": b'[{"id": 1, "text": "one two three"}, {"id": 2, "text": "four"}]',
    "csv": b'id,text\n1,"one ""two"" three"\n2,four\n',
    "tsv": b"id\ttext\n1\tone two\n2\tfour\n",
    "txt": "One line.\r\nAnother line — with dashes.\n".encode(),
    "html": b"<html><body><article><p>One two three.</p></article></body></html>",
    "parquet": _parquet(),
    "jsonl.gz": gzip.compress(JSONL, mtime=0),
    "jsonl.zst": zstandard.compress(JSONL),
    "csv.gz": gzip.compress(b"id,text\n1,one\n", mtime=0) * 2,
}


def test_every_format_is_looked_at() -> None:
    endings = {name.split(".")[0] for name in SEEDS}
    assert {"text" if ending == "txt" else ending for ending in endings} == set(FORMATS)


@settings(max_examples=N_EXAMPLES)
@given(content=st.binary(max_size=300))
@pytest.mark.parametrize("ending", SEEDS)
def test_any_bytes_are_read_or_refused(ending: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"hostile.{ending}"
    path.write_bytes(content)
    read(path)


@settings(max_examples=N_EXAMPLES)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("ending", SEEDS)
def test_damaged_files_are_read_or_refused(ending: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    content = bytearray(SEEDS[ending])
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(content))
        match chance.randrange(4):
            case 0:
                content[place] ^= 1 << chance.randrange(8)
            case 1:
                del content[place:]
                content += b"\n" * chance.randrange(3) or b"{"
            case 2:
                content[place:place] = chance.randbytes(chance.randint(1, 5))
            case _:
                content[place:place] = content[: chance.randint(1, 40)]
    path = tmp_path / f"damaged.{ending}"
    path.write_bytes(content)
    read(path)


@settings(max_examples=N_EXAMPLES)
@given(content=st.binary(max_size=300), named=st.sampled_from(FORMATS))
def test_a_format_named_wrongly_is_no_excuse(content: bytes, named: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(content)
    read(path, Settings(threads=1, reading=Reading(format=named)))


HOSTILE = (
    "ab \n\t\r\x00\x0b\x1b\x85\u00a0\u00ad\u0301\u0307\u0345\u200b\u200d\u2028\u202e\u3000\ufeff"
)
HOSTILE += "İıſßﬃ２½²٣٫一丁กำ\U0001f468\U000e0041\U0010ffff\uac00\u1100\u1161-−$€%.,:/·'`“"
hostile = st.text(st.sampled_from(HOSTILE) | st.characters(exclude_categories=["Cs"]), max_size=80)


@settings(max_examples=60)
@given(st.lists(hostile, max_size=6), st.sampled_from(["document", "passage"]), st.integers(1, 200))
@example(["\u0301" * 80, "a" + "\u0301\u0316" * 60, ""], "document", 1)
@example(["0" * 500, "1.1" * 200, "-" * 300], "passage", 7)
def test_any_text_is_scanned(texts: list[str], unit: str, batch_bytes: int) -> None:
    chosen = Settings(
        threads=1, unit=unit, batch_bytes=batch_bytes, repeat_min_tokens=5, shingle_width=2
    )
    result = scan(iter([*texts, *texts]), chosen)
    assert result.counts["read"] == 2 * len(texts)
    check_spans(result, [*texts, *texts])
    found = result.to_dict()
    assert len(found["clusters"]) == result.counts["clusters"]
    same = {normalise(text) for text in texts}
    assert result.counts["units"] <= len(same)


def check_spans(result: Result, texts: list[str]) -> None:
    """Check that every span of a repeat or passage stands where it is said to stand."""
    for repeat in result.repeats:
        text = texts[int(repeat.document)]
        passages = [text[place.start : place.end] for place in repeat.occurrences]
        assert all(passages)
        assert (len(set(passages)) == 1) == (repeat.verdict == "exact")
        for place in repeat.occurrences:
            assert 0 <= place.start < place.end <= len(text)
            assert text.count("\n", 0, place.start) + 1 == place.first_line
            assert text.count("\n", 0, place.end) + 1 == place.last_line
    for passage in result.passages:
        for place in passage.occurrences:
            text = texts[int(place.document)]
            assert 0 <= place.start < place.end <= len(text)
            assert text.count("\n", 0, place.start) + 1 == place.first_line


block = st.sampled_from([article(14, k) for k in range(4)])
page = st.lists(block | hostile, max_size=8)


@settings(max_examples=60)
@given(st.lists(page, min_size=1, max_size=3), st.sampled_from(["\n", "\n\n", "\r\n", " "]))
def test_spans_are_true_on_pages_full_of_repeats(pages: list[list[str]], between: str) -> None:
    texts = [between.join(page) for page in pages]
    check_spans(scan(iter(texts), Settings(threads=1, unit="passage")), texts)


metadata = st.none() | hostile | st.sampled_from(["http://[x", "//", "http://", "=1+1", "\x1b[2J"])


@settings(max_examples=30)
@given(
    documents=st.lists(st.builds(Document, st.just(article(30, 1)), *[metadata] * 5), max_size=4)
)
def test_any_metadata_is_scanned_and_written(
    documents: list[Document], tmp_path_factory: pytest.TempPathFactory
) -> None:
    result = scan(iter(documents), Settings(threads=1, store_text=True))
    assert result.counts["members"] == (len(documents) if len(documents) > 1 else 0)
    write_results(result, tmp_path_factory.mktemp("results"))


@pytest.mark.parametrize("url", ["http://[x", "http://[::1", "//[a]b/"])
def test_an_address_that_cannot_be_taken_apart_does_not_stop_passages(url: str) -> None:
    blurb = article(20, "blurb")
    documents = [{"text": f"{blurb}\n\n{article(30, n)}", "url": url} for n in range(2)]
    result = scan(documents, Settings(threads=1, unit="passage"))
    assert len(result.passages) == 1
