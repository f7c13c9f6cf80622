"""The feed of approved projects: gapless changes, snapshots, manifests, subscribers and disclosures."""
