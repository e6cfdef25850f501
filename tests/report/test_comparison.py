"""Two documents compared by a library user."""

from __future__ import annotations

from typing import Any

import pytest

from dedup import Document
from dedup.errors import InputError, SettingsError
from dedup.report.comparison import compare_documents


def test_what_is_no_document_is_named_by_its_side() -> None:
    texts: Any = ("One text.", "Another text.")
    with pytest.raises(InputError, match=r"^left is a str, .*: pass dedup\.Document\(text\)"):
        compare_documents(*texts)
    with pytest.raises(InputError, match=r"^right is a str"):
        compare_documents(Document("One text."), texts[1])


def test_settings_of_another_kind_are_refused() -> None:
    wrong: Any = {}
    with pytest.raises(SettingsError, match=r"pass dedup\.Settings"):
        compare_documents(Document("One text."), Document("Another text."), wrong)
