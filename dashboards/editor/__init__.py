"""The scorecard editor: drafts, forms made from the scorecard's own model, and the test bench."""
