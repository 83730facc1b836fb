"""What is packaged runs by itself, is the same each time, and holds nothing of this machine."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from chalicelib.flows.policies import shipped_ids
from chalicelib.flows.rates import shipped_rates
from local import sandbox_agency
from local.cloud import archive
from local.cloud.dependencies import dependencies_key
from local.cloud.errors import PackageError, WrongPythonError
from local.cloud.package import CHALICE_STAGE, Package, check_python, package

# No site-packages, no environment of Python's, no current directory: only what was packaged.
ALONE = [sys.executable, "-I", "-S", "-c"]
APP = """
from chalice.app import Chalice
app = Chalice(app_name="small")
@app.lambda_function()
def sweep(event, context): ...
"""
IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
module, name = sys.argv[2].rsplit(".", 1)
assert callable(getattr(importlib.import_module(module), name))
print(" ".join(sorted(sys.modules)))
"""


def handlers(template: dict[str, Any]) -> list[str]:
    return sorted(
        resource["Properties"]["Handler"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    )


def loaded_by(handler: str, unpacked: Path) -> set[str]:
    """The modules that a fresh interpreter has loaded once it has found the handler."""
    done = subprocess.run(
        [*ALONE, IMPORT, str(unpacked), handler],
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"{handler}: {done.stderr}"
    return set(done.stdout.split())


def test_every_handler_imports_from_the_archive_alone(
    template: dict[str, Any], unpacked: Path, project: Path
) -> None:
    names = handlers(template)
    config = json.loads((project / ".chalice/config.json").read_text())

    assert len(names) == len(config["stages"][CHALICE_STAGE]["lambda_functions"])
    for handler in names:
        loaded = loaded_by(handler, unpacked)
        # A worker loads its own module only; the whole app is the API's.
        assert ("app" in loaded) == (handler == "app.app"), handler


def test_the_authorizer_starts_without_what_it_does_not_need(unpacked: Path) -> None:
    loaded = loaded_by("chalicelib.api.authorizer.authz", unpacked)

    assert "chalicelib.api.authorizer" in loaded
    assert {name for name in loaded if name.startswith("chalicelib.core.")} == {
        "chalicelib.core.errors"
    }
    assert loaded & {"pydantic", "pynamodb", "boto3", "jwt", "chalicelib.wiring_ports"} == set()


READS_TOKENS = """
import sys
sys.path.insert(0, sys.argv[1])
from chalicelib import wiring_auth
import jwt, chalicelib.identity.oidc, chalicelib.store.keys_shelf
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
key = generate_private_key(SECP256R1())
token = jwt.encode({"sub": "anna"}, key, "ES256")
print(jwt.decode(token, key.public_key(), ["ES256"]))
"""


def test_tokens_can_be_read_after_the_trimming(unpacked: Path) -> None:
    command = [*ALONE, READS_TOKENS, str(unpacked)]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False, timeout=60)

    assert (done.stdout, done.stderr) == ("{'sub': 'anna'}\n", "")


def test_the_command_line_and_the_tests_are_not_in_the_package(packaged: Package) -> None:
    with zipfile.ZipFile(packaged.archive) as content:
        tops = {name.split("/")[0] for name in content.namelist()}

    assert {"app.py", "chalicelib", "chalice"} <= tops
    assert tops & archive.NEVER_PACKAGED == set()


def test_the_shipped_policies_and_rates_are_in_the_package(packaged: Package) -> None:
    with zipfile.ZipFile(packaged.archive) as content:
        names = set(content.namelist())

    assert {f"chalicelib/policies/{policy}.toml" for policy in shipped_ids()} <= names
    assert {f"chalicelib/policies/rates/{table}.toml" for table in shipped_rates()} <= names


def test_nothing_that_signs_tokens_is_in_the_package(packaged: Package) -> None:
    with zipfile.ZipFile(packaged.archive) as content:
        ours = [name for name in content.namelist() if name.startswith("chalicelib/")]
        sources = [content.read(name).decode() for name in ours if name.endswith(".py")]

    assert [name for name in ours if "signer" in name] == []
    assert any("jwt.decode(" in source for source in sources)
    assert not any("jwt.encode(" in source or "PrivateKey" in source for source in sources)


def test_neither_the_agency_demo_nor_its_sandbox_agency_is_in_the_package(
    packaged: Package,
) -> None:
    with zipfile.ZipFile(packaged.archive) as content:
        names = content.namelist()
        ours = [name for name in names if name.startswith("chalicelib/")]
        sources = [content.read(name).decode() for name in ours if name.endswith(".py")]

    assert any("on_sqs_message" in source for source in sources)
    assert [name for name in names if "agency_demo" in name or "sandbox_agency" in name] == []
    assert not any(sandbox_agency.NAME in source for source in sources)


def test_every_source_is_packaged_with_its_bytecode(packaged: Package) -> None:
    with zipfile.ZipFile(packaged.archive) as content:
        names = set(content.namelist())
    sources = {name for name in names if name.endswith(".py") and name.startswith("chalicelib/")}

    assert sources
    for source in sources:
        folder, _, file = source.rpartition("/")
        tag = sys.implementation.cache_tag
        assert f"{folder}/__pycache__/{file.removesuffix('.py')}.{tag}.pyc" in names


def test_every_aws_client_that_is_built_has_its_model_in_the_package(
    project: Path, unpacked: Path
) -> None:
    built = {
        service
        for path in (project / "chalicelib").rglob("*.py")
        for service in re.findall(r"client\(\s*\"([a-z0-9]+)\"", path.read_text())
    }

    assert "sqs" in built
    for service in built | {"dynamodb"}:  # PynamoDB builds that one
        assert (unpacked / "botocore/data" / service).is_dir(), f"add {service} to AWS_SERVICES"


USES_DATA = """
import sys
sys.path.insert(0, sys.argv[1])
import datetime, zoneinfo, babel.numbers, babel.dates, holidays
new_year = datetime.date(2024, 1, 1)
assert new_year in holidays.country_holidays("DE")
assert new_year in holidays.country_holidays("GB", subdiv="ENG")
assert babel.numbers.format_currency(1234.5, "EUR", locale="de_DE") == "1.234,50\xa0€"
assert babel.dates.format_date(new_year, locale="en_GB") == "1 Jan 2024"
zoneinfo.reset_tzpath(to=())
print(zoneinfo.ZoneInfo("Europe/Berlin").utcoffset(datetime.datetime(2024, 7, 1)))
"""


def test_holidays_amounts_dates_and_zones_survive_the_trimming(unpacked: Path) -> None:
    command = [*ALONE, USES_DATA, str(unpacked)]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False, timeout=60)

    assert (done.stdout, done.stderr) == ("2:00:00\n", "")


PRINTS = """
import sys
sys.path.insert(0, sys.argv[1])
import datetime
from chalicelib.mail.pdf_parts import Paragraph, Sheet
from chalicelib.mail.pdf_sheet import printed
sheet = Sheet(
    title="Past due", language="en", dated_on=datetime.date(2024, 3, 18), is_us_letter=False,
    accent="#1d5c88", tint="#eaf3f9", sender=("Seller",), to=("Zo\u00eb",), eyebrow="Reminder",
    headline="USD 5.00", facts=(("Account", "A1"),), blocks=(Paragraph("Please pay."),), foot="1",
)
print(printed(sheet)[:5].decode())
"""


def test_letters_are_printed_after_the_trimming(unpacked: Path) -> None:
    command = [*ALONE, PRINTS, str(unpacked)]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False, timeout=60)

    assert (done.stdout, done.stderr) == ("%PDF-\n", "")


def project_with(app: str, folder: Path) -> Path:
    """A small project of its own: an app with one rule module and no dependencies."""
    for name in ("chalicelib", ".chalice/policies", "infra"):
        (folder / name).mkdir(parents=True)
    (folder / "app.py").write_text(app)
    (folder / "chalicelib/__init__.py").write_text("")
    (folder / ".chalice/config.json").write_text(
        json.dumps({"version": "2.0", "app_name": "small", "stages": {"stack": {}}})
    )
    (folder / "infra/stack.yaml").write_text("Outputs: {}\n")
    (folder / "requirements.txt").write_text("")
    return folder


def test_the_same_sources_are_packaged_once_and_changed_ones_again(tmp_path: Path) -> None:
    small = project_with(APP, tmp_path / "small")

    first, second = package(small), package(small)
    (small / "chalicelib/rule.py").write_text("DAYS = 15\n")
    third = package(small)

    assert [made.is_new for made in (first, second, third)] == [True, False, True]
    assert first.archive == second.archive
    with zipfile.ZipFile(third.archive) as content:
        assert content.read("chalicelib/rule.py") == b"DAYS = 15\n"


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    made = []
    for name in ("first", "second"):
        folder = tmp_path / name
        (folder / "chalicelib").mkdir(parents=True)
        (folder / "chalicelib/rule.py").write_text("DAYS = {'mon', 'tue', 'wed', 'thu', 'fri'}\n")
        archive.compile_sources(folder)
        archive.write_archive((folder,), tmp_path / f"{name}.zip")
        made.append((tmp_path / f"{name}.zip").read_bytes())

    assert made[0] == made[1]


def test_packages_of_two_copies_at_two_places_are_the_same_bytes(tmp_path: Path) -> None:
    packages = []
    for name in ("one", "a/folder/of/another/name"):
        copy = project_with(APP, tmp_path / name)
        (copy / "chalicelib/rule.py").write_text("DAYS = {'mon', 'tue', 'wed', 'thu', 'fri'}\n")
        packages.append(package(copy))

    first, second = packages
    assert first.archive != second.archive
    assert first.archive.read_bytes() == second.archive.read_bytes()
    assert first.template.read_bytes() == second.template.read_bytes()


def test_dependencies_are_made_again_when_what_makes_them_changes_and_not_else(
    tmp_path: Path,
) -> None:
    small = project_with(APP, tmp_path / "small")
    lock = small / "requirements.txt"

    before = dependencies_key(lock, "x86_64")
    (small / "chalicelib/rule.py").write_text("DAYS = 15\n")
    after_a_change_of_the_app = dependencies_key(lock, "x86_64")
    for_another_processor = dependencies_key(lock, "arm64")
    lock.write_text("tzdata==2030.1\n")

    assert after_a_change_of_the_app == before
    assert len({before, for_another_processor, dependencies_key(lock, "x86_64")}) == 3


ELF_OF_ARM = b"\x7fELF" + bytes(14) + (183).to_bytes(2, "little")


def test_a_wheel_of_another_processor_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rust.abi3.so").write_bytes(ELF_OF_ARM)

    archive.check_architecture(tmp_path, "arm64")
    with pytest.raises(PackageError, match=r"rust\.abi3\.so is not for x86_64"):
        archive.check_architecture(tmp_path, "x86_64")


@pytest.mark.parametrize("stray", ["local/cli.py", "tests/test_rule.py"])
def test_an_archive_refuses_what_belongs_to_this_machine(tmp_path: Path, stray: str) -> None:
    (tmp_path / "in" / stray).parent.mkdir(parents=True)
    (tmp_path / "in" / stray).write_text("")

    with pytest.raises(PackageError, match="must not be in the package"):
        archive.write_archive((tmp_path / "in",), tmp_path / "out.zip")


def test_a_source_that_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text("def broken(:\n")

    with pytest.raises(PackageError, match=r"rule\.py"):
        archive.compile_sources(tmp_path)


@pytest.mark.parametrize(
    ("version", "for_aws", "is_allowed"),
    [
        ((3, 10), False, False),
        ((3, 11), False, True),
        ((3, 12), False, True),
        ((3, 13), False, True),
        ((3, 14), False, False),
        ((3, 11), True, False),
        ((3, 12), True, False),
        ((3, 13), True, True),
    ],
)
def test_aws_gets_packages_of_one_python_only(
    version: tuple[int, int], for_aws: bool, is_allowed: bool
) -> None:
    if is_allowed:
        check_python(version, for_aws=for_aws)
    else:
        with pytest.raises(WrongPythonError, match=f"this is Python {version[0]}.{version[1]}"):
            check_python(version, for_aws=for_aws)


def test_an_app_that_cannot_be_imported_is_not_packaged(tmp_path: Path) -> None:
    broken = project_with("raise RuntimeError('the app is broken')\n", tmp_path / "broken")

    with pytest.raises(PackageError, match="the app is broken"):
        package(broken)

    assert list((broken / "build/package").iterdir()) == []
