"""Where articles come from: files, folders, globs and standard input, turned into `Article`s.

    for source in find_sources(["news/", "dump.jsonl"]):
        for item in read_articles(source, mapping=None):
            ...  # an Article, or a Failure that says which record and why

What a file is: `.txt` and `.md` (optional YAML front matter) and `.html` hold one article;
`.json` (an object, a list, or an object with a list under "articles", "items", …), `.jsonl`,
`.ndjson`, `.csv` and `.tsv` hold many. XML is told by its root (NITF, NewsML-G2, WordPress export,
RSS, Atom), a web archive by its first bytes. Nothing here touches the network.

What an article is called: its canonical URL if the source tells one. Else a file that holds one
article is known by its file URI, and a record by the URI of its file and a fragment: `#id=…` if
it has an id, `#story=…` (a hash of title, outlet and time, or of title, outlet and text while it
is undated) if not. So records may be reordered without becoming other articles.

When it was published, best evidence first: the field, front matter or page metadata; a line such
as "Published: 14 March 2024"; the dateline's day with a year found in the text; a date in the
URL; and for files of one article the file's own time, marked as a guess.
"""

from index.failure import Failure
from index.sources.find import find_sources
from index.sources.mapping import FieldMapping
from index.sources.read import read_articles
from index.sources.source import Source
from index.urls import canonical_url

__all__ = ["Failure", "FieldMapping", "Source", "canonical_url", "find_sources", "read_articles"]
