"""What a run of the command imports, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import DEMO, PAGE
from tests.program import run_program


def test_help_imports_neither_numpy_nor_numba() -> None:
    code = (
        "import sys\n"
        "from dedup.cli.main import group\n"
        "try:\n    group.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'numba', 'pyarrow', 'sklearn', 'orjson', 'dedup.api'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = run_program(code)
    assert "scan" in done.stdout
    assert done.stderr.strip() == "[]"


def test_a_scan_of_text_imports_nothing_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from dedup.cli.main import group\n"
        f"group.main(['scan', {str(PAGE)!r}, '--quiet'], standalone_mode=False)\n"
        "heavy = {'pyarrow', 'pandas', 'sklearn', 'datasketch'}\n"
        "heavy |= {'trafilatura', 'dedup.corpus.html_pages', 'dedup.corpus.html_charset'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        f"arguments = ['scan', {str(DEMO)!r}, '--quiet', '--store-text', '--out', 'found']\n"
        "group.main(arguments, standalone_mode=False)\n"
        "print(sorted((heavy | {'pyarrow.compute'}) & set(sys.modules)))"
    )
    done = run_program(code, cwd=tmp_path)
    assert done.stdout.split("\n") == ["[]", "['pyarrow']", ""]


def test_a_scan_with_compiled_kernels_loads_no_compiler_and_leaves_it_to_whoever_needs_it() -> None:
    code = (
        "import gc, sys\n"
        "from dedup.cli.main import main\n"
        f"sys.argv = ['dedup', 'scan', {str(PAGE)!r}, '--quiet']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print(end.code)\n"
        "print('numba' in sys.modules)\n"
        "print(sorted({'scipy.linalg', 'numba.np.arraymath'} & set(sys.modules)))\n"
        "print(sum(generation['collections'] for generation in gc.get_stats()) < 100)\n"
        "import numba, numpy\n"
        "print(numba.njit(lambda values: values.sum())(numpy.arange(4)))\n"
        "from sklearn.feature_extraction.text import TfidfVectorizer\n"
        "print(TfidfVectorizer().fit_transform(['rain and snow']).shape)"
    )
    scan = f"import dedup\nprint(len(dedup.scan([{str(PAGE)!r}]).repeats))"
    run_program(scan)  # compiles the kernels, where they are not
    done = run_program(code)
    assert done.stdout.split("\n") == ["0", "True", "[]", "True", "6", "(1, 3)", ""]
