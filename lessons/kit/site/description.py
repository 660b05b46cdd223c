"""A page's description for search engines, for other sites' cards, and in llms.txt."""

import re
from html import escape, unescape
from textwrap import shorten

LENGTH = 160
PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def of_page(meta: dict, html: str) -> str:
    """Its own word, or its first paragraph, shortened; ready to stand in an attribute."""
    text = meta.get("description") or first_words(html)
    return escape(shorten(text, LENGTH, placeholder=" …"))


def first_words(html: str) -> str:
    texts = (unescape(TAG.sub("", found)).strip() for found in PARAGRAPH.findall(html))
    return next(filter(None, texts), "")
