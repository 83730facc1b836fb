"""What API Gateway answers by itself, told to the emulator, which does not read it from the template."""

from __future__ import annotations

import json
from typing import Any


def put_answers(apigateway: Any, api_id: str, template: str) -> None:
    """Give an API the gateway responses that the template (JSON) has for it, and deploy it again.

    AWS takes them with the API's definition; the emulator takes them by calls only.
    """
    api = json.loads(template)["Resources"]["RestAPI"]["Properties"]
    for kind, answer in api["GatewayResponses"].items():
        headers = answer["ResponseParameters"]["Headers"]
        apigateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            statusCode=answer["StatusCode"],
            responseParameters={
                f"gatewayresponse.header.{name}": value for name, value in headers.items()
            },
            responseTemplates=answer["ResponseTemplates"],
        )
    apigateway.create_deployment(restApiId=api_id, stageName=api["StageName"])
