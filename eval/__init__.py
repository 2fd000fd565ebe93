"""Measures the bot: sets, metrics, the runner and its reports. Nothing below imports it."""
