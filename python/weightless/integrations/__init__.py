"""Integrations with other libraries; each module requires its library, this one none."""
