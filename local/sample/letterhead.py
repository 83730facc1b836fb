"""Who writes the sample's letters: an invented seller, how to pay it, and its collectors."""

from __future__ import annotations

import json

LETTERHEAD = json.dumps(
    {
        "seller": {
            "name": "Harbor & Pine Supply Co.",
            "address_lines": ["400 Wharf Street", "Portland, OR 97204"],
            "phone": "+1 503 555 0142",
        },
        "payment": [
            {"label": "Bank", "value": "First Example Bank"},
            {"label": "Account number", "value": "0045 7711 02"},
            {"label": "Routing number", "value": "000000000"},
        ],
        "people": {
            "junior": {"name": "Dana Reyes", "email": "dana.reyes@seller.example",
                       "phone": "+1 503 555 0143"},
            "senior": {"name": "Mika Olsen", "email": "mika.olsen@seller.example",
                       "phone": "+1 503 555 0144"},
            "manager": {"name": "Lee Carver", "email": "lee.carver@seller.example",
                        "phone": "+1 503 555 0145"},
        },
    },
    indent=1,
).encode()  # fmt: skip
