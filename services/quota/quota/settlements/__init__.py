"""Old holds are settled by asking intake what became of their subject."""
