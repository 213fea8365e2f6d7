"""docs/benchmarks.md: bench/run writes it, but for the section that bench/server.sh writes."""

import pathlib
import platform

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- bench/server.sh: -->\n", "<!-- :bench/server.sh -->\n"


def machine() -> str:
    names = (line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return f"{next(names, platform.machine())}, {platform.system()} {platform.release()}"


def _server_section(text: str) -> str:
    return text[text.index(BEGIN):text.index(END) + len(END)] if BEGIN in text else ""


def write_all_but_server(text: str) -> None:
    kept = _server_section(PAGE.read_text()) if PAGE.exists() else ""
    PAGE.write_text(text.rstrip("\n") + "\n" + ("\n" + kept if kept else ""))


def write_server_section(text: str) -> None:
    whole = PAGE.read_text()
    before = whole.replace(_server_section(whole), "").rstrip("\n")
    PAGE.write_text(f"{before}\n\n{BEGIN}{text.rstrip()}\n{END}")
