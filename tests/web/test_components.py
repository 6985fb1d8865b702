"""The style guide in a strict browser: every component, in every mode, at every width, with the script and without."""

WHERE = (("small", ""), ("small", "?elder=1"), ("phone", "?theme=dark"), ("tablet", ""), ("desk", "?theme=dark"), ("desk", "?elder=1&theme=dark"))


def test_every_component_everywhere(visit):
    for device, mode in WHERE:
        someone = visit(device)
        someone.open(f"/styleguide{mode}")
        someone.open(f"/styleguide/desk{mode}")


def test_without_javascript(visit):
    someone = visit("phone", javascript=False)
    someone.open("/styleguide")
    someone.open("/styleguide/desk")


def test_keys_on_a_review_table(visit):
    reviewer = visit("desk")
    reviewer.open("/styleguide/desk")
    page = reviewer.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    row = page.locator("[data-review] tbody tr.is-at")
    assert page.locator("[data-review] tbody tr").nth(3).get_attribute("class") == row.get_attribute("class")
    box = row.locator("input[type=checkbox]")
    assert not box.is_checked()
    page.keyboard.press("x")
    assert box.is_checked()
    page.keyboard.press("/")
    page.keyboard.type("jk")
    assert page.locator("[data-search]").input_value() == "jk"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    reviewer.look()


def test_picking_all_counts_and_enables(visit):
    reviewer = visit("desk")
    reviewer.open("/styleguide/desk")
    page = reviewer.page
    page.locator("[data-pick-all]").check()
    assert page.locator("tr.is-sel").count() == page.locator("[data-review] tbody tr").count()
    page.locator("[data-pick-all]").uncheck()
    assert page.locator(".bulk button").first.is_disabled()


def test_counter_counts_characters_as_the_server_does(visit):
    writer = visit("phone")
    writer.open("/styleguide")
    box = writer.page.locator("#title")
    box.fill("𠮷野家")  # zh: the first character lies outside the basic plane, two code units long
    assert writer.page.locator("#title-count").inner_text().startswith("3 ")
