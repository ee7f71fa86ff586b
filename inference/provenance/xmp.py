"""The one packet of metadata that a published file carries beside its colour profile."""

from xml.sax.saxutils import escape, quoteattr

from inference.provenance.terms import DigitalSourceType


def xmp_packet(source_type: DigitalSourceType, *, creator_tool: str, credit: str = "") -> bytes:
    """An XMP packet with `Iptc4xmpExt:DigitalSourceType`; JPEG, WebP and AVIF take the same one.

    Args:
        source_type: what is true of the picture.
        creator_tool: the program's name and version.
        credit: whom to name; left out when empty.

    Source: IPTC Photo Metadata Standard, "Digital Source Type"; ISO 16684-1 (XMP), section 7.
    """
    credited = f"\n   <photoshop:Credit>{escape(credit)}</photoshop:Credit>" if credit else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about=""\n'
        '    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"\n'
        '    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"\n'
        '    xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n'
        f"    xmp:CreatorTool={quoteattr(creator_tool)}\n"
        f"    Iptc4xmpExt:DigitalSourceType={quoteattr(source_type.uri)}>{credited}\n"
        "  </rdf:Description>\n"
        " </rdf:RDF>\n"
        "</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    ).encode()
