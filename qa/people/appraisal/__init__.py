"""Appraisal: the five indicators of the service manual, proposed by software, decided by people."""
