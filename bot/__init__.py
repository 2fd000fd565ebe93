"""Questions and answers, and the surfaces that people meet them on."""
