// The lab's main scenario in Firefox: node firefox.mjs PUPPETEER FIREFOX ADDRESS
// Prints what happened as JSON, for test_firefox.py to judge.
const [puppeteer, executablePath, address] = process.argv.slice(2);
const { default: driver } = await import(puppeteer);
const browser = await driver.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  defaultViewport: { width: 1280, height: 900 },
});
const complaints = [];
const requests = [];
const seen = {};

try {
  const page = await browser.newPage();
  page.setDefaultTimeout(90_000);
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`${address}lab/`);
  await page.locator(".lab-start").click();
  await page.waitForFunction(
    () => / of the lessons\./.test(document.querySelector(".lab-status").textContent),
  );
  const device = (name) => ({
    async inside() {
      const frame = await page.$(`#lab-${name} iframe`);
      return frame.contentFrame();
    },
    async press(text) {
      const button = await (await this.inside()).waitForSelector(`xpath///button[.="${text}"]`);
      await button.click();
    },
    async shows(heading) {
      for (const end = Date.now() + 90_000; Date.now() < end; ) {
        const found = await (await this.inside()).$eval("h1", (h1) => h1.textContent).catch(() => "");
        if (found.startsWith(heading)) return;
        await new Promise((later) => setTimeout(later, 50));
      }
      throw new Error(`${name} never showed ${heading}`);
    },
    reload: () => page.locator(`#lab-${name} .lab-bar button`).click(),
    verdict: () => page.$eval(`#lab-${name} .lab-session`, (place) => place.textContent),
  });
  const [laptop, phone, bob] = ["alice-laptop", "alice-phone", "bob-laptop"].map(device);
  for (const one of [laptop, phone, bob]) {
    await one.shows("Hello, ");
  }
  await page.locator("#lab-alice-laptop .lab-tools button").click();
  await page.waitForSelector("#lab-thief");
  const thief = device("thief");
  await thief.shows("Hello, Alice");
  await phone.press("Log out everywhere");
  await phone.shows("Log in");
  seen.laptopBefore = await laptop.verdict();
  for (const one of [laptop, thief]) {
    await one.reload();
    await one.shows("Log in");
  }
  await bob.reload();
  await bob.shows("Hello, Bob");
  seen.bob = await bob.verdict();
  seen.start = await page.evaluate(() => performance.getEntriesByName("lab: start")[0].duration);
  seen.version = await browser.version();
} catch (error) {
  complaints.push(error.message);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ seen, complaints, requests }));
