"""A small file is replaced whole, whoever writes it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from index.store.stamp import replace_file


def test_threads_that_replace_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "marker.json"

    with ThreadPoolExecutor(8) as pool:
        # A write that finds its own file aside taken away raises here.
        texts = [f"{n} " * 100 for n in range(200)]
        list(pool.map(lambda text: replace_file(path, text), texts))

    assert path.read_text(encoding="utf-8") in texts
    assert [one.name for one in tmp_path.iterdir()] == ["marker.json"]
