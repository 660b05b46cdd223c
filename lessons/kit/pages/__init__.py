"""What is written into Markdown and SVG: outputs of runs, tables, drawings."""
