"""Plumbing shared by the services. No word of the application domain stands here."""
