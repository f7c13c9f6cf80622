"""The story that `make demo` plays: fourteen applications from a draft to the provincial list."""
