"""The management report: figures, then sheets in one language, then PDF or XLSX; the board."""
