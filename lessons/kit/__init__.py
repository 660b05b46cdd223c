"""The course's tooling, in six rooms. Which may import which: tests/kit/test_rooms.py.

course: what the lessons' folders and TOML files say: steps, parts, tasks, mistakes.
stage: who acts and where: people, browsers, databases, servers; and what is seen of them.
proof: tests in their own processes, and how each of them ended.
learn: the learner's commands, from `start` and `check` to `grade` and `orders`.
pages: what is written into Markdown and SVG: outputs, tables, drawings.
site: what the built site adds: addresses, search, pages of code, the live lab.
"""
