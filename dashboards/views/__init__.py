"""Pages, one per module, each with a `render()` for `st.Page`."""
