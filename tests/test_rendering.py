"""Card text: what Markdown becomes, and that nothing hostile survives it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from cards import highlighting, rendering
from cards.formulas import FORMULA_MAX, mathml
from cards.models.card import BACK_MAX
from cards.rendering import HTML_TAGS, MATH_ATTRIBUTES, card_html, card_plain


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(card_html(text), "html.parser")


def assert_harmless(text: str) -> None:
    """Every element, attribute and address of the rendered text is on the lists."""
    for element in soup(text).find_all(True):
        assert element.name in HTML_TAGS | MATH_ATTRIBUTES.keys()
        allowed = {
            "a": {"href", "rel"},
            "ol": {"start"},
            "span": {"class"},
            **MATH_ATTRIBUTES,
        }.get(element.name, set())
        assert set(element.attrs) <= allowed
        if "href" in element.attrs:
            assert str(element["href"]).lower().startswith(("http://", "https://", "mailto:"))
            assert element["rel"] == ["noopener", "noreferrer", "nofollow"]


def test_markdown_becomes_html_with_line_breaks_kept() -> None:
    html = card_html("**to be**, *was*, ~~beed~~\nnext line")
    assert "<strong>to be</strong>, <em>was</em>, <s>beed</s><br>" in html


def test_tables_are_tables() -> None:
    cells = soup("|a|b|\n|-|-|\n|1|2|").find_all("td")
    assert [cell.text for cell in cells] == ["1", "2"]


def table(columns: int, rows: int) -> str:
    return f"{'|a' * columns}|\n{'|-' * columns}|\n" + "a\n" * rows


def test_a_table_of_too_many_cells_is_shown_as_it_was_written() -> None:
    assert len(soup(table(20, 99)).find_all(["th", "td"])) == rendering.CELLS_MAX
    text = table(20, 100)
    assert soup(text).find(["table", "td"]) is None
    assert soup(text).text == text
    assert len(card_html(table(300, 1_300))) < 8_000


def test_only_short_html_is_kept() -> None:
    for text, kept in [("so *short*", 1), (table(20, 50), 1), ("> " * 5 + "$a$ " * 900, 0)]:
        rendering._kept_html.cache_clear()
        assert card_html(text) == card_html(text)
        assert (len(card_html(text)) <= rendering.KEEP_HTML_MAX) is bool(kept)
        assert rendering._kept_html.cache_info().currsize == kept


def test_a_known_language_is_highlighted_and_an_unknown_one_is_plain() -> None:
    assert '<span class="k">def</span>' in card_html("```python\ndef f(): pass\n```")
    assert '<span class="k">def</span>' in card_html("```py\ndef f(): pass\n```")
    assert card_html("```klingon\n<b>\n```") == "<pre><code>&lt;b&gt;\n</code></pre>\n"


def test_very_long_code_is_shown_plain() -> None:
    html = card_html("```python\n" + "def f(): pass\n" * 1_000 + "```")
    assert "<span" not in html
    assert html.count("def f(): pass") == 1_000


def test_after_very_much_code_the_rest_is_shown_plain() -> None:
    block = "```python\n" + "def f(): pass\n" * 100 + "```\n"
    html = card_html(block * 10)
    assert html.count('<span class="k">def') == rendering.CODE_MAX // 1_400 * 100
    assert html.count("def f(): pass") == 1_000 - rendering.CODE_MAX // 1_400 * 100


def test_every_language_that_is_offered_can_be_set() -> None:
    for name in highlighting.NAMES:
        assert card_html(f"```{name}\nx = 1\n```").startswith("<pre><code>")
    assert set(highlighting.NAMES.values()) == highlighting.LANGUAGES


def test_formulas_become_mathml_inline_and_on_their_own_line() -> None:
    html = card_html("Area $\\pi r^2$ of a circle\n\n$$\\frac{a}{b}$$")
    inline, block = BeautifulSoup(html, "html.parser").find_all("math")
    assert (inline["display"], block["display"]) == ("inline", "block")
    assert "π" in inline.text
    assert block.mfrac is not None


def test_prices_are_not_taken_for_formulas() -> None:
    assert "<math" not in card_html("It costs $5, or $10 with a hat.")


@pytest.mark.parametrize(
    "formula",
    [
        "\\frac",
        "a^b^c",
        "\\nosuch{",
        pytest.param("x" * (FORMULA_MAX + 1), id="long"),
        "\\newcommand{\\a}{x}\\a",
        "\\def\\a{\\a\\a}\\a",
    ],
)
def test_a_formula_that_cannot_be_set_shows_its_source(formula: str) -> None:
    assert mathml(formula, display=False) is None
    code = soup(f"${formula}$").code
    assert code is not None
    assert code.text == formula


def test_after_very_many_formulas_the_rest_show_their_source() -> None:
    page = soup("$x+y+z$ " * 5_000)
    assert len(page.find_all("math")) == rendering.FORMULAS_MAX // len("x+y+z")
    assert len(page.find_all("code")) == 5_000 - len(page.find_all("math"))


def test_markup_inside_a_formula_stays_text() -> None:
    text = "$\\text{<img src=x onerror=alert(1)>}$"
    assert soup(text).find("img") is None
    assert "onerror" in soup(text).text
    assert_harmless(text)


def test_pictures_are_links_so_that_nothing_is_loaded() -> None:
    link = soup("![a cat](https://example.org/cat.png)").a
    assert link is not None
    assert (link["href"], link.text) == ("https://example.org/cat.png", "a cat")
    assert_harmless("[![a](https://example.org/a.png)](https://example.org)")


def test_headings_do_not_change_the_outline_of_the_page() -> None:
    assert card_html("# Big\n") == "<p><strong>Big</strong></p>\n"
    assert card_html("Big\n===\n") == "<p><strong>Big</strong></p>\n"


def test_links_lead_to_the_web_or_to_mail_and_nowhere_else() -> None:
    assert soup("[a](https://example.org)").a["href"] == "https://example.org"  # type: ignore[index]
    for target in "/accounts/logout/", "//example.org", "ftp://example.org", "data:text/html,x":
        link = soup(f"[a]({target})").a
        assert link is None or "href" not in link.attrs


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b onclick=alert(1) style=color:red id=main>x</b>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "<javascript:alert(1)>",
    '![x](https://example.org/"onerror="alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://example.org "onmouseover=alert(1)")',
    "```python onload=alert(1)\nx\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "$\\text{</mtext><script>alert(1)</script>}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\style{position:fixed}{x}\\class{btn}{x}\\id{main}{x}$",
    "$$\\text{<style><img src=x onerror=alert(1)></style>}$$",
    "$\\text{<mglyph><style></math><img src onerror=alert(1)>}$",
    "$\\text{&lt;script&gt;alert(1)&lt;/script&gt;}$",
    "<math><mtext><table><mglyph><style><!--</style><img src onerror=alert(1)>",
    "<svg><style><!--</style><img src=x onerror=alert(1)></svg>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "\x00<script\x00>",
    "\u202e<b>rtl</b>\ufeff",
    "&lt;script&gt;",
    "$" + "{" * 900 + "}" * 900 + "$",
    "$" + "\\sqrt{" * 200 + "}" * 200 + "$",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_or_dropped_but_never_obeyed(text: str) -> None:
    assert_harmless(text)
    assert_harmless(f"> - {text}\n\n|a|\n|-|\n|{text}|")


PIECES = [
    *HOSTILE, *'<>&"\'`*_~[]()!#|$\\\n\t -+=:.{}', "$$", "```", "~~~", "<!--", "-->", "]]>",
    "\\text{", "\\frac{1}{2}", "\\begin{matrix}", "python", "https://example.org", "a", "1. ", "> ",
    "</math>",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30))
@settings(deadline=None, max_examples=300)
def test_nothing_harmful_comes_of_any_mixture(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert_harmless(text)
    plain = card_plain(text)
    assert "\n" not in plain
    assert len(plain) <= rendering.PLAIN_MAX


@pytest.mark.parametrize(
    "unit", [">", "[", "![", "- ", "*a_", "$$\n", "(", "<a", "|a", "`", "🦉", "&"]
)
def test_the_longest_card_made_to_nest_is_rendered_all_the_same(unit: str) -> None:
    assert_harmless((unit * BACK_MAX)[:20_000])


def test_text_beyond_the_limit_is_shown_as_it_was_written() -> None:
    text = "**" + "x" * 1_000_000
    assert card_html(text) == f"<p>{text}</p>"


def test_lone_surrogates_and_an_empty_text_raise_nothing() -> None:
    assert card_html("") == ""
    assert isinstance(card_html("a\ud800b"), str)
    assert card_plain("") == ""
    assert isinstance(card_plain("a\ud800b"), str)


def test_the_plain_line_has_the_words_without_the_markup() -> None:
    text = "# Title\n\nSome **bold**  \nwords, `code` and $x^2$\n\n- [link](https://example.org)"
    assert card_plain(text) == "Title Some bold words, code and x^2 link"
    assert card_plain("a" * 500, 10) == "aaaaaaaaa…"
    assert card_plain("---") == "---"


def test_templates_get_safe_html_and_escaped_plain_text() -> None:
    template = Template(
        "{% load cards %}{{ text|card_html }}{{ text|card_plain }}{{ text|card_plain:3 }}"
    )
    html = template.render(Context({"text": "*a* <b>"}))
    assert html == "<p><em>a</em> &lt;b&gt;</p>\na &lt;b&gt;a…"


def test_a_function_is_set_apart_from_its_letters_and_one_upright_letter_is_upright() -> None:
    html = card_html(r"$n\log n$ and $\mathrm{U}$")
    assert '<mo lspace="0.1667em" rspace="0.1667em">log</mo>' in html
    assert "<mtext>U</mtext>" in html
