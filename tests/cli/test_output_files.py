"""What `-o` and `--junit` do to what stands where they write."""

import os
import stat

import pytest
from conftest import run


def convert_to(path):
    return run("convert", "access-matrix", "-", "-o", path, stdin="ann p1\n")


def test_a_file_keeps_its_mode(tmp_path):
    path = tmp_path / "policy.yaml"
    for mode in (0o600, 0o664, 0o755):
        path.write_text("old")
        path.chmod(mode)
        assert convert_to(path).returncode == 0
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert "ann" in path.read_text()
    assert os.listdir(tmp_path) == ["policy.yaml"]


@pytest.mark.parametrize("exists", [True, False])
def test_links_are_followed(tmp_path, exists):
    target = tmp_path / "folder" / "target.yaml"
    target.parent.mkdir()
    if exists:
        target.write_text("old")
    (tmp_path / "inner").symlink_to("folder/target.yaml")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "inner")
    assert convert_to(link).returncode == 0
    assert link.is_symlink() and (tmp_path / "inner").is_symlink()
    assert not target.is_symlink() and "ann" in target.read_text()
    assert os.listdir(target.parent) == ["target.yaml"]


def test_a_circle_of_links_cannot_be_written(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    result = convert_to(tmp_path / "a")
    assert result.returncode == 2
    assert "cannot be written" in result.stderr
    assert (tmp_path / "a").is_symlink() and (tmp_path / "b").is_symlink()


def test_a_pipe_is_written_to(tmp_path, policy):
    pipe = tmp_path / "pipe"
    for arguments, expected in ((("convert", "access-matrix", "-", "-o", pipe), "ann"), (("test", policy, "--junit", pipe), "<testsuites>")):
        if not pipe.exists():
            os.mkfifo(pipe)
        # Open for both, so that a program that replaces the pipe leaves nobody waiting.
        reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        try:
            assert run(*arguments, stdin="ann p1\n").returncode == 0
            assert stat.S_ISFIFO(pipe.stat().st_mode)
            assert expected in os.read(reader, 1 << 16).decode()
        finally:
            os.close(reader)


def test_a_folder_cannot_be_written(tmp_path):
    result = convert_to(tmp_path)
    assert result.returncode == 2
    assert "cannot be written" in result.stderr
    assert os.listdir(tmp_path) == []
