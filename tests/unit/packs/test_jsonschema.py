"""The JSON Schema lets an editor accept what the reader accepts and underline what it refuses."""

from pathlib import Path

import jsonschema as validator
import pytest

from zugong.packs import jsonschema
from zugong.packs.loader import library
from zugong.packs.reading import read

PACKS = library(Path(__file__).resolve().parents[3] / "packs")


def plain(value):
    """Turn keys into text, as JSON has no others."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def test_it_is_a_schema():
    validator.Draft202012Validator.check_schema(jsonschema.document())


@pytest.mark.parametrize("pack", sorted(PACKS))
def test_every_section_of_every_pack_fits(pack):
    for path, text in PACKS[pack].items():
        for document in read(path, text)[0]:
            schema = jsonschema.entry(next(iter(document.data)))
            faults = [
                error.message
                for error in validator.Draft202012Validator(schema).iter_errors(plain(document.data))
            ]
            assert not faults, path


@pytest.mark.parametrize(
    "section",
    [
        {"roll": "weak", "label": "名册", "off": "organisation"},
        {"roll": "weak", "label": "名册"},
        {"duty": "x", "label": "义务", "who": "self", "every": "fortnight", "asks": ["income"]},
        {
            "link": "x",
            "label": "联系",
            "kinds": {"a": {"from": "self", "to": "self", "each_to": {"values": {"soon": {}}}}},
        },
    ],
)
def test_what_the_reader_refuses_is_underlined(section):
    kind = next(iter(section))
    assert not validator.Draft202012Validator(jsonschema.entry(kind)).is_valid(section)


def test_a_variant_need_not_say_everything():
    variant = {"link": "supporter", "like": "supporter", "kinds": {"leader": {"label": "市级包保领导"}}}
    assert validator.Draft202012Validator(jsonschema.entry("link")).is_valid(variant)
    misspelt = variant | {"kinds": {"leader": {"lable": "市级包保领导"}}}
    assert not validator.Draft202012Validator(jsonschema.entry("link")).is_valid(misspelt)


def test_an_unknown_kind_has_no_schema():
    with pytest.raises(KeyError):
        jsonschema.entry("rol")
