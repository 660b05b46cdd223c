from .command import main

main(prog_name="python -m logout_check.systems")
