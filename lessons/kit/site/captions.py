"""Diffs without the lines that only a program needs: on a page, the file is the caption."""

import re

BLOCK = re.compile(r'(<div class="language-diff highlight">)(.*?)(</code></pre></div>)', re.DOTALL)
CAPTION = '<span class="filename">'
HEADER = re.compile(
    r'(<code>)<span class="gd">--- .*?</span>\n<span class="gi">\+\+\+ [^/<]+/(.*?)</span>\n'
)
FIRST_PLACE = re.compile(r'(<code>)<span class="gu">@@.*?</span>\n+')
NEXT_PLACE = re.compile(r'<span class="gu">@@.*?</span>')


def without_noise(html: str) -> str:
    """Every diff with its file as caption, and dots between its places."""
    return BLOCK.sub(lambda match: match[1] + body(match[2]) + match[3], html)


def body(html: str) -> str:
    header = HEADER.search(html)
    if header and CAPTION not in html:
        html = f"{CAPTION}{header[2]}</span>{html}"
    html = FIRST_PLACE.sub(r"\1", HEADER.sub(r"\1", html))
    return NEXT_PLACE.sub('<span class="gu">⋯</span>', html)
