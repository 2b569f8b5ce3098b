"""A picture as it circulates, with words on it."""

import io

from PIL import Image, ImageDraw


def a_picture(words="AWAS", shade=0, form="PNG", size=(640, 480), exif=None):
    picture = Image.new("RGB", (640, 480), (240, 240, 230))
    draw = ImageDraw.Draw(picture)
    for step in range(12):
        draw.rectangle(
            (step * 53, (step * 97 + shade * 31) % 400, step * 53 + 40, 470), fill=(20 * step, 90, 200 - 9 * step)
        )
    draw.text((40, 20), words, fill=(0, 0, 0), font_size=72)
    out = io.BytesIO()
    picture.resize(size).save(out, form, **({"exif": exif} if exif else {}))
    return out.getvalue()
