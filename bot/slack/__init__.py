"""Dateline in Slack."""
