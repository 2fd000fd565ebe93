"""The figures that the README and the docs show: measured, kept, and written there by a command."""
