"""A Slack on the loopback interface, for tests and for trying the bot by hand."""
