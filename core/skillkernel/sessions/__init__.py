"""A request's life: model, calls, results, answer."""
