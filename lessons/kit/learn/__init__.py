"""The learner's commands. `lessons/__main__.py` gives each its words and options."""
