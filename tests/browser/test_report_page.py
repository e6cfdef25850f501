"""The HTML report in a real browser, as its readers use it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dedup.results import Results
from tests.browser.conftest import Open

WIDTHS = (1280, 390)


def shown(page: Any) -> list[int]:
    """Return the numbers of the clusters that can be seen, in their order."""
    items = page.locator("#list > .item:visible")
    return [int(items.nth(n).get_attribute("data-no")) for n in range(items.count())]


def unfold_all(page: Any) -> None:
    """Open everything, and lay out what a browser otherwise leaves until it is scrolled to."""
    page.evaluate(
        """() => {
            document.querySelectorAll("details").forEach(d => d.open = true);
            document.querySelectorAll(".item").forEach(e => e.style.contentVisibility = "visible");
        }"""
    )


def settle(page: Any) -> None:
    page.wait_for_timeout(200)  # the search waits for the next key for 120 ms


def test_search_finds_titles_and_texts_and_says_how_many(open_page: Open, demo: Results) -> None:
    page = open_page(demo)
    page.fill("#search", "OYSTER")
    settle(page)
    assert shown(page) == [2]
    assert page.inner_text("#count") == "1 of 3 clusters shown"
    page.fill("#search", "evening after")  # stands in a comparison only
    settle(page)
    assert shown(page) == [1]
    page.fill("#search", "no such words")
    settle(page)
    assert shown(page) == []
    page.click("button[type=reset]")
    settle(page)
    assert shown(page) == [1, 2, 3]


def test_filters_work_alone_and_together(open_page: Open, demo: Results) -> None:
    page = open_page(demo)
    page.select_option("#verdict", "near")
    settle(page)
    assert shown(page) == [1, 3]
    page.fill("#least", "3")
    settle(page)
    assert shown(page) == [1]
    page.click("button[type=reset]")
    page.select_option("#source", "Kestrel Post")
    settle(page)
    assert shown(page) == [2]
    page.click("button[type=reset]")
    page.fill("#most", "0.7")
    settle(page)
    assert shown(page) == [1]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("size", [1, 2, 3]), ("score", [1, 3, 2]), ("alike", [2, 3, 1]), ("date", [2, 1, 3]),
     ("title", [2, 1, 3])],
)  # fmt: skip
def test_clusters_can_be_put_in_order(
    open_page: Open, demo: Results, order: str, expected: list[int]
) -> None:
    page = open_page(demo)
    page.select_option("#sort", order)
    assert shown(page) == expected


def test_a_comparison_unfolds_with_both_texts(open_page: Open, demo: Results) -> None:
    page = open_page(demo)
    page.click("#cluster-1 > details > summary")
    assert not page.locator("#cluster-1 table.sides").first.is_visible()
    page.locator("#cluster-1 details.diff > summary").nth(1).click()
    table = page.locator("#cluster-1 table.sides").nth(1)
    assert table.locator("del").first.inner_text() == "evening after"
    assert table.locator("ins").first.inner_text() == "late"
    fold = table.locator("tr.eq details").first
    assert "quayside" not in fold.inner_text()
    fold.locator("summary").click()
    assert fold.evaluate("fold => fold.open")


def test_everything_can_be_done_by_keyboard(open_page: Open, demo: Results) -> None:
    page = open_page(demo)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("jkx/")  # keys are letters while typing
    settle(page)
    assert page.input_value("#search") == "jkx/"
    page.keyboard.press("Escape")
    settle(page)
    assert shown(page) == [1, 2, 3]
    focused = "document.activeElement.closest('.item').dataset.no"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(focused) == "2"
    page.keyboard.press("k")
    assert page.evaluate(focused) == "1"
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('#cluster-1 > details').open")
    page.keyboard.press("x")
    opened = page.locator("#list > .item > details[open]").count()
    assert opened == 3
    page.keyboard.press("x")
    assert page.locator("#list > .item > details[open]").count() == 0


def test_an_address_with_a_cluster_opens_it(open_page: Open, demo: Results) -> None:
    page = open_page(demo)
    page.evaluate("location.hash = '#cluster-3'")
    page.wait_for_function("document.querySelector('#cluster-3 > details').open")


def test_it_reads_without_javascript(open_page: Open, demo: Results) -> None:
    page = open_page(demo, java_script_enabled=False)
    assert not page.locator("#tools").is_visible()
    assert not page.locator("#theme").is_visible()
    page.click("#cluster-1 > details > summary")
    page.locator("#cluster-1 details.diff > summary").nth(1).click()
    assert page.locator("#cluster-1 del").nth(0).is_visible()
    assert page.locator("#repeats mark").first.is_visible()


def test_repeats_stand_marked_in_their_text(open_page: Open, demo: Results) -> None:
    page = open_page(demo)
    unfold_all(page)
    places = page.locator("#repeats .repeat").first.locator("li")
    assert [places.nth(n).locator(".where").inner_text() for n in range(2)] == ["line 1", "line 2"]
    marks = page.locator("#repeats .repeat").first.locator("mark")
    assert marks.nth(0).inner_text() == marks.nth(1).inner_text()
    assert marks.nth(0).inner_text().startswith("Harbour master Ingrid Tolvane")


def test_it_is_dark_where_the_reader_wants_it(open_page: Open, demo: Results) -> None:
    lightness = """() => {
        const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
        return (Number(r) + Number(g) + Number(b)) / 3;
    }"""
    assert open_page(demo, color_scheme="light").evaluate(lightness) > 200
    page = open_page(demo, color_scheme="dark")
    assert page.evaluate(lightness) < 60
    page.click("#theme")
    assert page.evaluate(lightness) > 200
    page.click("#theme")
    assert page.evaluate(lightness) < 60


def test_print_shows_every_member_and_no_controls(open_page: Open, demo: Results) -> None:
    page = open_page(demo)
    assert not page.locator("#cluster-2 .members").is_visible()
    page.emulate_media(media="print")
    for number in (1, 2, 3):
        assert page.locator(f"#cluster-{number} .members").is_visible()
    assert not page.locator("#tools").is_visible()
    assert not page.locator(".top").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(open_page: Open, hostile: Results, width: int) -> None:
    page = open_page(hostile, width=width)
    unfold_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_button_for_dark_colours_stays_in_sight(
    open_page: Open, demo: Results, width: int
) -> None:
    page = open_page(demo, width)
    box = page.locator("#theme").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.locator(".top .wrap").evaluate("bar => { bar.scrollLeft = bar.scrollWidth; }")
    link = page.locator(".top a").last.bounding_box()
    assert link["x"] + link["width"] <= page.locator("#theme").bounding_box()["x"]


def test_heads_of_tables_break_between_words_only(open_page: Open, demo: Results) -> None:
    page = open_page(demo, 390)
    broken = page.evaluate(
        """() => [...document.querySelectorAll("table.plain th")].flatMap(head => {
            const text = head.firstChild, range = document.createRange();
            return [...text.data.matchAll(/\\S+/g)].filter(word => {
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                return range.getClientRects().length > 1;
            }).map(word => word[0]);
        })"""
    )
    assert broken == []


def test_data_runs_no_script_and_leads_nowhere(open_page: Open, hostile: Results) -> None:
    page = open_page(hostile)
    title = page.title()
    unfold_all(page)
    page.fill("#search", "</script>")
    settle(page)
    for name in page.locator("#source option").all():
        page.select_option("#source", name.get_attribute("value") or "")
    page.locator("button[type=reset]").click()
    settle(page)
    assert page.title() == title
    assert "run" not in title
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object").count() == 0
    handlers = """() => [...document.querySelectorAll("*")].flatMap(
        e => [...e.attributes]).filter(a => /^on/i.test(a.name)).length"""
    assert page.evaluate(handlers) == 0
    targets = page.evaluate("[...document.links].map(link => link.protocol)")
    assert set(targets) <= {"file:", "https:", "http:"}
    assert re.search(r"</script><script>", page.inner_text("#list"))


def test_the_policy_stops_what_would_slip_through(browser: Any, pages: Any, demo: Results) -> None:
    page = browser.new_page()
    page.goto(pages(demo).as_uri())
    violated = """act => new Promise(done => {
        addEventListener(
            "securitypolicyviolation", event => done(event.effectiveDirective), { once: true });
        const script = document.createElement("script");
        script.textContent = "document.title = 'run'";
        const picture = new Image();
        if (act === "script") document.body.append(script);
        if (act === "image") picture.src = "https://example.org/x.png";
        if (act === "fetch") fetch("https://example.org").catch(() => null);
        setTimeout(() => done("nothing"), 3000);
    })"""
    found = {act: page.evaluate(violated, act) for act in ("script", "image", "fetch")}
    assert found == {"script": "script-src-elem", "image": "img-src", "fetch": "connect-src"}
    assert page.title() != "run"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_accessibility_rules_are_clean(
    open_page: Open, demo: Results, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(demo, width=width, color_scheme=scheme)
    unfold_all(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
