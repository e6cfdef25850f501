"""Names of fields: one table for each tool whose output is known, one of common names.

Each part of a record has the names to try, in order. A dotted name looks into nested
objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Part = Literal["text", "id", "title", "url", "date", "source"]
Candidates = Mapping[Part, tuple[str, ...]]

METADATA_PARTS: Final[tuple[Part, ...]] = ("title", "url", "date", "source")
PARTS: Final[tuple[Part, ...]] = ("text", "id", *METADATA_PARTS)

COMMON_NAMES: Final[Candidates] = {
    "text": (
        "text",
        "body",
        "content",
        "article",
        "maintext",
        "plain_text",
        "plaintext",
        "raw_content",
        "article_text",
        "full_text",
        "fulltext",
        "main_text",
        "body_text",
        "article_body",
        "articleBody",
        "cleaned_text",
        "raw_text",
        "document",
        "story",
        "passage",
        "page_content",
        "markdown",
        "abstract",
        "summary",
        "description",
    ),
    "id": (
        "id",
        "_id",
        "doc_id",
        "docid",
        "document_id",
        "article_id",
        "uid",
        "uuid",
        "guid",
        "record_id",
        "WARC-Record-ID",
        "warc_record_id",
        "pmid",
        "metadata.id",
    ),
    "title": ("title", "headline", "heading", "page_title", "metadata.title"),
    "url": (
        "url",
        "link",
        "source_url",
        "canonical_url",
        "page_url",
        "uri",
        "href",
        "WARC-Target-URI",
        "warc_target_uri",
        "metadata.url",
    ),
    "date": (
        "date",
        "date_publish",
        "published",
        "publish_date",
        "publishing_date",
        "published_at",
        "publishedAt",
        "date_published",
        "datePublished",
        "pub_date",
        "pubDate",
        "publication_date",
        "timestamp",
        "created_at",
        "WARC-Date",
        "warc_date",
        "date_download",
        "metadata.date",
        "metadata.timestamp",
    ),
    "source": (
        "source",
        "source_domain",
        "sitename",
        "site_name",
        "publisher",
        "domain",
        "hostname",
        "outlet",
        "newspaper",
        "site",
        "source_name",
        "metadata.source",
        "metadata.domain",
    ),
}
"""Names tried, in this order, where neither a preset nor a flag says otherwise."""

FIELD_PRESETS: Final[Mapping[str, Candidates]] = {
    "news-please": {
        "text": ("maintext", "text"),
        "id": ("filename",),
        "title": ("title", "title_page", "title_rss"),
        "url": ("url",),
        "date": ("date_publish", "date_modify", "date_download"),
        "source": ("source_domain",),
    },
    "trafilatura": {
        "text": ("text", "raw_text"),
        "id": ("id",),
        "title": ("title",),
        "url": ("source", "url"),
        "date": ("date", "filedate"),
        "source": ("source-hostname", "hostname", "sitename"),
    },
    "newspaper4k": {
        "text": ("text", "article_text"),
        "id": ("id",),
        "title": ("title",),
        "url": ("canonical_link", "url", "source_url"),
        "date": ("publish_date",),
        "source": ("meta_site_name", "source_url"),
    },
    "fundus": {
        "text": ("plaintext", "text", "body"),
        "id": ("id",),
        "title": ("title",),
        "url": ("url", "html.responded_url", "html.requested_url"),
        "date": ("publishing_date", "html.crawl_date"),
        "source": ("publisher", "html.source_info.publisher", "html.source.publisher"),
    },
    "c4": {"text": ("text",), "url": ("url",), "date": ("timestamp",)},
    "fineweb": {"text": ("text",), "id": ("id",), "url": ("url",), "date": ("date",)},
    "datatrove": {
        "text": ("text",),
        "id": ("id",),
        "title": ("metadata.title",),
        "url": ("metadata.url",),
        "date": ("metadata.date", "metadata.timestamp"),
        "source": ("metadata.domain", "metadata.source", "metadata.dataset"),
    },
    "wet": {
        "text": ("text", "content", "raw_content", "plain_text"),
        "id": ("WARC-Record-ID", "warc_record_id", "record_id", "id", "digest"),
        "title": ("title",),
        "url": ("WARC-Target-URI", "warc_target_uri", "target_uri", "url"),
        "date": ("WARC-Date", "warc_date", "date_download", "date", "timestamp"),
        "source": ("source_domain", "domain"),
    },
}
"""Field names that well-known tools and data sets write, by the tool's name."""
