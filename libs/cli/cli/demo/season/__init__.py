"""A whole season (`shenbao demo --season full`): 150 applications with every fault of the notice planted."""
