"""The files of `infra/` make one template, and none takes the place of what another one says."""

from pathlib import Path

import pytest
from local.cloud.errors import PackageError
from local.cloud.templates import put_together


def written(folder: Path, **texts: str) -> list[Path]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return sorted(folder.glob("*.yaml"))


def test_each_section_has_what_every_file_has_in_it(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        a="Resources: {Queue: {Type: AWS::SQS::Queue}}",
        b="Resources: {Topic: {Type: AWS::SNS::Topic}}\nOutputs: {Url: {Value: !Ref Queue}}",
    )

    assert put_together(files) == {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
    }


def test_what_functions_are_told_comes_from_every_file(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        a="Globals: {Function: {Environment: {Variables: {STAGE: dev}}}}",
        b="Globals: {Function: {Environment: {Variables: {TABLE: t}}}}",
    )

    variables = put_together(files)["Globals"]["Function"]["Environment"]["Variables"]
    assert variables == {"STAGE": "dev", "TABLE": "t"}


@pytest.mark.parametrize(
    "text",
    ["Resources: {Queue: {Type: AWS::SQS::Queue}}", "Globals: {Function: {Timeout: 3}}"],
)
def test_the_same_thing_in_two_files_is_refused(tmp_path: Path, text: str) -> None:
    files = written(tmp_path, a=text, b=text)

    with pytest.raises(PackageError, match=r"is in b\.yaml and in another file"):
        put_together(files)
