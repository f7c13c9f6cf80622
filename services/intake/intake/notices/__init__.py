"""Public notices (公示) and objections to what they list."""
