"""A run as a report: one page of HTML, Markdown for a pull request, JUnit XML, JSON."""
