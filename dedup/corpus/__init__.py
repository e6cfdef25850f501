"""Reading corpora: files, folders and streams of records to batches of text."""

from __future__ import annotations

from dedup.corpus.documents import read_documents
from dedup.corpus.reader import CorpusReader
from dedup.corpus.sources import Source

__all__ = ["CorpusReader", "Source", "read_documents"]
