"""What a failed run means: too little memory, a device that is lost, or something else.

torch and the runtime have error classes for few of these; their words have to tell.
"""

import torch

from inference.errors import OutOfMemory

_FULL = ("out of memory", "Failed to allocate memory", "bad_alloc", "ALLOC_FAILED")
# After one of these the process's CUDA context is broken for good; only a new process helps.
_LOST = ("CUDA error", "CUDA failure", "CUDNN failure", "CUBLAS failure", "cudaError")


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether the error, whoever raised it, means that memory was not enough."""
    if isinstance(error, OutOfMemory | MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(error) for words in _FULL)


def is_device_lost(error: BaseException | None) -> bool:
    """Whether the error means that this process cannot use its GPU any more."""
    if error is None or is_out_of_memory(error):
        return False
    return any(words in str(error) for words in _LOST)
