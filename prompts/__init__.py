"""What is said to language models: one Markdown file a prompt."""
