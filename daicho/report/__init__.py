"""What people read: the core's objects as tables, JSON and CSV. Nothing here changes anything."""
