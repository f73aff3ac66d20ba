"""Makes the fonts beside it: `python style/fonts/subset.py [folder of the originals]`. README.md says what with."""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font
from fontTools.ttLib.scaleUpem import scale_upem

ORIGINALS = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/opentype/b612")
# `unicode-range` in style/fonts.css says the same.
CHARACTERS = " \u00a0$%()+,-./0123456789:~±·×–—−≤≥GMdhikmnpsx"
# "B612" is reserved for the original.
FAMILY = "Tacho Figures"

options = Options()
options.flavor = "woff2"
options.hinting = False
options.desubroutinize = True
# No kerning: figures below each other stay below each other.
options.drop_tables += ["GPOS"]
# Copyright, family, style, licence and where it is found.
options.name_IDs = [0, 1, 2, 13, 14]

for weight in ["Regular", "Bold"]:
    font = load_font(ORIGINALS / f"B612-{weight}.otf", options)
    subsetter = Subsetter(options)
    subsetter.populate(text=CHARACTERS)
    subsetter.subset(font)
    # Half as many units per em take a sixth less room, and no advance width has to be rounded.
    scale_upem(font, 1000)

    for name in font["name"].names:
        if name.nameID == 1:
            name.string = FAMILY
    outlines = font["CFF "].cff
    outlines.fontNames = [f"{FAMILY.replace(' ', '')}-{weight}"]
    outlines[0].FamilyName, outlines[0].FullName = FAMILY, f"{FAMILY} {weight}"
    save_font(font, Path(__file__).with_name(f"figures-{weight.lower()}.woff2"), options)
