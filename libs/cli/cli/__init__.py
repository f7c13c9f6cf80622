"""The `shenbao` command: the local runner, tokens, the business clock, the demo."""
