"""Analysis in, evaluation out: the service-standard scorecard engine."""
