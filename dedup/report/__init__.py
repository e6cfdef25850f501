"""Reports for people: on the terminal, and as HTML, Markdown, tables and text."""
