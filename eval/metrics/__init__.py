"""Pure measures. Each states its formula and source; none knows files, the bot or a set."""
