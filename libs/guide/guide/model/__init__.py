"""The sections of a guide pack as pydantic models: closed, immutable, null where the guide is silent."""
