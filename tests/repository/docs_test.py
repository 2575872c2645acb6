"""The pages keep their promises: links lead somewhere and commands are run."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import unittest

from repository import ROOT, Tree, tool

check_docs = tool("check_docs")
compatibility = tool("compatibility")

TWINWALK = pathlib.Path(os.environ.get("TWINWALK_BUILD_DIR", ROOT / "build/release"), "bin/twinwalk")


def page(name):
    return (ROOT / name).read_text(encoding="utf-8")


def shown_outputs(name):
    """(command, output) for each `sh` block of one line that a `text` block follows."""
    blocks = re.findall(r"```sh\n([^\n]+)\n```\n+```text\n(.*?)\n```\n", page(name), re.DOTALL)
    for line, output in blocks:
        yield re.sub(r"\s\s+#.*$", "", line), output


def shows(shown, printed):
    """Whether a page shows what was printed, a line `…` standing for any lines left out."""
    pattern = "".join("(?:.*\n)*" if line == "…" else re.escape(line) + "\n"
                      for line in shown.splitlines())
    return re.fullmatch(pattern, printed + "\n") is not None


def run_twinwalk(command):
    """Runs `./dev run ARGS…` as the binary of this build."""
    return subprocess.run([TWINWALK, *shlex.split(command)[2:]], cwd=ROOT, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, check=False)


def lines_with_exit_code(name):
    """(command, exit code that the page announces, 0 when it says nothing) for each `sh` line."""
    lines = page(name).splitlines()
    for number, command in check_docs.commands(page(name)):
        said = re.search(r"#.*\bexits (\d)", lines[number - 1])
        yield command, int(said.group(1)) if said else 0


class Links(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        self.assertEqual(check_docs.dead_links(ROOT), [])

    def test_a_link_to_no_file_or_heading_is_named(self):
        tree = Tree(self, {
            "README.md": "# A page\n[gone](docs/gone.md)\n[here](#a-page) [far](https://x.y)\n"
                         "[in](docs/in.md#two-words) [not in](docs/in.md#three)\n",
            "docs/in.md": "## Two words\n```sh\n# three\n```\n",
        })
        self.assertEqual(check_docs.dead_links(tree.root), [
            "README.md:2: no such file: docs/gone.md",
            "README.md:4: no such heading: docs/in.md#three",
        ])


class Compatibility(unittest.TestCase):
    def test_the_page_is_what_its_tests_say(self):
        self.assertEqual(page(compatibility.PAGE), compatibility.page(page(compatibility.SOURCE)))

    def test_a_test_without_its_two_comments_is_named(self):
        for before in ("", "// There: it is lost.\n", "// Here: it is kept.\n",
                       "// There: lost. Here: kept.\n\nint x = 0;\n"):
            with self.assertRaisesRegex(compatibility.Malformed, r"before TEST\(Map, Keeps\)"):
                compatibility.page(f"// ---- map ----\n{before}TEST(Map, Keeps) {{}}\n")

    def test_comments_of_several_lines_make_one_row(self):
        made = compatibility.page("// ---- map ----\n// There: lost\n// (seen).\n// Here: it is\n"
                                  "// kept.\nTEST_F(Map, Keeps) {}\n")
        self.assertIn("## map\n", made)
        self.assertTrue(made.endswith("| lost (seen). | It is kept. | `Map.Keeps` |\n"), made)


class Commands(unittest.TestCase):
    # `.ci/run` is the first, and the first fuzzes every format for a fixed count.
    RUN_BY_CI = {"./dev test", "./dev fuzz"}

    def subcommands(self):
        help_page = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True, check=True)
        return set(re.findall(r"^  \./dev (\w+)", help_page.stdout, re.MULTILINE))

    def test_ci_runs_the_test_command_of_the_readme(self):
        self.assertIn("./dev test", [command for command, _ in lines_with_exit_code("README.md")])
        self.assertEqual(page(".ci/run").splitlines()[-1].split(" && ")[-1], "./dev test")

    def test_every_command_of_the_readme_does_what_it_says(self):
        for command, announced in lines_with_exit_code("README.md"):
            with self.subTest(command=command):
                if command in self.RUN_BY_CI:
                    continue
                self.assertTrue(command.startswith("./dev run "), "no test runs this command")
                ran = run_twinwalk(command)
                self.assertEqual(ran.returncode, announced, ran.stdout + ran.stderr)

    def test_every_output_that_the_readme_shows_is_what_its_command_prints(self):
        shown = list(shown_outputs("README.md"))
        self.assertTrue(shown)
        for command, output in shown:
            with self.subTest(command=command):
                printed = run_twinwalk(command).stdout.strip()
                self.assertTrue(shows(output, printed), printed)

    def test_a_shown_output_may_leave_lines_out_and_nothing_else(self):
        printed = "one\ntwo\nthree\nfour"
        for shown in (printed, "…\ntwo\n…", "one\n…\nfour", "one\n…\nthree\nfour"):
            self.assertTrue(shows(shown, printed), shown)
        for shown in ("one\ntwo", "two\n…", "…\nthree", "…\nthree\n…\ntwo\n…", "one\n…\ntw\n…"):
            self.assertFalse(shows(shown, printed), shown)

    def test_every_command_of_contributing_exists(self):
        presets = {preset["name"] for preset in json.loads(page("CMakePresets.json"))["testPresets"]}
        for command, _ in lines_with_exit_code("CONTRIBUTING.md"):
            with self.subTest(command=command):
                words = shlex.split(command)
                if words[0] == "./dev":
                    self.assertIn(words[1], self.subcommands())
                else:
                    self.assertIn(words[:2], (["cmake", "--preset"], ["ctest", "--preset"],
                                              ["cmake", "--build"]))
                    self.assertIn(words[2].removeprefix("build/"), presets)

    def test_help_names_every_subcommand(self):
        cases = re.search(r'case "\$command" in(.*?)esac', page("dev"), re.DOTALL).group(1)
        known = {name for names in re.findall(r"^    ([\w |-]+)\) ", cases, re.MULTILINE)
                 for name in re.split(r"[ |]+", names)} - {"--help", "-h", "help"}
        self.assertEqual(known, self.subcommands() - {"help"})

    def test_an_unknown_subcommand_is_bad_usage(self):
        ran = subprocess.run([ROOT / "dev", "nonsense"], capture_output=True, text=True, check=False)
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertEqual(len(ran.stderr.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
