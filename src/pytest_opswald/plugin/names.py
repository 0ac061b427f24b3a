"""What a test is called, in its golden and in the name of that."""

from __future__ import annotations

import pytest


def test_id(item: pytest.Item) -> str:
    """The id of a test, whoever runs it.

    Workers of `--dist loadgroup` append the group to it, under pytest 8: `test_it.py::test_a@east`.
    """
    if not getattr(item.config.option, "loadgroup", False):
        return item.nodeid
    groups = {_group(mark) for mark in item.iter_markers("xdist_group")}
    return item.nodeid.removesuffix(f"@{'_'.join(sorted(groups))}") if groups else item.nodeid


def _group(mark: pytest.Mark) -> str:
    return str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))
