"""The mechanism in apps that are not Bottle's. The how-to pages show these very files."""
