"""Passages as LlamaIndex nodes."""

from __future__ import annotations

from llama_index.core.schema import NodeRelationship, NodeWithScore, RelatedNodeInfo, TextNode

from index.article import Passage

# For programs, not for a model or an embedding.
_FOR_PROGRAMS = ["article_id", "version", "origin_id", "url", "bm25"]


def render_node(passage: Passage) -> NodeWithScore:
    """The passage as a node: our chunk id, text and offsets, unchanged.

    The score is the cosine similarity of question and text, -1 to 1, or None for a passage that
    was found by its words alone. The order of nodes is the ranking's, not the score's.
    """
    published = passage.published.isoformat() if passage.published else None
    node = TextNode(
        id_=passage.chunk_id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            "outlet": passage.outlet,
            "published": published,
            "title": passage.title,
            "url": passage.url,
            "article_id": passage.article_id,
            "version": passage.version,
            "origin_id": passage.origin_id,
            "bm25": passage.scores.bm25,
        },
        excluded_embed_metadata_keys=_FOR_PROGRAMS,
        excluded_llm_metadata_keys=_FOR_PROGRAMS,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.article_id)},
    )
    return NodeWithScore(node=node, score=passage.scores.dense)
