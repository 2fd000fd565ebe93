"""What Dateline costs on this machine: `python -m eval.bench`, which `make bench` runs."""
