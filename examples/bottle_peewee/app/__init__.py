"""A small site on Bottle and Peewee that can log a user out everywhere."""

from bottle import Bottle

from . import pages, sessions
from .database import close_connection, open_connection

app = Bottle()
app.add_hook("before_request", open_connection)
app.add_hook("before_request", sessions.validate_session_token)
app.add_hook("after_request", close_connection)
app.get("/", callback=pages.home)
app.get("/about", callback=pages.about)
app.get("/login", callback=pages.show_login)
app.post("/login", callback=pages.log_in)
app.post("/logout", callback=pages.log_out)
app.post("/sessions/invalidate", callback=pages.log_out_everywhere)
app.post("/password", callback=pages.change_password)
app.post("/profile", callback=pages.change_name)
app.get("/events", callback=pages.events)
