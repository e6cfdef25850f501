"""Records and what they say of themselves: dates, addresses, stories, and who survives whom."""
