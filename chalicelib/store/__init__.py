"""The ledger in DynamoDB: the only package that talks to the table."""
