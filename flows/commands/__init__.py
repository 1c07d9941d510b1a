"""Command groups of `qa`; every command is one library call and some printing."""
