"""The viewers in JupyterLab, Notebook 7 and Voila: they draw, and both sides hear each other.

``pytest tests/browser/test_hosts.py -s`` prints what the last tests measure.
"""

import os
import time
from statistics import median
from urllib.parse import urlsplit

import pytest

from benchmarks.lab import RUN, notebook
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser

WAIT = 120_000  # long, for a busy machine paints slowly
#: Voila's page asks for its icons there; without them it works.
VOILAS_OWN = "https://cdn.jsdelivr.net/npm/@fortawesome/"
HOSTS = ("lab", "notebook7", "voila")
SEQUENCE = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
DOTS = "(((((((..((((........)))).(((((.......))))).....(((((.......))))))))))))...."

BOTH = f"""
import numpy as np
from ipywidgets import Label, VBox
from rnaexplore.maps import AttentionMaps, ContactMap
from rnaexplore.structure import Structure
from rnaexplore.widgets import AttentionViewer, ContactStudio

reference = Structure.from_dot_bracket("{SEQUENCE}", "{DOTS}")
n = len(reference)
i, j = reference.pairs.T
weights = np.random.default_rng(0).random((2, 3, n, n), dtype=np.float32) ** 6 * 0.05
weights[1, 2, i, j] = weights[1, 2, j, i] = 0.8
maps = AttentionMaps(weights, (0, 1), (0, 1, 2), reference.sequence, "planted")
values = np.zeros((n, n), dtype=np.float32)
values[i, j] = values[j, i] = np.linspace(0.95, 0.35, len(i))
contacts = ContactMap(values, reference.sequence, "regression", "planted")
viewer = AttentionViewer(maps, reference)
studio = ContactStudio(contacts, reference, name="trna")
said = Label("nothing yet").add_class("said-by-python")

def say(change):
    pairs = len(studio.structure.pairs)
    said.value = f"layer {{viewer.layer}}, head {{viewer.head}}, {{pairs}} pairs"

viewer.observe(say, ["layer", "head"])
studio.observe(say, "threshold")
VBox([said, viewer, studio])
"""
LARGE = """
import time
import numpy as np
from rnaexplore.maps import AttentionMaps
from rnaexplore.widgets import AttentionViewer

rng = np.random.default_rng(0)
weights = rng.random((12, 20, 1024, 1024), dtype=np.float32)
maps = AttentionMaps(weights, tuple(range(12)), tuple(range(20)), "ACGU" * 256, "large")
"""
APPEAR = """
started = time.time()
viewer = AttentionViewer(maps)
print(f"started {started:.3f}")
viewer
"""
STUDIO = """
import numpy as np
import RNA
from rnaexplore.maps import ContactMap
from rnaexplore.structure import Structure
from rnaexplore.widgets import ContactStudio

sequence = "".join(np.random.default_rng(0).choice(list("ACGU"), 400))
fold = RNA.fold_compound(sequence)
fold.pf()
upper = np.array(fold.bpp())[1:, 1:]
contacts = ContactMap(np.clip(upper + upper.T, 0, 1), sequence, "vienna", "ViennaRNA")
studio = ContactStudio(contacts, Structure.from_dot_bracket(sequence, fold.mfe()[0]))
studio
"""


@pytest.fixture
def opened(browser, request):
    """Return a function that runs cells in a host; requests beyond the loopback are refused."""
    context = browser.new_context(viewport={"width": 1440, "height": 2600})
    outside, frames = [], {}

    def guard(route):
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    def run(host, name, *cells):
        base, folder = request.getfixturevalue(host)
        (folder / f"{name}.ipynb").write_text(notebook(*cells))
        context.route("**/*", guard)
        page = context.new_page()
        page.on("websocket", lambda socket: listen(socket, frames))
        page.set_default_timeout(WAIT)
        if host == "voila":
            page.goto(f"{base}/voila/render/{name}.ipynb")
        else:
            page.goto(f"{base}/{'doc/tree' if host == 'lab' else 'notebooks'}/{name}.ipynb")
            page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored")
            page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
            page.evaluate(RUN)
        return page, frames

    yield run
    context.close()
    ours = [url for url in outside if not url.startswith(VOILAS_OWN)]
    assert ours == []


def listen(socket, frames):
    """Keep when each frame came and its size, 0 for what JupyterLab asks for a second time."""
    key = len(frames)
    frames[key] = []

    def heard(data):
        again = ("update_states" if isinstance(data, str) else b"update_states") in data
        frames[key].append((time.time(), 0 if again else len(data)))

    socket.on("framereceived", heard)


@pytest.mark.parametrize("host", HOSTS)
def test_both_viewers_draw_and_talk_to_python(opened, host, colours, picture):
    page, _ = opened(host, "both", BOTH)
    viewer, studio = page.locator(".rx-viewer"), page.locator(".rx-studio")
    viewer.locator(".rx-cells[data-side]").wait_for()
    studio.locator(".rx-cells[data-side]").wait_for()
    viewer.get_by_label("Head", exact=True).fill("3")
    said = page.locator(".said-by-python")
    said.filter(has_text="layer 1, head 2, 21 pairs").wait_for()
    viewer.locator(".rx-cells[aria-label='Attention map, layer 1, head 2']").wait_for()
    viewer.locator(".rx-pairs .rx-caption", has_text="21 of 21 pairs").wait_for()
    viewer.get_by_label("Order").select_option("ranked")
    viewer.locator(".rx-heads .rx-caption", has_text="Share of reference pairs").wait_for()
    studio.get_by_label("Threshold", exact=True).fill("0.8")
    said.filter(has_text="layer 1, head 2, 6 pairs").wait_for()
    page.locator(".rx-studio[data-pairs='6']").wait_for()
    with page.expect_download() as waiting:
        studio.get_by_role("button", name="pdf", exact=True).click()
    assert waiting.value.suggested_filename == "trna.pdf"
    for part in (".rx-viewer .rx-cells", ".rx-gallery canvas", ".rx-studio .rx-drawing canvas"):
        assert colours(page, part) > 10
    picture(page, f"host-{host}")


def test_all_heads_of_a_long_rna_appear_at_once(opened):
    """12 x 20 heads of 1,024 nt: at most 2 MB, and 1 s on a machine that does nothing else."""
    page, frames = opened("lab", "large", LARGE, APPEAR)
    painted = page.wait_for_function(
        """() => {
            const map = document.querySelector(".rx-viewer .rx-cells[data-side]");
            const heads = document.querySelector(".rx-gallery canvas");
            return map && heads && heads.width > 300 && Date.now() / 1000;
        }"""
    ).json_value()
    started = float(
        page.locator(".jp-OutputArea", has_text="started").first.inner_text().split()[1]
    )
    size = sum(n for f in frames.values() for when, n in f if started <= when <= painted)
    print(f"12 x 20 heads, 1,024 nt: {size / 1e6:.2f} MB, {painted - started:.2f} s to appear")
    assert size <= 2_000_000
    assert painted - started <= 5  # the goal is 1 s; other work on the machine must not fail it


MOVE = """async (value) => {
    const root = document.querySelector(".rx-studio");
    const input = root.querySelector("input[aria-label='Threshold']");
    const begun = performance.now();
    input.value = value;
    input.dispatchEvent(new Event("input"));
    while (!root.dataset.settings.endsWith(value)) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
}"""


def test_a_slider_of_400_residues_answers_at_once(opened):
    """From the slider to structure, drawing, arcs and scores: the goal is 150 ms."""
    pytest.importorskip("RNA")
    page, _ = opened("lab", "studio", STUDIO)
    page.locator(".rx-studio .rx-cells[data-side]").wait_for()
    settled(page)
    told = {}
    for decoder in ("mea", "nussinov", "greedy", "matching", "threshold"):
        page.get_by_label("Decoder").select_option(decoder)
        page.locator(f".rx-studio[data-settings^='{decoder} ']").wait_for()
        times = []
        for k in range(5, 95, 6):
            times.append(page.evaluate(MOVE, f"{k / 100:.2f}"))
            settled(page)
        told[decoder] = median(times), max(times)
    for decoder, (middle, longest) in told.items():
        print(f"400 nt, {decoder}: median {middle:.0f} ms a change, longest {longest:.0f} ms")
    if os.getloadavg()[0] < (os.cpu_count() or 1) / 2:  # else it is the time of other work
        assert told["mea"][0] <= 450
