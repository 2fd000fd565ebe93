"""Trains a tiny reader and its pupil on the CPU, and holds the graph against the network.

    python tests/training_trial.py

Run by hand, since it needs the `train` extra, which no test installs; it takes a minute. Exit code
0 if the loss falls and the graph gives the network's logits.
"""

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from index.models.bert_graph import build_reading_graph
from index.models.training.examples import held_out_examples
from index.models.training.fitting import Fitted, Settings, fit
from index.models.training.shipped import OnnxNetwork
from index.models.training.weights import load_weights
from tests.training_samples import passage, tiny_base, tiny_encoder

PASSAGES = [passage(name, place) for place, name in enumerate(("Port", "Mole", "Pier"))]


def main() -> int:
    """Train both, and compare."""
    encoder, base = tiny_encoder(), tiny_base(layers=4)
    rows = [encoder.encode(one) for one in held_out_examples(passage("Lock", 9))]
    with tempfile.TemporaryDirectory() as name:
        folder, losses = Path(name), []

        def report(line: str) -> None:
            sys.stdout.write(f"{line}\n")
            losses.append(float(re.findall(r"loss ([\d.]+)", line)[0]))

        def fitted(teachers: list, layers: int) -> Fitted:
            settings = Settings(epochs=12, seed=1, layers=layers, batch_rows=8)
            return fit(PASSAGES, base, teachers, None, encoder, settings, report)

        def gap(model: Fitted) -> float:
            """The greatest difference between a logit of the graph and the network's."""
            (folder / "w").write_bytes(model.weights)
            graph = build_reading_graph(load_weights(folder / "w", base))
            (folder / "g").write_bytes(graph.SerializeToString())
            pairs = zip(model.read(rows), OnnxNetwork(folder / "g", report).read(rows), strict=True)
            return max(
                max(np.abs(mine.tokens - its.tokens).max(), np.abs(mine.text - its.text).max())
                for mine, its in pairs
            )

        teacher = fitted([], 4)
        falls, of_teacher = losses[-1] < losses[0], gap(teacher)
        pupil = fitted([load_weights(folder / "w", base)], 2)
        again = fitted([], 4).weights == teacher.weights
        sys.stdout.write(f"loss falls: {falls}; the same on the CPU again: {again}\n")
        of_pupil = gap(pupil)
        sys.stdout.write(f"a logit differs by {of_teacher:.4f}, of the pupil {of_pupil:.4f}\n")
        # The graph has the weights rounded to float16.
        return 0 if falls and max(of_teacher, of_pupil) < 0.05 else 1


if __name__ == "__main__":
    sys.exit(main())
