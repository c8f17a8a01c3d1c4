#!/usr/bin/env python3
"""Makes BIZUDGothic-cp932.ttf: the letters of JIS X 0208 with those of NEC and IBM (what Windows calls cp932) from the
regular face in npm's `@expo-google-fonts/biz-udgothic` 0.4.0 (SIL Open Font License 1.1, OFL.txt), without hints and
layout tables, which a PDF has no use for: 2.0 MB instead of 4.5. `pip install fonttools`, then
`./make.py BIZUDGothic_400Regular.ttf`."""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

HIGH = [*range(0x81, 0xA0), *range(0xE0, 0xFD)]


def letters():
    wanted = {*range(0x20, 0x7F), *range(0xFF61, 0xFFA0)}
    for high in HIGH:
        for low in range(0x40, 0xFD):
            text = bytes([high, low]).decode("cp932", errors="ignore")
            wanted.update(map(ord, text))
    return {letter for letter in wanted if not 0xE000 <= letter < 0xF900}


def main():
    font = TTFont(sys.argv[1])
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "vhea", "vmtx", "VORG", "BASE", "DSIG", "gasp", "STAT"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters())
    subsetter.subset(font)
    font.save(pathlib.Path(__file__).with_name("BIZUDGothic-cp932.ttf"))


if __name__ == "__main__":
    main()
