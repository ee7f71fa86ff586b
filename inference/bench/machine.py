"""What the machine is and how much memory this process holds on it."""

import os
import platform
import resource
import sys
from pathlib import Path


def machine_facts(device: str) -> dict[str, object]:
    """Cores, architecture and versions; the GPU's name where one is used."""
    machine: dict[str, object] = {
        "cpus": len(os.sched_getaffinity(0)),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }
    if device.startswith("cuda"):
        import torch

        machine["gpu"] = torch.cuda.get_device_name(device)
    return machine


def peak_memory_mib(device: str) -> dict[str, float]:
    """The most that the process held, and the most that torch held on the GPU."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # The kernel counts in KiB on Linux and in bytes on macOS.
    memory = {"process peak": peak / 2**20 if sys.platform == "darwin" else peak / 2**10}
    if device.startswith("cuda"):
        import torch

        memory["device peak"] = torch.cuda.max_memory_allocated(device) / 2**20
    return memory


def resident_mib(device: str) -> float:
    """What the process holds now: in memory on a CPU, on the device (all of it) on a GPU."""
    if device.startswith("cuda"):
        import torch

        free, total = torch.cuda.mem_get_info(device)
        return (total - free) / 2**20
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
