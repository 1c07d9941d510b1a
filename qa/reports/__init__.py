"""The management report of a month: figures, then sheets in one language, then PDF or XLSX."""
