from .command import main

main(prog_name="logout-check")
