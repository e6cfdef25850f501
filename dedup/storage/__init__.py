"""Files: what grows with a corpus, what could not be read, and outputs while they are written."""
