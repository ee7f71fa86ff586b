"""U²-Net: the full salient-object network of which U²-Net-p is the small one; opt-in for its size.

It is fed and read as `u2netp` is.

Source: Qin et al., "U²-Net: Going deeper with nested U-structure for salient object detection",
Pattern Recognition 2020.
"""

from inference.networks.u2netp import INPUT_SIDE_PX, to_alpha, to_input

__all__ = ["INPUT_SIDE_PX", "NAME", "to_alpha", "to_input"]

NAME = "u2net"
