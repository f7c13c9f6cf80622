"""Recommendations: assess, hold a place, commit, settle."""
