"""The Chalice application: created here, blueprints registered, nothing else.

In AWS only the API's function imports this module. Every other function imports its own module of
`chalicelib.workers`, which is why those wrap themselves (`chalicelib.workers.handler`) and why
middleware registered here reaches HTTP only.
"""

from chalice.app import Chalice, ConvertToMiddleware

from chalicelib.api import (
    account_list,
    accounts,
    activities,
    agencies,
    agency_docs,
    agency_feed,
    agency_keys,
    agency_money,
    agency_placements,
    agency_reports,
    authorizer,
    cash,
    charges,
    contacts,
    credit_notes,
    disputes,
    docs,
    explain,
    health,
    holds,
    interest,
    invoice_verbs,
    invoices,
    ledger,
    letter_texts,
    notes,
    notices,
    pauses,
    payment_plans,
    payments,
    people,
    placement_verbs,
    placements,
    policies,
    promises,
    release_requests,
    remittances,
    reports,
    runs,
    sending,
    task_verbs,
    tasks,
    timeline,
)
from chalicelib.telemetry import logger
from chalicelib.workers import (
    agency,
    jobs,
    mail,
    mail_events,
    reconcile,
    report,
    sweep,
    sweep_shard,
    uploads,
    work,
)

app = Chalice(app_name="pastdue", configure_logs=False)
app.register_middleware(
    ConvertToMiddleware(
        logger.inject_lambda_context(
            correlation_id_path="requestContext.requestId", clear_state=True
        )
    ),
    "http",
)
MODULES = (
    authorizer,
    account_list,
    accounts,
    activities,
    agencies,
    agency_docs,
    agency_feed,
    agency_keys,
    agency_money,
    agency_placements,
    agency_reports,
    cash,
    charges,
    contacts,
    credit_notes,
    disputes,
    docs,
    explain,
    health,
    holds,
    interest,
    invoice_verbs,
    invoices,
    ledger,
    letter_texts,
    notes,
    notices,
    pauses,
    payment_plans,
    payments,
    people,
    placement_verbs,
    placements,
    policies,
    promises,
    release_requests,
    remittances,
    reports,
    runs,
    sending,
    task_verbs,
    tasks,
    timeline,
    agency,
    jobs,
    mail,
    mail_events,
    reconcile,
    report,
    sweep,
    sweep_shard,
    uploads,
    work,
)
for module in MODULES:
    app.register_blueprint(module.blueprint)
