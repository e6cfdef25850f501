"""Acting on results without another scan: other thresholds or survivors, a cleaned corpus."""
