"""What a published file says of its own making: IPTC terms, XMP and C2PA credentials.

File bytes go in, file bytes come out; nothing here loads torch.
"""
