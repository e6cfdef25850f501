"""Candidate pairs: by buckets of signatures, and by samples that excerpts and short texts share."""
