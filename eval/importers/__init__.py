"""Public question sets in their published form, turned into articles and questions of ours."""
