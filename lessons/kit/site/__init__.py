"""What the built site adds to the pages: addresses, search, pages of code, the live lab."""
