import numpy as np
import pytest
from safetensors.numpy import save_file

from index.errors import ModelError
from index.models.bert_graph import build_reading_graph
from index.models.training.encoding import Row
from index.models.training.export import export
from index.models.training.shipped import OnnxNetwork
from index.models.training.weights import FROZEN, keep_layers, load_weights, round_base
from tests.training_samples import PIECES, WIDTH, tiny_base

ROW = (0, 5, 6, 7, 8, 2)


def trained(tmp_path, layers=2, **changes):
    """A file of weights as a training writes it, some tensors changed; None leaves one out."""
    numbers = np.random.default_rng(1)
    tensors = {n: t for n, t in tiny_base(layers, seed=2).tensors.items() if n != FROZEN}
    for head, outputs in (("token", 3), ("text", 2)):
        tensors[f"{head}.weight"] = numbers.normal(0, 1, (outputs, WIDTH))
        tensors[f"{head}.bias"] = numbers.normal(0, 1, outputs)
    tensors |= {name.replace("__", "."): tensor for name, tensor in changes.items()}
    path = tmp_path / "w.safetensors"
    save_file({n: t.astype(np.float16) for n, t in tensors.items() if t is not None}, path)
    return path


def read(model, *rows):
    return list(OnnxNetwork(model, print).read([Row(tokens, (), None) for tokens in rows]))


def test_exported_weights_run_and_give_logits_for_each_token_and_each_text(tmp_path):
    export(trained(tmp_path), tiny_base(), tmp_path)
    long, short = read(tmp_path / "model.onnx", ROW, ROW[:3])
    assert (long.tokens.shape, long.text.shape) == ((6, 3), (2,))
    assert (short.tokens.shape, short.text.shape) == ((3, 3), (2,))
    assert np.isfinite(long.tokens).all()


def test_exporting_twice_gives_the_same_bytes_and_their_hash(tmp_path):
    weights = trained(tmp_path)
    hashes = {export(weights, tiny_base(), tmp_path / name) for name in ("once", "twice")}
    assert len(hashes) == 1
    once, twice = ((tmp_path / n / "model.onnx").read_bytes() for n in ("once", "twice"))
    assert once == twice


def test_the_heads_are_dense_layers_over_each_token_and_over_the_first(tmp_path):
    weights = load_weights(trained(tmp_path), tiny_base())
    graph = build_reading_graph(weights)
    path = tmp_path / "float.onnx"
    path.write_bytes(graph.SerializeToString())
    (logits,) = read(path, ROW)
    # With the weights of both heads at 0, what is left are their biases.
    silent = {
        n: t * 0 if n in ("token.weight", "text.weight") else t for n, t in weights.tensors.items()
    }
    path.write_bytes(
        build_reading_graph(
            type(weights)(silent, weights.heads, weights.epsilon)
        ).SerializeToString()
    )
    (biases,) = read(path, ROW)
    np.testing.assert_allclose(biases.text, weights.bias("text"), rtol=1e-6)
    np.testing.assert_allclose(biases.tokens, [weights.bias("token")] * len(ROW), rtol=1e-6)
    assert not np.allclose(logits.tokens[0], logits.tokens[1])


def test_int8_stays_near_the_float_weights(tmp_path):
    weights = trained(tmp_path)
    export(weights, tiny_base(), tmp_path)
    path = tmp_path / "float.onnx"
    path.write_bytes(build_reading_graph(load_weights(weights, tiny_base())).SerializeToString())
    (eight,), (whole,) = read(tmp_path / "model.onnx", ROW), read(path, ROW)
    assert np.corrcoef(eight.tokens.ravel(), whole.tokens.ravel())[0, 1] > 0.98


def test_a_pupil_has_fewer_layers_than_the_base(tmp_path):
    weights = load_weights(trained(tmp_path, layers=2), tiny_base(layers=4))
    assert weights.layers == 2
    np.testing.assert_array_equal(
        weights.tensors[FROZEN], round_base(tiny_base(layers=4)).tensors[FROZEN]
    )


def test_layers_are_kept_under_new_numbers():
    base = tiny_base(layers=4)
    kept = keep_layers(base, range(1, 4, 2))
    assert kept.layers == 2
    for new, old in ((0, 1), (1, 3)):
        name = "encoder.layer.{}.output.dense.weight"
        np.testing.assert_array_equal(
            kept.tensors[name.format(new)], base.tensors[name.format(old)]
        )
    assert kept.tensors[FROZEN].shape == (len(PIECES), WIDTH)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"text__bias": None}, r"text\.bias has the shape None, and \(2,\) was expected"),
        ({"token__weight": np.zeros((4, WIDTH))}, r"token\.weight has the shape \(4, 24\)"),
        ({"pooler__bias": np.zeros(3)}, r"pooler\.bias has the shape \(3,\), and None"),
        (
            {"encoder__layer__1__output__dense__bias": None},
            r"encoder\.layer\.1\.output\.dense\.bias has the shape None",
        ),
    ],
)
def test_weights_of_another_base_are_refused_and_the_tensor_is_named(tmp_path, changes, complaint):
    with pytest.raises(ModelError, match=complaint):
        export(trained(tmp_path, **changes), tiny_base(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_file_of_weights_is_refused(tmp_path):
    (tmp_path / "no.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"no\.safetensors cannot be read"):
        load_weights(tmp_path / "no.safetensors", tiny_base())
    with pytest.raises(ModelError, match=r"nowhere cannot be read"):
        load_weights(tmp_path / "nowhere", tiny_base())
