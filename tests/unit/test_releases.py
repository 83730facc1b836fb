"""A release is no larger than AWS takes, linted twice, and says how it was made."""

import json
import zipfile
from pathlib import Path

import pytest
from local.cloud.package import Package
from local.deployment.errors import LintError, TooLargeError
from local.deployment.release import Size, check_sizes, make_release
from local.deployment.stage_file import StageFile

STAGE = StageFile("dev", "eu-central-1", "111122223333", {"Stage": "dev"}, {})
TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"Stage": {"Type": "String"}},
    "Resources": {
        "Work": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.work",
                "CodeUri": "./deployment.zip",
                "Role": "arn:aws:iam::111122223333:role/work",
                "Environment": {"Variables": {"STAGE": {"Ref": "Stage"}}},
            },
        }
    },
    "Outputs": {"Name": {"Value": {"Ref": "Work"}}},
}


def packaged(folder: Path, template: object = TEMPLATE) -> Package:
    folder.mkdir()
    (folder / "template.json").write_text(json.dumps(template))
    with zipfile.ZipFile(folder / "deployment.zip", "w") as archive:
        archive.writestr("app.py", "x = 1\n")
    return Package(folder / "template.json", folder / "deployment.zip", True)


@pytest.mark.parametrize("size", [Size("archive", 51, 50), Size("resources", 501, 500, "")])
def test_what_aws_does_not_take_is_not_released(size: Size) -> None:
    with pytest.raises(TooLargeError, match=f"{size.what}: {size.found}, at most {size.most}"):
        check_sizes((Size("template", 50, 50), size))


def test_a_release_names_its_archive_by_its_content(tmp_path: Path) -> None:
    release = make_release(tmp_path, STAGE, packaged(tmp_path / "package"))

    manifest = json.loads((tmp_path / "build/dev/manifest.json").read_text())
    template = json.loads((tmp_path / "build/dev/template.json").read_text())
    bucket = "pastdue-artifacts-111122223333-eu-central-1"
    where = f"s3://{bucket}/archives/{manifest['archive']['sha256']}.zip"
    assert template["Resources"]["Work"]["Properties"]["CodeUri"] == where
    assert release.archive_key == where.removeprefix(f"s3://{bucket}/")
    assert release.template_key == f"templates/{manifest['template']['sha256']}.json"
    assert (manifest["revision"], manifest["architecture"]) == ("unknown", "x86_64")
    assert {"python", "chalice", "cfn-lint"} <= set(manifest["versions"])
    transformed = json.loads((tmp_path / "build/dev/transformed.json").read_text())
    assert transformed["Resources"]["Work"]["Type"] == "AWS::Lambda::Function"


def test_a_warning_of_the_linter_stops_a_release(tmp_path: Path) -> None:
    unused = {**TEMPLATE, "Parameters": {"Stage": {"Type": "String"}, "Unused": {"Type": "String"}}}

    with pytest.raises(LintError, match="W2001"):
        make_release(tmp_path, STAGE, packaged(tmp_path / "package", unused))
