"""The life of a change, one module per step: request, plan, approve, run, undo, review."""
