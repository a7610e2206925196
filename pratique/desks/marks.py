"""Status marks: a word beside a shape in a colour. Readable in grey and by colour-blind eyes."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# In a box of 16 by 16. `fill` shapes are solid; rings are strokes.
_SHAPES = {
    "disc": '<circle class="fill" cx="8" cy="8" r="7.5" fill="currentColor"/>',
    "square": '<path class="fill" d="M1 1h14v14H1z" fill="currentColor"/>',
    "triangle": '<path class="fill" d="M8 1 15.5 15H.5z" fill="currentColor"/>',
    "diamond": '<path class="fill" d="M8 0l8 8-8 8-8-8z" fill="currentColor"/>',
    "ring": '<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="2"/>',
    "dashed_ring": '<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" '
                   'stroke-width="2" stroke-dasharray="3.4 2.4"/>',
}
COLOUR_SHAPES = {"green": "disc", "yellow": "triangle", "red": "square", "blue": "diamond",
                 "none": "ring", "unknown": "dashed_ring"}


def shape(name: str, css: str = "") -> SafeString:
    """The drawing alone; its word must stand beside it."""
    drawing = mark_safe(_SHAPES.get(name, _SHAPES["dashed_ring"]))  # noqa: S308 - our own constants
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        css, drawing)


def mark(colour: str, word: str, shape_name: str | None = None) -> SafeString:
    """Word + shape + colour."""
    known = colour if colour in COLOUR_SHAPES else "unknown"
    return format_html('<span class="mark is-{}">{}<span>{}</span></span>', known,
                       shape(shape_name or COLOUR_SHAPES[known]), word)
