"""The contracts of pyproject.toml hold, and each was seen broken: an import that must not be is named."""

import tomllib
from copy import deepcopy

import pytest
from grimp import ImportGraph, build_graph
from importlinter.configuration import configure
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

from ground import ROOT

OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
KINDS = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "acyclic_siblings": AcyclicSiblingsContract,
}
LADDER, ENGINE, PURE, CYCLES = (contract["name"] for contract in OPTIONS["contracts"])


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    configure()
    return build_graph(
        "zugong",
        include_external_packages=OPTIONS["include_external_packages"],
        exclude_type_checking_imports=OPTIONS["exclude_type_checking_imports"],
        cache_dir=None,
    )


def broken(graph: ImportGraph) -> set[str]:
    """Name the contracts that do not hold."""
    session = {**OPTIONS, "root_packages": ["zugong"]}
    found = set()
    for known in OPTIONS["contracts"]:
        options = {name: str(value) if value is True else value for name, value in known.items()}
        contract = KINDS[known["type"]](known["name"], session_options=session, contract_options=options)
        if not contract.check(deepcopy(graph), verbose=False).kept:
            found.add(known["name"])
    return found


def test_every_contract_holds(graph):
    assert broken(graph) == set()


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("zugong.registry.models", "zugong.cases.models", LADDER),
        ("zugong.rules.judge", "zugong.registry.models", LADDER),
        ("zugong.core.clock", "zugong.packs.loader", LADDER),
        ("zugong.web.frame.views", "zugong.config.settings", LADDER),
        ("zugong.cli.site", "zugong.web.context", LADDER),
        ("zugong.rules.judge", "zugong.measures.guards", LADDER),
        ("zugong.cases.rules", "zugong.cases.models", ENGINE),
        ("zugong.duties.models", "zugong.duties.actions", ENGINE),
        ("zugong.packs.loader", "django", PURE),
        ("zugong.cases.rules", "django", PURE),
        ("zugong.scorecards.methods.ratio", "psycopg", PURE),
        ("zugong.core.database.address", "zugong.core.database.cluster", CYCLES),
    ],
)
def test_an_import_that_must_not_be_is_found(graph, importer, imported, contract):
    doctored = deepcopy(graph)
    assert {importer, imported} <= doctored.modules
    doctored.add_import(importer=importer, imported=imported, line_number=1, line_contents="import …")
    assert contract in broken(doctored)


def test_a_package_on_no_rung_is_found(graph):
    doctored = deepcopy(graph)
    doctored.add_module("zugong.elsewhere")
    assert broken(doctored) == {LADDER}


def test_every_engine_with_the_six_words_is_under_their_contract(graph):
    (engine,) = (contract for contract in OPTIONS["contracts"] if contract["name"] == ENGINE)
    with_models = {
        module.rpartition(".")[0]
        for module in graph.modules
        if module.count(".") == 2 and module.endswith((".models", ".powers", ".facts"))
    }
    assert with_models <= set(engine["containers"])
