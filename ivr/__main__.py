"""`python -m ivr <command>`."""

from ivr.cli.commands import main

if __name__ == "__main__":
    main()
