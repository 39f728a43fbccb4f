"""A real browser, driven by its keyboard: Chromium as Debian packs it, in a folder of its own."""

import shutil
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# A page takes milliseconds, a password check up to a second, on a busy machine some more.
PAGE_TIMEOUT_S = 30
# Alone, offline but for the server, and without what a sandboxed machine lacks.
SWITCHES = ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
            "disable-component-update", "disable-sync", "disable-dev-shm-usage")

# The lowest contrast between a page's texts and what is behind them, as WCAG 2 computes it.
LOWEST_CONTRAST = """
const channel = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = numbers(getComputedStyle(at).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const contrasts = [...document.querySelectorAll('main *')].filter(it => it.matches('input:not([type=hidden])') ||
  [...it.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())).map(it => {
    const [text, back] = [luminance(numbers(getComputedStyle(it).color)), luminance(behind(it))];
    return (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
  });
return Math.min(...contrasts);
"""


class Browser:
    """One window. What a person cannot do, it does not do: no field is filled that has not the focus."""

    def __init__(self, folder):
        programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
        assert all(programs.values()), f"{programs}: install them (Debian: apt-get install chromium chromium-driver)"
        options = webdriver.ChromeOptions()
        options.binary_location = programs["chromium"]
        for switch in (*SWITCHES, f"user-data-dir={folder}"):
            options.add_argument(f"--{switch}")
        # The server's authority is this run's own.
        options.accept_insecure_certs = True
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(programs["chromedriver"]))
        self.driver.set_page_load_timeout(PAGE_TIMEOUT_S)

    def close(self):
        self.driver.quit()

    def fresh(self, scripts: bool = True, width: int = 1280, height: int = 900, scale: int = 1, scheme: str = "light"):
        """Forgets what was; the next page is shown so."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self._tell("Network.clearBrowserCookies")
        self._tell("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)
        self._tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def _tell(self, command: str, **arguments):
        self.driver.execute_cdp_cmd(command, arguments)

    def open(self, url: str):
        self.driver.get(url)

    @property
    def title(self) -> str:
        return self.driver.title

    @property
    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def focused(self):
        """The element that hears the keyboard."""
        return self.driver.switch_to.active_element

    def find(self, selector: str):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def type(self, text: str):
        """Types into the element that has the focus."""
        self.focused.send_keys(text)

    def press(self, *keys: str):
        for key in keys:
            self.focused.send_keys(key)

    def press_and_wait(self, key: str = Keys.ENTER):
        """Presses a key that sends a form, and waits for the page that comes of it."""
        before = self.driver.find_element(By.TAG_NAME, "html").id
        self.press(key)
        self.wait(lambda driver: driver.find_element(By.TAG_NAME, "html").id != before
                  and driver.execute_script("return document.readyState") == "complete")

    def wait(self, condition):
        # Between two pages there is no element, or one that has gone.
        return WebDriverWait(self.driver, PAGE_TIMEOUT_S, 0.05, [WebDriverException]).until(condition)

    def complaints(self) -> list[str]:
        """What the console says, but for the status of a page that refuses, which is meant."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if "the server responded with a status of 4" not in entry["message"]]

    def lowest_contrast(self) -> float:
        return self.driver.execute_script(LOWEST_CONTRAST)

    def overflow_px(self) -> int:
        """By how much the page is wider than the window."""
        return self.driver.execute_script("const it = document.documentElement; return it.scrollWidth - it.clientWidth")

    def is_in_view(self, element) -> bool:
        """Whether all of an element is seen without scrolling."""
        return self.driver.execute_script(
            "const {top, bottom} = arguments[0].getBoundingClientRect(); return top >= 0 && bottom <= innerHeight", element)


@dataclass
class Listener:
    """A program of this machine that waits for its person: what it was sent, by form or by address."""

    url: str
    fields: dict[str, str]
    came: threading.Event


class Program:
    """A context in which such a program listens on a free port of this machine."""

    def __enter__(self) -> Listener:
        came, fields = threading.Event(), {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.take(self.rfile.read(int(self.headers["content-length"])).decode())

            def do_GET(self):
                query = urlsplit(self.path).query
                self.take(query) if query else self.send_error(404)

            def take(self, text: str):
                fields.update(parse_qsl(text))
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>Back in the program</title>")
                came.set()

            def log_message(self, *_):
                pass

        # A browser opens connections that it may never use.
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return Listener(f"http://localhost:{self.server.server_port}", fields, came)

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
