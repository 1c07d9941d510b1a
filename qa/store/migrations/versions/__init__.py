"""One file per revision, in order of their names. A released revision is never changed."""
