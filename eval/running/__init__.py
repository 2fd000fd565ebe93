"""How a set is put to the bot: under which configuration, by which workers, from which moment."""
