from .commands import main

main(prog_name="python -m reference_app")
