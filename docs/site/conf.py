"""The documentation as a site: the Markdown files of the repository, and the API from docstrings.

Made by `.ci/docs`. The folder of sources is that of the repository, so that every link between
its files also works on the site, and nothing is written twice.
"""

from __future__ import annotations

from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.roles import XRefRole
from sphinx.util.docutils import SphinxRole

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "weightless"
author = "the authors of weightless"
copyright = author
release = version = version_of("weightless-compression")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
include_patterns = ["*.md", "docs/*.md", "docs/api/*.rst"]
root_doc = "README"
default_role = "named"  # single backticks in docstrings

myst_heading_anchors = 4  # links to headings, as they are on a code host
# GitHub's: a link to a heading that does not exist is a warning, and so an error.
myst_enable_extensions = ["strikethrough"]

autodoc_typehints = "none"  # docstrings say the types
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": False}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False  # else each word of "path or bytes" is looked up as a name
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"weightless {release}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}

#: Parts of the site, which the start page, the README, does not list by itself.
PARTS = {
    "Use": ["docs/python", "docs/cluster", "docs/explain", "docs/webassembly", "docs/features"],
    "API": [
        "docs/api/functions",
        "docs/api/classes",
        "docs/api/errors",
        "docs/api/integrations",
    ],
    "Format": ["docs/format", "docs/format_network", "docs/network", "docs/glossary"],
    "Inside": [
        "docs/architecture",
        "docs/add_an_expert",
        "docs/experiments",
        "docs/benchmarks",
        "docs/testing",
        "docs/fuzzing",
    ],
    "Project": ["CHANGELOG", "SECURITY", "CONTRIBUTING"],
}


def add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Add the tables of contents to the start page; code hosts would show them as code."""
    if name == root_doc:
        source[0] += "".join(
            f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(pages) + "\n```\n"
            for title, pages in PARTS.items()
        )


def add_index(app: Sphinx, exception: Exception | None) -> None:
    """Let servers and browsers find the start page under its usual name, too."""
    if exception is None and app.builder.name == "html":
        page = Path(app.outdir, f"{root_doc}.html")
        page.with_name("index.html").write_text(
            f'<!doctype html><meta charset="utf-8"><title>{project}</title>'
            f'<meta http-equiv="refresh" content="0; url={page.name}">'
            f'<a href="{page.name}">{project}</a>\n',
            encoding="utf-8",
        )


class Named(SphinxRole):
    """A name in a docstring: a link if it is public and known, but never for parameters.

    Attributes have the names of parameters, and which one is meant cannot be known.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return what stands for the name."""
        if "." in self.text or self.text[:1].isupper():
            link = XRefRole()
            return link("py:obj", self.rawtext, self.text, self.lineno, self.inliner)
        return [nodes.literal(self.rawtext, self.text)], []


def setup(app: Sphinx) -> None:
    """Register what stands above."""
    app.add_role("named", Named())
    app.connect("source-read", add_contents)
    app.connect("build-finished", add_index)
