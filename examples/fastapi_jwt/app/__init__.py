"""An API with bearer tokens, all of which end when their user's session token changes."""
