"""Reviews: initial review, acceptance by the office, formal review, experts' scores."""
