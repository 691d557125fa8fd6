"""One self-contained page: the view's own script, its style and its state."""

from __future__ import annotations

import base64
import html
import json
import zlib
from os import PathLike
from pathlib import Path
from string import Template
from typing import Any

import anywidget

from rnaexplore.widgets.core.bundle import bundle, scope, stylesheet

_PAGE_ENTRY = "page/page"
SMALL = 512  #: bytes that are not worth compressing

__all__ = ["packed", "plain", "synced", "write_page"]

#: The policy lets the browser refuse every request, should the page ever try one.
_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="rnaexplore">
<title>$title</title>
<style>
$style
</style>
</head>
<body class="rx-page">
<main id="view"></main>
<script type="application/json" id="state">$state</script>
<script type="module">
$script
$open($render);
</script>
</body>
</html>
""")


def write_page(
    path: str | PathLike[str],
    entry: str,
    render: str,
    state: dict[str, Any],
    *,
    title: str,
    exported: dict[str, Any] | None = None,
) -> Path:
    """Write a view and its state as one page that makes no request.

    Parameters
    ----------
    path
        File to write.
    entry
        JavaScript module of the view, by its path under ``widgets/`` without ending.
    render
        Name of the function in it that draws.
    state
        Traits of the view by name; bytes may occur at any depth.
    title
        Title of the page.
    exported
        What the page answers in place of Python when an RNA, a layer or a head is chosen.

    Returns
    -------
    Path
        The file.
    """
    target = Path(path)
    content = json.dumps({"state": plain(state), "exported": plain(exported or {})})
    page = _PAGE.substitute(
        title=html.escape(title),
        style=stylesheet(),
        state=content.replace("<", "\\u003c"),
        script=bundle(entry, _PAGE_ENTRY),
        open=f"{scope(_PAGE_ENTRY)}.openPage",
        render=f"{scope(entry)}.{render}",
    )
    target.write_text(page, encoding="utf-8")
    return target


def synced(widget: anywidget.AnyWidget) -> dict[str, Any]:
    """Return the traits of a widget that its view reads."""
    own = set(widget.keys) - set(anywidget.AnyWidget.class_trait_names())
    return {name: getattr(widget, name) for name in sorted(own - {"_esm", "_css", "_anywidget_id"})}


def packed(data: bytes) -> dict[str, str]:
    """Return bytes for a page, compressed; the page unpacks them when they are asked for."""
    return {"$deflate": base64.b64encode(zlib.compress(data, 9)).decode()}


def plain(value: Any) -> Any:
    """Return a value as JSON knows it, with bytes as base64, compressed if they are many."""
    match value:
        case bytes() if len(value) > SMALL:
            return {"$packed": packed(value)["$deflate"]}
        case bytes():
            return {"$base64": base64.b64encode(value).decode()}
        case dict():
            return {str(key): plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [plain(entry) for entry in value]
    return value
