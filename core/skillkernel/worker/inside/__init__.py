"""What runs inside the walls beside a skill; standard library alone, and little of it, since each import costs a start."""
