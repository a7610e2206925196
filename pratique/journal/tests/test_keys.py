"""The county's keys: made once, whoever starts first."""

from concurrent.futures import ThreadPoolExecutor

from pratique.kit.seal import load_keys, make_keys


def test_of_many_that_start_at_once_all_have_the_same_keys(tmp_path):
    path = tmp_path / "keys.json"

    def start(_number: int):
        make_keys(path)
        return load_keys.__wrapped__(path)

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(start, range(64)))) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"]
