"""`python -m escalation` is the command `escalation`."""

if __name__ == "__main__":
    from escalation.cli import main

    main()
