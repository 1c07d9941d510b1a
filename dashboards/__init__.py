"""Streamlit pages for QA monitors, coaches, managers and operators."""
