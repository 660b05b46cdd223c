"""A reader of the site: opens pages, uses the lab, and notices what goes wrong."""

from lessons.kit.site import lab

MINUTE = 60_000
AXE = lab.BUILD / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
LAB = "lab/"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
EXPECT_PAGES = """document.querySelectorAll(".lab-device:not(#lab-thief)").forEach((device) => {
    device.ariaBusy = "true"; // false when its page is shown
})"""
AT_REST = "!document.querySelector('.lab-device[aria-busy=true]')"
IS_IN_VIEW = """button => {
    const { top, bottom } = button.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
}"""
IS_IN_EDITOR = """line => {
    const [{ top, bottom }, box] = [line, line.closest(".cm-scroller")]
        .map((element) => element.getBoundingClientRect());
    return top >= box.top && bottom <= box.bottom;
}"""
HAS_CHANGED = "before => document.querySelector('.lab-stage').innerHTML !== before"


class Reader:
    """One browser profile with one page in it. `complaints` are the console's errors."""

    def __init__(self, context, address):
        self.context, self.address = context, address
        self.complaints, self.expected_complaints, self.requests = [], [], []
        context.set_default_timeout(MINUTE)
        self.page = context.new_page()
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        context.on("request", lambda request: self.requests.append(request.url))

    def hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    @property
    def foreign_requests(self):
        own = (self.address, "about:", "blob:", "data:", "file:")
        return [url for url in self.requests if not url.startswith(own)]

    def open(self, path):
        self.page.goto(self.address + path)

    def open_lab(self, step=4):
        self.open(f"{LAB}#step={step}")
        self.start("Start the lab")

    def load_mistake(self, step, name):
        self.open(f"{LAB}#step={step}&mistake={name}")
        self.button("Start the lab").click()
        self.page.locator(".lab-mistake p").first.wait_for()
        self.until("with your changes to")

    def start(self, button):
        self.button(button).click()
        self.until(" of the lessons.")

    def start_with(self, text):
        self.button("Start the lab").click()
        self.until(text)

    def until(self, text):
        """Wait until the lab says so."""
        self.page.locator(".lab-status", has_text=text).wait_for()

    def until_in_view(self, place):
        """The page may scroll smoothly."""
        self.page.wait_for_function(IS_IN_VIEW, arg=place.element_handle())

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def device(self, name):
        return Device(self, name)

    def choose_step(self, step):
        self.page.evaluate(EXPECT_PAGES)
        self.page.get_by_label("Step", exact=True).select_option(str(step))
        self.page.locator(".lab-status", has_text=f"step {step} of the lessons").wait_for()
        self.page.wait_for_function(AT_REST)

    def users(self):
        """The rows of the users table, as text."""
        return self.page.locator(".lab-users tbody tr").all_inner_texts()

    def open_workbench(self):
        self.page.locator("summary", has_text="Change the code").click()
        self.page.locator(".cm-content").wait_for()

    def sees_line(self, text):
        """Whether the editor has such a line in view. Waits until the line is there."""
        line = self.page.locator(".cm-line", has_text=text)
        line.wait_for()
        return line.evaluate(IS_IN_EDITOR)

    def go_to(self, function):
        self.page.get_by_label("Go to", exact=True).select_option(function)

    def type_at_the_start(self, text):
        """Type it into the editor, before all the rest."""
        self.page.locator(".cm-content").focus()
        self.page.keyboard.press("Control+Home")
        self.page.keyboard.type(text)

    def goals(self):
        """How far the list is: done, failed, next or open for each goal."""
        return self.page.locator(".lab-goals li").evaluate_all(
            "items => items.map((item) => item.dataset.kind)"
        )

    def press_what_is_marked(self):
        """Press the button that the lab marks as next: the device's own, or the way to it."""
        marked = self.page.locator(".lab-marked:visible")
        (marked if marked.count() else self.marked_in_a_device()).click()

    def marked_in_a_device(self):
        self.page.wait_for_function(AT_REST)
        goal = self.page.locator(".lab-goals [aria-current]").text_content()
        frames = self.page.locator(".lab-device iframe:visible")
        for number in range(frames.count()):
            if frames.nth(number).get_attribute("title") in goal:
                marked = frames.nth(number).content_frame.locator("[aria-description=next]")
                marked.wait_for()
                assert marked.evaluate(IS_IN_VIEW)
                return marked
        raise AssertionError(f"Nothing is marked for: {goal}")

    def follow_the_list(self):
        """Press what is marked until nothing is."""
        for _ in range(30):
            self.press_what_is_marked_and_wait()
            if "next" not in self.goals():
                return
        raise AssertionError(f"The list has no end: {self.goals()}")

    def press_what_is_marked_and_wait(self):
        before = self.page.locator(".lab-stage").inner_html()
        self.press_what_is_marked()
        self.page.wait_for_function(HAS_CHANGED, arg=before)
        self.page.wait_for_function(AT_REST)

    def states(self):
        """What is said of each device, on its card."""
        return self.page.locator("h2 .lab-state").all_inner_texts()

    def old_pages(self):
        """The devices whose page is said to be from before."""
        return self.page.locator(".lab-is-old:has(.lab-old:not([hidden]))").evaluate_all(
            "devices => devices.map((device) => device.ariaLabel)"
        )

    def run_tests(self):
        """The summary, once there is one."""
        self.button("Run the tests").click()
        summary = self.page.locator(".lab-tests-status", has_text="passed,")
        summary.wait_for()
        return summary.inner_text()

    def milliseconds(self, name):
        """How long each thing of that name took, as the page measured it."""
        script = "name => performance.getEntriesByName(name).map(entry => entry.duration)"
        return self.page.evaluate(script, f"lab: {name}")


class Device:
    """One of the lab's browsers."""

    def __init__(self, reader, name):
        self.tab = reader.page.locator(f".lab-strip [data-device={name}]")
        self.place = reader.page.locator(f"#lab-{name}")
        self.at_rest = reader.page.locator(f"#lab-{name}[aria-busy=false]")
        self.inside = reader.page.frame_locator(f"#lab-{name} iframe")

    def sign_in(self):
        self.press("Log in")
        self.shows("Hello, ")

    def press(self, button):
        """Press it once its page is all there: the saved password is filled in last."""
        self.choose()
        self.at_rest.wait_for()
        self.inside.get_by_role("button", name=button, exact=True).click()

    def choose(self):
        """Open it, where one device is shown at a time."""
        if self.tab.is_visible():
            self.tab.click()

    def reload(self):
        self.choose()
        self.place.get_by_role("button", name="Reload").click()

    def shows(self, heading):
        self.choose()
        self.inside.get_by_role("heading", name=heading, level=1).wait_for()

    def steal_cookie(self):
        self.choose()
        self.place.get_by_role("button", name="Steal this cookie").click()

    def buttons(self):
        """The names of the buttons on the page that it shows now."""
        return self.inside.get_by_role("button").all_inner_texts()

    def says(self, text):
        """Wait until that is said of the device's cookie."""
        self.place.locator(".lab-session", has_text=text).wait_for()

    def verdict(self):
        """What is said now of the cookie's stamp and the database's token."""
        return self.place.locator(".lab-verdict").inner_text()


def serious_findings(reader):
    """What axe finds on the page and in its frames, as lines to read."""
    reader.page.evaluate(AXE.read_text("utf-8"))
    run = "rules => axe.run({runOnly: rules}).then(({violations}) => violations)"
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in reader.page.evaluate(run, RULES)
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
