"""What the lessons' folders and TOML files say: steps, parts, tasks, hints, mistakes."""
