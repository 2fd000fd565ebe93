"""The command line: reads arguments, prints answers, and maps what happened to an exit code."""
