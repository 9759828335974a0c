"""HTML fields read well as Markdown, and nothing of their text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.importing.markup import looks_like_html, to_markdown, without_question


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("plain * text_with_marks", "plain * text_with_marks"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<b>bold</b> <i>slanted</i> <s>gone</s>", "**bold** *slanted* ~~gone~~"),
        ("<b>bold </b>next", "**bold** next"),
        ("<b></b>x", "x"),
        ("1 &lt; 2 &amp; 3&nbsp;&gt; 2", "1 < 2 & 3 > 2"),
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>", "漢字（かんじ）"),
        ("10<sup>3</sup> H<sub>2</sub>O x<sup>abc</sup>", "10³ H₂O x^(abc)"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\nc"),
        ("<ol><li>a<li>b</ol>", "1. a\n1. b"),
        ('<a href="https://x.org/">x</a> <a href="javascript:y">z</a>', "[x](https://x.org/) z"),
        ('a <img src="map.png">', "a [image: map.png]"),
        ("say [sound:a.mp3] <b>it", "say [sound:a.mp3] **it"),
        ("<script>alert(1)</script>x<style>b{}</style>", "x"),
        ("<script>never closed", "<script>never closed"),
        (r"\(x^2\) and \[y\] and [$]z[/$]", "$x^2$ and $$y$$ and $z$"),
        ('<font color="red">q</font>', "q"),
        ("<![CDATA[kept]]> <![", "<![CDATA[kept]]> <!["),
        ("<!-- gone --> <b>x", "**x"),
        ("a < b <i", "a < b <i"),
        (r"\( open \[y\]", r"\( open $$y$$"),
        ("<pre>x = 1</pre>", "```\nx = 1\n```"),
    ],
)
def test_fields_become_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html) == markdown


def test_a_back_that_repeats_the_question_loses_the_question() -> None:
    assert without_question('Q\n\n<hr id="answer">\n\nA') == "A"
    assert without_question("A <hr> B") == "A <hr> B"


@pytest.mark.parametrize("cell", ["<br>", "a&nbsp;b", '<img src="x"/>', "</div>", "&#39;"])
def test_html_is_noticed(cell: str) -> None:
    assert looks_like_html(["plain", cell])


@pytest.mark.parametrize("cell", ["a < b > c", "AT&T", "x<y", "<name>", "R&D; more"])
def test_text_with_angles_is_not_taken_for_html(cell: str) -> None:
    assert not looks_like_html([cell])


_tokens = st.sampled_from(
    [
        "<a",
        "<!--",
        "-->",
        "<",
        ">",
        '"',
        "'",
        "=",
        "<?",
        "<![",
        "</",
        "&",
        "&#",
        "<script",
        "]]>",
        "-",
    ]
)


@given(
    st.text(alphabet="ab<>/&;#\"' brdivul\\($)[]=\n", max_size=60) | st.lists(_tokens).map("".join)
)
def test_no_html_makes_it_fail(html: str) -> None:
    assert isinstance(to_markdown(html), str)
