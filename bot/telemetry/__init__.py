"""What an operator sees of a running bot: traces, metrics. Loaded only where it is asked for."""
