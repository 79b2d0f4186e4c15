"""Explanations: what each byte cost, what predicted it, and a page that shows it."""
