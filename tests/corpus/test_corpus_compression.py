"""gzip and zstd: found by content, many members, broken off, damaged, bombs."""

from __future__ import annotations

import gzip
import io
import random
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from dedup.corpus.compression import BrokenStream, RatioGuard, open_decompressor
from tests.corpus.reading import read

Compress = Callable[[bytes], bytes]


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)


METHODS = pytest.mark.parametrize("compress", [gzip.compress, zstd], ids=["gzip", "zstd"])


def lines(n_records: int, seed: int = 0) -> bytes:
    """Return records whose text does not compress away."""
    draw = random.Random(seed)
    return b"".join(
        b'{"text": "%s"}\n' % draw.randbytes(30).hex().encode() for _ in range(n_records)
    )


@METHODS
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.jsonl", "a.bin"])
def test_compression_is_found_by_content(tmp_path: Path, compress: Compress, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(compress(lines(3)))
    outcome = read(path)
    assert len(outcome.records) == 3
    assert outcome.reader.files[0].compression == ("gzip" if compress is gzip.compress else "zstd")
    assert outcome.reader.bytes_read == path.stat().st_size


@METHODS
def test_all_members_are_read(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(compress(lines(20_000)) + compress(b"") + compress(lines(7)))
    outcome = read(path)
    assert len(outcome.records) == 20_007
    assert not outcome.quarantined


@METHODS
@pytest.mark.parametrize("share", [0.2, 0.99])
def test_what_was_read_of_a_cut_off_stream_is_kept(
    tmp_path: Path, compress: Compress, share: float
) -> None:
    content = lines(20_000)
    packed = compress(content)
    path = tmp_path / "a.jsonl"
    path.write_bytes(packed[: int(len(packed) * share)])
    outcome = read(path)
    assert len(outcome.records) > 20_000 * share * 0.7
    assert (
        outcome.texts
        == [line[10:-2].decode() for line in content.splitlines()][: len(outcome.records)]
    )
    (entry,) = outcome.quarantined
    assert "breaks off" in entry.reason
    assert entry.raw_length == -1
    assert entry.line == len(outcome.records) + 1
    assert content[entry.byte_offset :].startswith(entry.raw)


@METHODS
def test_a_stream_cut_between_members_is_whole(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(compress(lines(3)))
    assert not read(path).quarantined


@METHODS
def test_a_damaged_stream_keeps_what_was_read(tmp_path: Path, compress: Compress) -> None:
    packed = bytearray(compress(lines(50_000)))
    middle = len(packed) // 2
    packed[middle : middle + 64] = b"\xff" * 64
    path = tmp_path / "a.jsonl"
    path.write_bytes(packed)
    outcome = read(path, tmp_dir=str(tmp_path))
    assert len(outcome.records) > 10_000
    assert any("damaged" in reason for reason in outcome.reasons)


@METHODS
def test_a_wrong_checksum_costs_no_record(tmp_path: Path, compress: Compress) -> None:
    packed = bytearray(compress(lines(20_000)))
    packed[-6 if compress is gzip.compress else -2] ^= 1
    path = tmp_path / "a.jsonl"
    path.write_bytes(packed)
    outcome = read(path)
    assert len(outcome.records) == 20_000
    (entry,) = outcome.quarantined
    assert "damaged" in entry.reason
    assert entry.line == 20_001


def test_of_damaged_gzip_all_is_returned_that_makes_sense() -> None:
    content = lines(20_000)
    packed = bytearray(gzip.compress(content))
    middle = len(packed) // 2
    packed[middle : middle + 64] = b"\xff" * 64
    member, sense = zlib.decompressobj(wbits=31), bytearray()
    with suppress(zlib.error):
        for byte in packed:
            sense += member.decompress(bytes([byte]))
    assert len(sense) > len(content) // 3
    stream = open_decompressor("gzip", io.BytesIO(packed).read)
    pieces: list[bytes] = []
    with pytest.raises(BrokenStream, match="damaged"):
        pieces.extend(iter(lambda: stream.read(1 << 16), b""))
    assert b"".join(pieces) == sense


@METHODS
def test_what_follows_the_last_member_is_quarantined(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(compress(lines(3)) + b"some other bytes")
    outcome = read(path)
    assert len(outcome.records) == 3
    assert len(outcome.quarantined) == 1


def test_zero_padding_after_gzip_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(lines(3)) + bytes(10_000))
    outcome = read(path)
    assert len(outcome.records) == 3
    assert not outcome.quarantined


def test_skippable_zstd_frames_are_skipped(tmp_path: Path) -> None:
    skippable = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"
    path = tmp_path / "a.jsonl"
    path.write_bytes(skippable + zstd(lines(3)) + skippable)
    outcome = read(path)
    assert len(outcome.records) == 3
    assert not outcome.quarantined


@pytest.mark.parametrize("level", [-5, 3, 19])
@pytest.mark.parametrize(
    "content", [b"", b"a", b"ab" * 300_000, random.Random(1).randbytes(300_000)]
)
def test_every_cut_of_a_zstd_stream_is_noticed(level: int, content: bytes) -> None:
    for checksum in (False, True):
        packer = zstandard.ZstdCompressor(level=level, write_checksum=checksum)
        packed = packer.compress(content)
        cuts = {1, 5, 8, len(packed) // 2, len(packed) - 4, len(packed) - 1}
        for cut in cuts & set(range(1, len(packed))):
            with pytest.raises(BrokenStream):
                read_all("zstd", packed[:cut])
        assert read_all("zstd", packed) == content
        assert read_all("zstd", packed + packed) == content + content


@METHODS
def test_a_bomb_is_stopped(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "a.jsonl"
    line = b'{"text": "' + b"x" * 1000 + b'"}\n'
    path.write_bytes(compress(line * 80_000))
    outcome = read(path, max_ratio=50)
    assert 64_000 < len(outcome.records) < 70_000
    (entry,) = outcome.quarantined
    assert "--max-ratio" in entry.reason
    assert outcome.reader.files[0].digest


def test_a_small_file_may_have_any_ratio() -> None:
    packed = zstd(bytes(10_000_000))
    assert len(read_all("zstd", packed, max_ratio=2)) == 10_000_000


@METHODS
def test_a_cut_off_text_file_is_quarantined_whole(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(compress(random.Random(2).randbytes(9000).hex().encode())[:2000])
    outcome = read(path)
    assert outcome.records == []
    assert "breaks off" in outcome.reasons[0]


@METHODS
@pytest.mark.parametrize("name", ["a.json", "a.csv"])
def test_cut_off_arrays_and_tables_keep_what_was_read(
    tmp_path: Path, compress: Compress, name: str
) -> None:
    rows = [random.Random(n).randbytes(30).hex() for n in range(5000)]
    array = "[" + ",\n".join(f'{{"text": "{row}"}}' for row in rows) + "]"
    table = "id,text\n" + "".join(f'1,"{row}"\n' for row in rows)
    packed = compress((array if name == "a.json" else table).encode())
    path = tmp_path / name
    path.write_bytes(packed[: len(packed) // 2])
    outcome = read(path)
    assert outcome.texts == rows[: len(outcome.records)]
    assert len(outcome.records) > 1000
    assert len(outcome.quarantined) == 1


def read_all(compression: str, packed: bytes, max_ratio: float = 1e9) -> bytes:
    raw = io.BytesIO(packed)
    inner = open_decompressor(compression, raw.read)
    guard = RatioGuard(inner, raw.tell, max_ratio)
    pieces: list[bytes] = []
    while piece := guard.read(100_000):
        assert len(piece) <= 100_000
        pieces.append(piece)
    return b"".join(pieces)
