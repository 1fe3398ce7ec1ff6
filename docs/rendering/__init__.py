"""Reference pages, rendered from the code's own tables. Pure: text in, Markdown out."""
