"""What readers said of answers, as cases to be reviewed and promoted to a question set."""
