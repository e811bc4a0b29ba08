"""`python -m mfst_lib` is the command `mfst`."""

from mfst_lib.cli import main

if __name__ == "__main__":
    main()
