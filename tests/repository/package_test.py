"""The engine installs, and others build with it."""

import os
import pathlib
import subprocess
import unittest

from repository import ROOT, Tree, tool

check_undefined = tool("check_undefined")

BUILD = pathlib.Path(os.environ.get("TWINWALK_BUILD_DIR", ROOT / "build/release"))
CXX = os.environ.get("TWINWALK_CXX", "clang++-19")


def run(test, *command):
    """What a command printed; the test fails with all of it when the command does."""
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                         stdin=subprocess.DEVNULL, check=False)
    test.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
    return ran.stdout


class Package(unittest.TestCase):
    def setUp(self):
        self.tree = Tree(self, {})

    def configure_and_build(self, source, *options):
        build = self.tree.root / "build"
        run(self, "cmake", "-G", "Ninja", "-S", source, "-B", build,
            f"-DCMAKE_CXX_COMPILER={CXX}", *options)
        run(self, "cmake", "--build", build)
        return build

    def test_an_installed_engine_is_found_built_with_and_runs(self):
        prefix = self.tree.root / "prefix"
        run(self, "cmake", "--install", BUILD, "--prefix", prefix)
        build = self.configure_and_build(ROOT / "examples/downstream", f"-DCMAKE_PREFIX_PATH={prefix}")
        self.assertIn("refused to map 0x40000000 again", run(self, build / "downstream"))

    def test_an_installation_holds_the_headers_of_the_engine_and_nothing_else(self):
        prefix = self.tree.root / "prefix"
        run(self, "cmake", "--install", BUILD, "--prefix", prefix)
        installed = {p.relative_to(prefix / "include/twinwalk").as_posix()
                     for p in (prefix / "include").rglob("*") if p.is_file()}
        shipped = {p.relative_to(ROOT / "engine").as_posix()
                   for p in (ROOT / "engine").rglob("*.hpp")}
        self.assertEqual(installed, shipped)
        self.assertEqual({p.name for p in prefix.iterdir()}, {"include", "lib"})

    def test_a_project_that_adds_the_directory_gets_the_engine_alone_and_its_own_warnings(self):
        self.tree.write("CMakeLists.txt", f"""
            cmake_minimum_required(VERSION 3.25)
            project(kernel LANGUAGES CXX)
            add_subdirectory("{ROOT}" twinwalk)
            add_executable(kernel main.cc)
            target_link_libraries(kernel PRIVATE twinwalk::engine)
            get_target_property(options kernel COMPILE_OPTIONS)
            if(TARGET twinwalk_models OR options)
              message(FATAL_ERROR "more than the engine came along")
            endif()
            """)
        self.tree.write("main.cc", """
            #include <twinwalk/api.hpp>
            int main() { int never_used; return twinwalk::size_log2(twinwalk::PageSize::Size4K) - 12; }
            """)
        run(self, self.configure_and_build(self.tree.root) / "kernel")


class Undefined(unittest.TestCase):
    def test_an_object_that_calls_what_it_does_not_have_is_named(self):
        tree = Tree(self, {"own.cc": "int f() { return 1; }\n",
                           "asks.cc": "void outside(); void g() { outside(); }\n"})
        objects = []
        for name in ("own", "asks"):
            objects.append(str(tree.root / f"{name}.o"))
            run(self, CXX, "-c", tree.root / f"{name}.cc", "-o", objects[-1])
        self.assertEqual(check_undefined.undefined_symbols("nm", objects[:1]), [])
        found = check_undefined.undefined_symbols("nm", objects)
        self.assertEqual(len(found), 1)
        self.assertIn("asks.o", found[0])
        self.assertIn("outside", found[0])
        self.assertEqual(check_undefined.undefined_symbols("nm", objects, {"_Z7outsidev"}), [])
        self.assertEqual(check_undefined.undefined_symbols("nm", objects, {"_Z6insidev"}), found)


if __name__ == "__main__":
    unittest.main()
