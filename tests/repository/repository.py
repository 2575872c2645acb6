"""What the tests of the repository share: where it is, its tools, and trees made up for a test."""

import importlib
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def tool(name):
    """The module tools/<name>.py."""
    sys.dont_write_bytecode = True
    if str(ROOT / "tools") not in sys.path:
        sys.path.insert(0, str(ROOT / "tools"))
    return importlib.import_module(name)


class Tree:
    """A directory that holds what a test wants and is gone when the test ends."""

    def __init__(self, test, files):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="twinwalk-"))
        test.addCleanup(shutil.rmtree, self.root)
        for name, text in files.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
