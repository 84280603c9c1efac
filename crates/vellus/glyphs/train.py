"""Trains the reader of the glyphs of scale labels, on lines of text drawn in open fonts.

    python3 train.py FONT_FOLDER glyphs.bin [--lines 30000] [--held-out dejavu,b612]

FONT_FOLDER holds .ttf and .otf files, at any depth (Debian's fonts-liberation, fonts-noto-core and the like, all under
free licences); no font and no picture of one enters the repository, only what the network learned. A glyph is seen as
`crates/vellus/src/scale/glyph.rs` shows it: the line is scaled to a digit height of 12 px, a window of 20 x 20 px lies
with the baseline at row 15 and the middle of the segment at column 10, all outside the segment is blank.

Needs numpy, scipy, pillow and torch. What is written: the layers' weights as i8 with one f32 step per output row, then
the biases as f32, little endian.
"""
import argparse, io, random, struct, sys
from pathlib import Path
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter, map_coordinates
import torch
from torch import nn

SIZE, BASE, HEIGHT, SUB = 20, 15, 12, 3
CLASSES = list("0123456789.m") + ["µ", "c", "r", "=", "other"]
INDEX = {**{c: i for i, c in enumerate(CLASSES)}, ",": 10, "μ": 12, "u": 12}
OTHER = len(CLASSES) - 1
# Letters that some font draws as it draws a digit or a unit are not shown at all.
LETTERS = "abdefghijkpqstwxyzABCDEFGHKLMNPQRTUVWXYnvo#%&()+-:/^²×?*"
CHANNELS, HIDDEN = (12, 24), 64


def number(rng):
    kind = rng.random()
    if kind < 0.3:
        return f"{rng.randint(0, 99)}.{rng.randint(0, 99)}"
    if kind < 0.5:
        return f"{rng.randint(0, 9)}{rng.choice('..,')}{rng.randint(0, 999)}"
    return str(rng.choice([1, 2, 5, 10, 20, 50, 100, 200, 250, 500, 1000, rng.randint(0, 9999)]))


def line(rng):
    kind = rng.random()
    if kind < 0.62:
        unit = rng.choice(["mm", "mm", "µm", "μm", "um", "cm"])
        return rng.choice(["", "", "", "r=", "r = ", "d="]) + number(rng) + rng.choice(["", " ", " "]) + unit
    return "".join(rng.choice(LETTERS + "0123456789mcur.=  ") for _ in range(rng.randint(4, 12))).strip() + str(rng.randint(0, 9))


def draw(text, font, rng, nrng):
    """A line as a grey picture, 0 paper to 1 ink, and the first and last column of each letter."""
    pad = 12
    width = int(font.getlength(text)) + 2 * pad + 4
    ascent, descent = font.getmetrics()
    image = Image.new("L", (width, ascent + descent + 2 * pad), 0)
    pen = ImageDraw.Draw(image)
    crisp = rng.random() < 0.25
    pen.fontmode = "1" if crisp else "L"
    x, boxes = float(pad), []
    tight = rng.random() < 0.2
    for k, letter in enumerate(text):
        one = Image.new("L", image.size, 0)
        p = ImageDraw.Draw(one)
        p.fontmode = pen.fontmode
        p.text((round(x), pad), letter, fill=255, font=font)
        box = one.getbbox()
        boxes.append(box and (box[0], box[2], box[1], box[3]))
        image = Image.fromarray(np.maximum(np.asarray(image), np.asarray(one)))
        x += font.getlength(letter) * (0.93 if tight else 1) + (rng.choice([0, 0, 0, 1]) if font.size < 24 else 0)
    ink = np.asarray(image, np.float32) / 255
    return ink, boxes, pad + ascent


def worn(ink, nrng, rng, height):
    """What cameras, scaling and JPEG do to print."""
    if rng.random() < 0.55:
        ink = gaussian_filter(ink, nrng.uniform(0.2, max(0.35, 0.055 * height)))
    if rng.random() < 0.35:  # sub-pixel colour fringes seen in grey
        ink = 0.5 * ink + 0.25 * (np.roll(ink, 1, 1) + np.roll(ink, -1, 1))
    low, high = (nrng.uniform(20, 90), nrng.uniform(150, 250))
    if rng.random() < 0.5:
        low, high = high, low
    texture = gaussian_filter(nrng.normal(0, 1, ink.shape), nrng.uniform(1, 6))
    paper = low + texture / (texture.std() + 1e-6) * nrng.choice([0, 0, 4, 10])
    grey = paper + (high - low) * 0.95 * ink + nrng.normal(0, nrng.choice([0, 1, 3, 5]), ink.shape)
    grey = np.clip(grey, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        buffer = io.BytesIO()
        Image.fromarray(grey).save(buffer, "JPEG", quality=int(nrng.integers(55, 96)))
        grey = np.asarray(Image.open(buffer))
    g = (grey.astype(np.float32) - low) / (high - low)
    return np.clip(g / max(np.percentile(g, 99.5), 0.3), 0, 1)


def window(ink, left, right, base, height):
    """The glyph between two columns as the network sees it."""
    step = height / HEIGHT
    centre = 0.5 * (left + right)
    offset = (np.arange(SIZE * SUB) + 0.5) / SUB
    xs = centre + (offset - SIZE / 2) * step
    ys = base + (offset - BASE) * step
    clear = ink.copy()
    clear[:, : max(left, 0)] = 0
    clear[:, right:] = 0
    values = map_coordinates(clear, np.meshgrid(ys - 0.5, xs - 0.5, indexing="ij"), order=1, cval=0)
    return values.reshape(SIZE, SUB, SIZE, SUB).mean((1, 3)).astype(np.float32)


def samples(font_path, rng, nrng):
    size = int(np.exp(nrng.uniform(np.log(9), np.log(44))))
    fine = rng.random() < 0.4  # as renderers that place glyphs between pixels do: drawn three times as large
    try:
        font = ImageFont.truetype(str(font_path), 3 * size if fine else size)
    except OSError:
        return
    text = line(rng)
    ink, boxes, _ = draw(text, font, rng, nrng)
    if fine:
        dx, dy = rng.randrange(3), rng.randrange(3)
        ink = np.pad(ink, ((dy, 3), (dx, 3)))
        h, w = (ink.shape[0] // 3) * 3, (ink.shape[1] // 3) * 3
        ink = ink[:h, :w].reshape(h // 3, 3, w // 3, 3).mean((1, 3))
        ink = np.clip(ink * 1.15, 0, 1)
        boxes = [b and (round((b[0] + dx) / 3), max(round((b[1] + dx) / 3), round((b[0] + dx) / 3) + 1),
                        round((b[2] + dy) / 3), round((b[3] + dy) / 3)) for b in boxes]
    seen = [(c, b) for c, b in zip(text, boxes) if b]
    digits = [b for c, b in seen if c.isdigit()]
    if not digits:
        return
    top, base = min(b[2] for b in digits), int(np.median([b[3] for b in digits]))
    height = base - top
    if not 6 <= height <= 60:
        return
    ink = worn(ink, nrng, rng, height)
    base_seen = base + nrng.normal(0, 0.025 * height) + rng.choice([0, 0, 0, -0.5, 0.5])
    height_seen = height * (1 + nrng.normal(0, 0.03)) + rng.choice([0, 0, 0, -0.5, 0.5])
    for k, (letter, box) in enumerate(seen):
        slack = lambda: rng.choice([0, 0, 0, 1, -1]) if height > 9 else rng.choice([0, 0, 1])
        left, right = box[0] - abs(slack()), box[1] + abs(slack())
        neighbour = seen[k + 1][1] if k + 1 < len(seen) else None
        if neighbour and neighbour[0] < right:
            right = max((neighbour[0] + box[1] + 1) // 2, left + 1)
        label = INDEX.get(letter, OTHER)
        yield window(ink, left, right, base_seen, height_seen), label
        wide = box[1] - box[0]
        if rng.random() < 0.35 and wide > 4 and letter not in ".,":  # a part of a glyph
            cut = box[0] + int(wide * rng.uniform(0.25, 0.75))
            a, b = rng.choice([(box[0], cut), (cut, box[1])])
            yield window(ink, a, b, base_seen, height_seen), OTHER
        if rng.random() < 0.35 and neighbour and neighbour[1] - box[0] < 1.6 * height:  # two glyphs
            yield window(ink, box[0], neighbour[1], base_seen, height_seen), OTHER
        if rng.random() < 0.2 and neighbour and neighbour[1] - neighbour[0] > 5:  # one and a part of the next
            cut = neighbour[0] + int((neighbour[1] - neighbour[0]) * rng.uniform(0.3, 0.7))
            yield window(ink, box[0], cut, base_seen, height_seen), OTHER


def collect(fonts, lines, seed):
    rng, nrng = random.Random(seed), np.random.default_rng(seed)
    images, labels = [], []
    for _ in range(lines):
        for image, label in samples(rng.choice(fonts), rng, nrng):
            images.append((image * 255).astype(np.uint8))
            labels.append(label)
    return np.stack(images), np.array(labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fonts", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--lines", type=int, default=30000)
    parser.add_argument("--held-out", default="dejavu,b612,cantarell")
    parser.add_argument("--epochs", type=int, default=30)
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    held = args.held_out.split(",")
    everything = sorted(p for p in args.fonts.rglob("*") if p.suffix.lower() in (".ttf", ".otf"))
    everything = [p for p in everything if usable(p)]
    test_fonts = [p for p in everything if any(h in str(p).lower() for h in held)]
    train_fonts = [p for p in everything if p not in test_fonts]
    print(len(train_fonts), "fonts, held out", len(test_fonts))
    x, y = collect(train_fonts, args.lines, 1)
    tx, ty = collect(test_fonts, args.lines // 12, 2)
    print(x.shape, tx.shape, np.bincount(y))
    model = nn.Sequential(
        nn.Conv2d(1, CHANNELS[0], 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(CHANNELS[0], CHANNELS[1], 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(CHANNELS[1] * (SIZE // 4) ** 2, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, len(CLASSES)),
    )
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=2e-3)
    steps = args.epochs * (len(x) // 512)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, steps)
    xt, yt = torch.from_numpy(x[:, None]).float() / 255, torch.from_numpy(y)
    txt, tyt = torch.from_numpy(tx[:, None]).float() / 255, torch.from_numpy(ty)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.01)
    done = 0
    for epoch in range(args.epochs):
        order = torch.randperm(len(xt))
        for k in range(0, len(order) - 511, 512):
            pick = order[k : k + 512]
            loss = loss_of(model(xt[pick]), yt[pick])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            done += 1
            if done < steps:
                schedule.step()
        if epoch % 3 == 2:
            with torch.no_grad():
                p = model(txt).softmax(1)
                sure, guess = p.max(1)
                wrong = guess != tyt
                false = wrong & (sure > 0.9) & (guess != OTHER)
                missed = (tyt != OTHER) & (wrong | (sure < 0.5))
                print(epoch, f"loss {loss:.3f} right {1 - wrong.float().mean():.4f} falsely sure {false.float().mean():.4f} missed {missed.float().mean():.4f}", flush=True)
    with args.output.open("wb") as out:
        for layer in (model[0], model[2], model[5], model[7]):
            weight = layer.weight.detach().numpy()
            weight = weight.reshape(len(weight), -1)
            step = np.abs(weight).max(1) / 127
            out.write(np.round(weight / step[:, None]).astype(np.int8).tobytes())
            out.write(step.astype("<f4").tobytes())
            out.write(layer.bias.detach().numpy().astype("<f4").tobytes())


def usable(path):
    """Whether a font has upright digits and letters of the usual shapes."""
    name = path.name.lower()
    if any(word in name for word in ("italic", "oblique", "symbol", "emoji", "math", "dingbat", "standardsymbols", "d050000l", "z003", "outline", "initials", "keyboard", "swash", "sc-", "smallcap", "upper", "plane", "garamond", "vollkorn", "libertine", "biolinum", "gentium", "display", "chancery")):
        return False
    try:
        font = ImageFont.truetype(str(path), 40)
        glyphs = [font.getmask(c) for c in "0123456789mc.µ"]
        blank = font.getmask("\uffff")
        boxes = [font.getbbox(c) for c in "0123456789"]
    except Exception:
        return False
    if any(g.getbbox() is None for g in glyphs) or bytes(glyphs[1]) == bytes(glyphs[2]) or bytes(glyphs[10]) == bytes(blank):
        return False
    if bytes(glyphs[0]) == bytes(glyphs[5]):
        return False
    tops, bottoms = [b[1] for b in boxes], [b[3] for b in boxes]
    return max(tops) - min(tops) <= 3 and max(bottoms) - min(bottoms) <= 3


if __name__ == "__main__":
    main()
