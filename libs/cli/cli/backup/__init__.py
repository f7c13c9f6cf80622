"""Backup and restore of an installation: a dump for each service, the file store, and a manifest over all."""
