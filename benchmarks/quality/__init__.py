"""How right the verdicts are: labelled sets, peers, curves, and the floors that CI holds.

    python -m benchmarks.quality.peers --sets FOLDER      # every tool on every set
    python -m benchmarks.quality.rules --sets FOLDER      # the rules; where pairs are lost
    python -m benchmarks.quality.scores --sets FOLDER     # single scores; what a gap costs
    python -m benchmarks.quality.curves --sets FOLDER     # the pictures of docs/quality.md
    python -m benchmarks.quality.releases RELEASES.jsonl  # pairs by sender and day
    python -m benchmarks.quality.frames RELEASES.jsonl    # short stories in long frames
    python -m benchmarks.quality.excerpts                 # recall of excerpts
    python -m benchmarks.quality.gate --sets FOLDER       # the floors

``FOLDER`` holds the labelled sets, which are no part of the repository; the variable
``DEDUP_LABELLED_SETS`` may name it too. Sets that are absent are left out. The fixtures and the
planted edits are always there.
"""
