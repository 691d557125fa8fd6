"""Every figure as an object: it travels, is restyled, and leaves everything else as it was."""

from __future__ import annotations

import json
import subprocess
import sys

import plotly.graph_objects as go
import pytest
from plotly import io

import rnaexplore as rx

NAMES = sorted(rx.px.__all__)


@pytest.fixture(params=NAMES)
def figure(request, call):
    return call(rx.px, request.param)


def test_a_figure_survives_the_way_through_dict_and_json(figure):
    told = figure.to_dict()
    assert go.Figure(told).to_dict() == told
    assert json.loads(io.from_json(figure.to_json()).to_json()) == json.loads(figure.to_json())


def test_numbers_travel_as_typed_arrays(figure):
    """No list of more than a few hundred numbers is spelled out."""

    def lists(value):
        if isinstance(value, dict):
            for one in value.values():
                yield from lists(one)
        elif isinstance(value, list | tuple):
            if len(value) > 300 and all(isinstance(one, int | float) for one in value):
                yield value
            for one in value:
                yield from lists(one)

    assert list(lists(figure.to_dict()["data"])) == []


def test_a_figure_is_restyled_without_breaking(figure):
    n = len(figure.data)
    figure.update_layout(template="rnaexplore+dark", title="Mine", width=800, showlegend=False)
    figure.update_traces(opacity=0.5, hoverinfo="skip", hovertemplate=None)
    assert len(figure.data) == n
    assert figure.layout.title.text == "Mine"
    assert figure.layout.template.layout.paper_bgcolor == "#15181D"
    assert all(trace.opacity == 0.5 for trace in figure.data)
    assert go.Figure(figure.to_dict()).to_dict() == figure.to_dict()


def test_figures_say_what_is_under_the_mouse(figure):
    told = [t.hovertemplate for t in figure.data if t.hovertemplate]
    assert told
    assert all(template.endswith("<extra></extra>") for template in told)


def test_figures_are_in_our_template_and_the_default_stays(call):
    before = io.templates.default
    light = call(rx.px, "history").layout.template.layout
    assert light.paper_bgcolor == "#FFFFFF"
    assert io.templates.default == before == "plotly"
    dark = io.templates["rnaexplore+dark"].layout
    assert (dark.paper_bgcolor, dark.font.size) == ("#15181D", light.font.size)


def test_templates_are_registered_by_the_first_figure_and_not_by_an_import():
    code = (
        "import plotly.io as io, pandas as pd, rnaexplore as rx;"
        "rx.px; print('rnaexplore' in io.templates);"
        "rx.px.similarity(pd.DataFrame([[1.0]])); print('rnaexplore' in io.templates)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "True"]


def test_a_template_of_the_same_name_that_the_user_made_is_kept():
    code = (
        "import plotly.io as io, plotly.graph_objects as go, pandas as pd, rnaexplore as rx;"
        "io.templates['rnaexplore'] = go.layout.Template(layout={'font': {'size': 31}});"
        "print(rx.px.similarity(pd.DataFrame([[1.0]])).layout.template.layout.font.size)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "31"


def test_importing_px_imports_no_plotly():
    code = "import sys; import rnaexplore.px; print('plotly' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_without_kaleido_an_export_says_what_to_install():
    code = (
        "import sys; sys.modules['kaleido'] = None\n"
        "import pandas as pd, rnaexplore as rx\n"
        "try: rx.px.similarity(pd.DataFrame([[1.0]])).write_image('figure.svg')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install" in found.stdout
    assert "kaleido" in found.stdout


def test_figures_need_no_matplotlib_nor_torch():
    code = (
        "import sys, pandas as pd, rnaexplore as rx; rx.px.similarity(pd.DataFrame([[1.0]]));"
        "print(sorted({'matplotlib', 'torch', 'seaborn'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
