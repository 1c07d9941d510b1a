"""Coaching: who needs what, plans, and whether they helped. The software proposes."""
