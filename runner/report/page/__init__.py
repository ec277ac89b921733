"""The report as one HTML file: words in two languages, charts, template, style."""
