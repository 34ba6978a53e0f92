"""tools/bench_page.py: what a run measured goes into the page, what it did not measure stays."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools/bench_page.py"
OLD = """# Performance

Prose.

<!-- measured -->

| a table | of the last time |

## Decoding frames

`./dev bench decode`, measured on 2001-02-03, 2 cores.

| compiled plan | telltale_demo.dbc | 50 | 12.5 | 1.0 | |

## The queue at a million tickets

`./dev bench queue`, measured on 2001-02-03, 2 cores.

```text
first page, dealer     p50   0.1 ms   p99   25.5 ms   max   0.7 ms
```
"""


class Page(unittest.TestCase):
    def write(self, outputs, page=OLD):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.md"
            path.write_text(page)
            for name, text in outputs.items():
                (Path(folder) / f"{name}.txt").write_text(text)
            subprocess.run([sys.executable, "-B", TOOL, path, folder, *outputs], check=True, stdout=subprocess.DEVNULL)
            return path.read_text()

    def test_a_section_that_was_not_measured_was_dropped(self):
        page = self.write({"queue": "first page, dealer     p50   0.1 ms   p99   0.2 ms   max   0.7 ms\n"})
        self.assertIn("`./dev bench decode`, measured on 2001-02-03, 2 cores.", page)
        self.assertIn("| compiled plan | telltale_demo.dbc | 50 | 12.5 | 1.0 | |", page)
        self.assertNotIn("25.5 ms", page)
        self.assertEqual(page.count("## The queue at a million tickets"), 1)
        self.assertTrue(page.startswith("# Performance\n\nProse.\n\n<!-- measured -->\n"))

    def test_the_table_is_of_all_sections_and_says_what_is_missed(self):
        page = self.write({"resume": "| 10 rounds, x | 0.03 s | 0.47 s | 2 s |\n"})
        self.assertIn("| decoding, a signal | 12.5 ns | under 100 ns | met | `./dev bench decode` |", page)
        self.assertIn("p99 | 25.5 ms | under 20 ms | **missed** | `./dev bench queue` |", page)
        self.assertIn("| agent: resume to publish, worst | 0.47 s | under 2 s | met |", page)
        self.assertNotIn("durable ingest, of", page)
        self.assertNotIn("a table | of the last time", page)

    def test_writing_it_twice_changes_nothing_else(self):
        once = self.write({"parked": "| left alone | 0 | 325 |\n"})
        self.assertEqual(self.write({"parked": "| left alone | 0 | 325 |\n"}, once), once)


if __name__ == "__main__":
    unittest.main()
