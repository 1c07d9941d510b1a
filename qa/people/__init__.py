"""People: roster, indicators, coaching, appraisal, and the statistics that keep them fair."""
