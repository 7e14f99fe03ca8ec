"""People's accounts: what personnel says becomes the work on the directory and the file server."""
