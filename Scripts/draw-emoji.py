"""Draws the colour emoji of Debian's Noto font as captioned pictures.

Usage: draw-emoji.py FOLDER [--size N]

Writes FOLDER/images/NNNN.png, N by N pixels of red, green and blue on white, and FOLDER/captions.tsv: file, code points, group,
subgroup, caption (Unicode's name) and keywords (CLDR's, English). Emoji follow one another as in Unicode's emoji-test.txt.
"""
import argparse
import io
import pathlib
import re
import xml.etree.ElementTree

from fontTools.ttLib import TTFont
from PIL import Image

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
NAMES = "/usr/share/unicode/emoji/emoji-test.txt"
KEYWORDS = "/usr/share/unicode/cldr/common/{}/en.xml"
VARIATION = 0xFE0F


class Glyphs:
    """The bitmaps of the font, by sequences of code points."""

    def __init__(self, path):
        font = TTFont(path)
        self.bitmaps = font["CBDT"].strikeData[0]
        self.single = font.getBestCmap()
        self.joined = {}
        for lookup in font["GSUB"].table.LookupList.Lookup:
            for table in lookup.SubTable:
                table = getattr(table, "ExtSubTable", table)
                for first, ligatures in getattr(table, "ligatures", {}).items():
                    for ligature in ligatures:
                        self.joined[(first, *ligature.Component)] = ligature.LigGlyph

    def picture(self, points):
        """The bitmap of a sequence, or None."""
        for sequence in (points, [point for point in points if point != VARIATION]):
            names = tuple(self.single.get(point) for point in sequence)
            name = names[0] if len(names) == 1 else self.joined.get(names)
            if name in self.bitmaps:
                return Image.open(io.BytesIO(self.bitmaps[name].imageData)).convert("RGBA")
        return None


def keywords():
    """English keywords, by the text of the emoji without variation selectors."""
    found = {}
    for folder in ("annotations", "annotationsDerived"):
        for entry in xml.etree.ElementTree.parse(KEYWORDS.format(folder)).iter("annotation"):
            if entry.get("type") != "tts":
                found.setdefault(entry.get("cp").replace(chr(VARIATION), ""), entry.text)
    return found


def entries():
    """Code points, group, subgroup and name of each emoji."""
    titles = {"group": "", "subgroup": ""}
    line_of_emoji = re.compile(r"([0-9A-F ]+?) *; fully-qualified +# \S+ E[0-9.]+ (.+)")
    for line in pathlib.Path(NAMES).read_text(encoding="utf-8").splitlines():
        if title := re.fullmatch(r"# (group|subgroup): (.+)", line):
            titles[title[1]] = title[2]
        elif found := line_of_emoji.fullmatch(line):
            yield [int(point, 16) for point in found[1].split()], titles["group"], titles["subgroup"], found[2]


def drawn(picture, size):
    """The picture in the middle of a white square."""
    side = max(picture.size)
    square = Image.new("RGBA", (side, side), "white")
    square.alpha_composite(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    resampling = Image.Resampling.BOX if side % size == 0 else Image.Resampling.LANCZOS
    return square.convert("RGB").resize((size, size), resampling)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=64)
    options = parser.parse_args()
    (options.folder / "images").mkdir(parents=True, exist_ok=True)
    glyphs, words = Glyphs(FONT), keywords()
    lines = ["file\tcodepoints\tgroup\tsubgroup\tcaption\tkeywords"]
    for points, group, subgroup, name in entries():
        picture = glyphs.picture(points)
        if picture is None:
            continue
        file = f"images/{len(lines) - 1:04}.png"
        drawn(picture, options.size).save(options.folder / file)
        text = "".join(map(chr, points)).replace(chr(VARIATION), "")
        codes = " ".join(f"{point:04X}" for point in points)
        lines.append("\t".join([file, codes, group, subgroup, name, words.get(text, "")]))
    (options.folder / "captions.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"data: {len(lines) - 1} captioned pictures of {options.size} by {options.size} pixels in {options.folder}")


main()
