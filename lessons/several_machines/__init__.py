"""Ways to check and to end, for several machines. Each is a small program that the scene serves.

`current_token(here, user)` is what the check compares with the stamp of a cookie. `end(here, user)`
ends all sessions of this user; nobody may be let in after it has returned. `start(here)`, where
there is one, runs once in each process.
"""
