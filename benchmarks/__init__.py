"""Speed, memory and recall of `dedup` beside its peers; see README.md in this folder."""
