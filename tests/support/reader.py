"""A reader of the site: opens pages, uses the lab, and notices what goes wrong."""

MINUTE = 60_000


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
        self.open(f"lab/#step-{step}")
        self.start("Start the lab")

    def start(self, button):
        self.button(button).click()
        self.until("runs as it is written.")

    def until(self, text):
        """Wait until the lab says so."""
        self.page.locator(".lab-status", has_text=text).wait_for()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def device(self, name):
        return Device(self, name)

    def all_sign_in(self):
        for name in ("alice-laptop", "alice-phone", "bob-laptop"):
            self.device(name).sign_in()

    def choose_step(self, step):
        self.page.get_by_label("Step", exact=True).select_option(str(step))
        self.page.locator(".lab-status", has_text=f"Step {step} runs").wait_for()

    def users(self):
        """The rows of the users table, as text."""
        return self.page.locator(".lab-users tbody tr").all_inner_texts()

    def open_workbench(self):
        self.page.locator("summary", has_text="Change the code").click()
        self.page.locator(".cm-content").wait_for()

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
        self.place = reader.page.locator(f"#lab-{name}")
        self.at_rest = reader.page.locator(f"#lab-{name}[aria-busy=false]")
        self.inside = reader.page.frame_locator(f"#lab-{name} iframe")

    def sign_in(self):
        self.press("Log in")
        self.shows("Hello, ")

    def press(self, button):
        """Press it once its page is all there: the saved password is filled in last."""
        self.at_rest.wait_for()
        self.inside.get_by_role("button", name=button, exact=True).click()

    def reload(self):
        self.place.get_by_role("button", name="Reload").click()

    def shows(self, heading):
        self.inside.get_by_role("heading", name=heading, level=1).wait_for()

    def steal_cookie(self):
        self.place.get_by_role("button", name="Copy this cookie").click()

    def buttons(self):
        """The names of the buttons on the page that it shows now."""
        return self.inside.get_by_role("button").all_inner_texts()

    def says(self, text):
        """Wait until that is said of the device's cookie."""
        self.place.locator(".lab-session", has_text=text).wait_for()

    def verdict(self):
        """What is said now of the cookie's stamp and the database's token."""
        return self.place.locator(".lab-verdict").inner_text()
