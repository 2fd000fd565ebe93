"""The machine that a benchmark ran on: without it, its figures say nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from eval.provenance import describe_program


def describe_machine() -> dict[str, str]:
    """Processor, cores, memory, load, system, and the versions of what costs most."""
    return {
        "processor": _processor(),
        "cores": f"{_cores()} available of {os.cpu_count()}",
        "memory": f"{_memory_gb():.0f} GB",
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}",
    } | describe_program()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not on Linux
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gb() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
