"""Awards: approval (立项), the project's number and its grant."""
