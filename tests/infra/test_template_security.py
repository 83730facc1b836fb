"""What docs/security.md claims of the template, read from it."""

from typing import Any

from local.cloud.package import Package

from tests.style import rules

Template = dict[str, Any]
RATE, BURST = 100, 200  # calls a second, and at once, of a whole stage


def only(template: Template, kind: str) -> dict[str, Any]:
    [found] = [one for one in template["Resources"].values() if one["Type"] == kind]
    properties: dict[str, Any] = found["Properties"]
    return properties


def test_letters_leave_by_tls_or_not_at_all(template: Template) -> None:
    assert only(template, "AWS::SES::ConfigurationSet")["DeliveryOptions"] == {
        "TlsPolicy": "REQUIRE"
    }


def test_every_function_sends_with_the_set_that_requires_tls(template: Template) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]

    assert variables["CONFIGURATION_SET"] == {"Ref": "ConfigurationSet"}


def test_the_stages_key_is_rotated(template: Template) -> None:
    assert only(template, "AWS::KMS::Key")["EnableKeyRotation"] is True


def test_the_gateway_limits_the_calls_of_every_route(template: Template) -> None:
    assert template["Resources"]["RestAPI"]["Properties"]["MethodSettings"] == [
        {
            "ResourcePath": "/*",
            "HttpMethod": "*",
            "ThrottlingRateLimit": RATE,
            "ThrottlingBurstLimit": BURST,
        }
    ]
    assert "THROTTLED" in template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]


def test_the_packaged_template_holds_no_secret(packaged: Package) -> None:
    text = packaged.template.read_text()

    assert "Resources" in text
    assert list(rules.secrets(text)) == []
