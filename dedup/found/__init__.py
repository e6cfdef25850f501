"""What a run finds: in rows of records and units, and with ids, as columns, rows and values."""
