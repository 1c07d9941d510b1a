"""The night shift: command line, stages and Prefect flows."""
