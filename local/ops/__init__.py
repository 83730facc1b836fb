"""What an operator does to a deployed stage (`pastdue ops`): over the flows that its API uses."""
